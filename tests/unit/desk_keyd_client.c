/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_client with a keyd that says at one point something else than it
 * should, or ends: whoever asked hears of it, has been given nothing, and asks
 * nothing more.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox.h"
#include "crypto/envelope.h"
#include "crypto/ring.h"
#include "desk/keyd_client.h"
#include "tests/lib/keyd_rig.h"

static struct keyd_rig rig;
static uint8_t epoch[32];
static struct buf sealed; /* a tip */

/* ---- the other process ---------------------------------------------------
 */

enum how {
	FINE,
	CLOSED, /* it ends */
	CUT,    /* in the middle of what it says */
	KILLED, /* for a call that it may not make */
	EMPTY,
	SHORT,
	LONG,
	NOISE,
	OTHER, /* what nobody asked for */
	TWICE,
	HUGE, /* a length that no frame has */
	HOWS,
};

static struct {
	unsigned at; /* which answer; the first is its greeting */
	enum how how;
} bad;

static void say(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		ssize_t n = send(STDIN_FILENO, at, len, MSG_NOSIGNAL);

		if (n <= 0) {
			_exit(0);
		}
		at += n;
		len -= (size_t)n;
	}
}

static void say_frame(
    uint16_t type, const uint8_t *body, size_t keep, size_t len)
{
	struct buf out;

	len = len > frame_max_bytes(type) ? frame_max_bytes(type) : len;
	buf_init(&out, FRAME_HEAD_BYTES + FRAME_RECORD_BYTES);
	frame_put_head(&out, (enum frame_type)type, len);
	for (size_t i = 0; i < len; i++) {
		buf_put_u8(&out, i < keep ? body[i] : 0xa5);
	}
	say(out.data, out.len);
	buf_free(&out);
}

static void say_bad(const struct buf *answer)
{
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 0, 73, 0, 0 };
	uint16_t type = (uint16_t)(answer->data[4] << 8 | answer->data[5]);
	const uint8_t *body = answer->data + FRAME_HEAD_BYTES;
	size_t len = answer->len - FRAME_HEAD_BYTES;

	switch (bad.how) {
	case CUT:
		say(answer->data, answer->len / 2);
		_exit(0);
	case KILLED:
		(void)signal(SIGSYS, SIG_DFL); /* cmocka has it */
		(void)kill(getpid(), SIGSYS);
		_exit(0);
	case EMPTY:
		say_frame(type, body, 0, 0);
		break;
	case SHORT:
		say_frame(type, body, len, len - 1);
		break;
	case LONG:
		say_frame(type, body, len, len + 1);
		break;
	case NOISE:
		say_frame(type, body, 0, len);
		break;
	case OTHER:
		say_frame(FRAME_KEYD_LEFT, body, 0, 4);
		break;
	case TWICE:
		say(answer->data, answer->len);
		say(answer->data, answer->len);
		break;
	case HUGE:
		say(huge, sizeof(huge));
		break;
	case FINE:
	case CLOSED:
	case HOWS:
		_exit(0);
	}
}

static void answer(unsigned n, const struct buf *out)
{
	if (bad.how != FINE && bad.at == n) {
		say_bad(out);
	} else {
		say(out->data, out->len);
	}
}

/* keyd, as far as this goes: it is forked from here, and has the rig's. */
static _Noreturn void be_keyd(void)
{
	static uint8_t in[FRAME_HEAD_BYTES + FRAME_RECORD_BYTES];
	struct frame frame;
	struct buf out;
	size_t len = 0;
	unsigned n = 0;

	buf_init(&out, FRAME_HEAD_BYTES + FRAME_RECORD_BYTES);
	if (keyd_tell(rig.keyd, &out) != TL_OK) {
		_exit(1);
	}
	answer(n++, &out);
	for (;;) {
		ssize_t got = recv(STDIN_FILENO, in + len, sizeof(in) - len, 0);

		if (got <= 0) {
			_exit(0);
		}
		len += (size_t)got;
		if (frame_get(in, len, FRAME_FROM_DESK, &frame) != TL_OK) {
			continue;
		}
		buf_reset(&out);
		if (keyd_answer(rig.keyd, &frame, rig.now_ms, rig.now_s,
			&out) != TL_OK) {
			_exit(1);
		}
		len = 0; /* nothing is asked before this was answered */
		answer(n++, &out);
	}
}

/* The linker turns these to here. */
enum tl_err __wrap_program_beside(const char *name, char *ret_path);
enum tl_err __wrap_program_beside(const char *name, char *ret_path)
{
	assert_string_equal(name, "tipline-keyd");
	ret_path[0] = '\0';
	return TL_OK;
}

int __wrap_execve(const char *path, char *const argv[], char *const envp[]);
int __wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	(void)path;
	(void)argv;
	(void)envp;
	sandbox_close_but(NULL, 0); /* as what is to be closed then */
	be_keyd();
}

/* ---- this one ------------------------------------------------------------ */

static int set_up(void **state)
{
	struct ring *ring;

	(void)state;
	keyd_rig_start(&rig);
	ring = keyd_rig_people();
	rig.now_s = 1500;
	assert_int_equal(ring_add(ring, 1000, 2000, epoch), TL_OK);
	assert_int_equal(ring_save(ring, rig.ring, false), TL_OK);
	ring_free(ring);
	keyd_rig_run(&rig, 60000, false);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, epoch, bytes_str("a tip"), &sealed);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&sealed);
	keyd_rig_stop(&rig);
	return 0;
}

static bool is_end(enum tl_err err)
{
	return err == TL_ECLOSED || err == TL_EFORMAT;
}

/* Each call that there is, in this order; a call gives nothing but with TL_OK,
 * and no noise. */
static enum tl_err open_one(struct keyd_client *client)
{
	struct bytes tip = bytes_of(sealed.data, sealed.len);
	struct keyd_tip opened = { .memory = NULL };
	uint8_t result = 77;
	enum tl_err err = keyd_client_open(client, tip, &result, &opened);

	if (err == TL_OK && result == 0) {
		assert_true(bytes_equal(opened.report, bytes_str("a tip")));
	} else {
		assert_null(opened.memory);
		assert_true(err == TL_OK || result == 77);
	}
	keyd_tip_free(&opened);
	return err;
}

static enum tl_err sign_one(struct keyd_client *client)
{
	const uint8_t id[16] = { 1 }, hash[32] = { 2 };
	uint8_t signature[64], untouched[64];
	enum tl_err err;

	memset(signature, 0x77, sizeof(signature));
	memset(untouched, 0x77, sizeof(untouched));
	err = keyd_client_sign(client, id, hash, signature);
	if (err != TL_OK) {
		assert_memory_equal(signature, untouched, 64);
	}
	return err;
}

static enum tl_err sign_mail(struct keyd_client *client)
{
	const uint8_t hash[32] = { 2 };
	uint8_t signature[64], untouched[64];
	enum tl_err err;

	memset(signature, 0x77, sizeof(signature));
	memset(untouched, 0x77, sizeof(untouched));
	err = keyd_client_sign_mail(client, hash, signature);
	if (err != TL_OK) {
		assert_memory_equal(signature, untouched, 64);
	}
	return err;
}

static enum tl_err reseal_one(struct keyd_client *client)
{
	struct bytes tip = bytes_of(sealed.data, sealed.len);
	uint8_t keys[1][32], result = 77;
	struct buf out;
	enum tl_err err;

	memcpy(keys[0], epoch, sizeof(epoch));
	buf_init(&out, ENVELOPE_MAX_BYTES);
	err = keyd_client_reseal(
	    client, (const uint8_t(*)[32])keys, 1, tip, &result, &out);
	assert_true(err == TL_OK || (result == 77 && out.len == 0));
	buf_free(&out);
	return err;
}

static enum tl_err unlock(struct keyd_client *client)
{
	return keyd_client_unlock(
	    client, bytes_str("dara"), bytes_str("second"));
}

/* How many answers there were that did not end it. */
static unsigned ask_all(struct keyd_client *client)
{
	static enum tl_err (*const calls[])(
	    struct keyd_client * client) = { unlock, open_one, sign_one,
		sign_mail, reseal_one, keyd_client_lock };
	enum tl_err end = TL_OK;
	unsigned n = 0;

	for (size_t i = 0; i < 6; i++) {
		enum tl_err err = calls[i](client);

		if (end != TL_OK) {
			assert_int_equal(err, end);
		} else if (is_end(err)) {
			end = err;
		} else {
			n++;
			assert_true(bad.how != FINE || err == TL_OK);
		}
	}
	return n;
}

static void what_keyd_says_at_any_point_hurts_nobody(void **state)
{
	(void)state;
	for (int how = FINE; how < HOWS; how++) {
		for (unsigned at = 0; at < 7; at++) {
			struct keyd_client *client = NULL;
			enum tl_err err;
			unsigned n = 0;

			bad.how = (enum how)how;
			bad.at = at;
			err = keyd_client_start("f", &client);
			if (how != FINE && at == 0 && how != TWICE) {
				assert_true(how == NOISE || how == LONG ||
				    is_end(err)); /* no state is longer */
			}
			if (err == TL_OK) {
				n = ask_all(client);
				assert_int_equal(keyd_client_end(client),
				    how != KILLED || at == 0);
			} else {
				assert_null(client);
			}
			assert_true(n <= 6 && (how != FINE || n == 6));
			/* where nothing can be read from it */
			if (how == CLOSED || how == CUT || how == KILLED ||
			    how == OTHER || how == HUGE) {
				assert_int_equal(n, at == 0 ? 0 : at - 1);
			}
		}
	}
}

static void what_no_frame_has_room_for_is_not_asked(void **state)
{
	static uint8_t large[FRAME_RECORD_BYTES];
	struct keyd_client *client = NULL;
	struct keyd_tip opened = { .memory = NULL };
	struct buf out;
	uint8_t keys[1][32] = { { 1 } }, result = 77;

	(void)state;
	bad.how = FINE;
	buf_init(&out, 16);
	assert_int_equal(keyd_client_start("f", &client), TL_OK);
	assert_int_equal(keyd_client_officers(client), 3);
	assert_int_equal(keyd_client_open(client,
			     bytes_of(large, sizeof(large)), &result, &opened),
	    TL_ETOOBIG);
	assert_int_equal(keyd_client_reseal(client, (const uint8_t(*)[32])keys,
			     1, bytes_of(large, sizeof(large)), &result, &out),
	    TL_ETOOBIG);
	assert_int_equal(keyd_client_reseal(client, (const uint8_t(*)[32])keys,
			     0, bytes_of(large, 10), &result, &out),
	    TL_EINVAL);
	assert_int_equal(
	    keyd_client_unlock(
		client, bytes_of(large, KEYD_NAME_BYTES + 1), bytes_str("x")),
	    TL_ETOOBIG);
	assert_int_equal(result, 77);
	assert_null(opened.memory);
	assert_int_equal(unlock(client), TL_OK); /* and it goes on */
	assert_int_equal(open_one(client), TL_OK);
	assert_true(keyd_client_end(client));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_keyd_says_at_any_point_hurts_nobody, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_no_frame_has_room_for_is_not_asked, set_up, tear_down),
	};

	return cmocka_run_group_tests_name(
	    "desk/keyd_client", tests, NULL, NULL);
}
