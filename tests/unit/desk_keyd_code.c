/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_work for the desk: nobody logs in without a code, a code is good
 * once, and an administrator has nothing opened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <liboath/oath.h>

#include <cmocka.h>

#include "base/frame.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"
#include "desk/totp.h"
#include "tests/lib/tempdir.h"

#define IDLE_MS  UINT64_C(60000)
#define OUT_ROOM (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)
#define STEP_MS  UINT64_C(30000)

static char *dir;
static uint8_t epoch[32], intake[64];
static struct ring_account accounts[3];
static uint64_t now_ms = 1000;
static int64_t now_s = 1795305600;
static struct buf out;

static const struct {
	const char *name;
	const char *passphrase;
	enum ring_role role;
} people[3] = {
	{ "sok", "first", RING_SUPERVISOR },
	{ "dara", "second", RING_OFFICER },
	{ "vanna", "third", RING_ADMINISTRATOR },
};

static int set_up(void **state)
{
	struct ring *ring = NULL;
	uint8_t key[64], public_key[32];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(totp_start(), TL_OK);
	dir = tempdir_make();
	assert_int_equal(
	    ring_new("sok", bytes_str("first"), pwhash_least, &ring), TL_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    ring_officer_set(ring, people[i].name, people[i].role,
			bytes_str(people[i].passphrase), pwhash_least),
		    TL_OK);
		assert_int_equal(
		    ring_officer_account(ring, i, &accounts[i]), TL_OK);
	}
	assert_int_equal(ring_add(ring, 1000, 2000, epoch), TL_OK);
	assert_int_equal(
	    ring_save(ring, tempdir_path(dir, "team.ring"), false), TL_OK);
	ring_free(ring);
	keyfile_new_pair(key, public_key);
	assert_int_equal(keyfile_save(tempdir_path(dir, "receipt.key"),
			     KEY_RECEIPT_SIGN, key),
	    TL_OK);
	keyfile_new_pair(intake, public_key);
	buf_init(&out, OUT_ROOM);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	tempdir_remove(dir);
	return 0;
}

/* Started now; a minute later its first codes are right. */
static struct keyd *make_keyd(void)
{
	char ring[256], receipt[256];
	const struct keyd_opts opts = {
		.ring = ring,
		.receipt_key = receipt,
		.idle_ms = IDLE_MS,
		.needs_code = true,
		.now_s = now_s,
	};
	struct keyd *keyd = NULL;

	(void)snprintf(ring, sizeof(ring), "%s/team.ring", dir);
	(void)snprintf(receipt, sizeof(receipt), "%s/receipt.key", dir);
	assert_int_equal(keyd_new(&opts, &keyd), TL_OK);
	return keyd;
}

static void pass_ms(uint64_t ms)
{
	now_ms += ms;
	now_s += (int64_t)(ms / 1000);
}

/* The code that the telephone of this one shows, so many steps from now. */
static void show(size_t who, int steps, char code[static 7])
{
	assert_int_equal(
	    oath_totp_generate((const char *)accounts[who].totp,
		RING_TOTP_BYTES, (time_t)(now_s + steps * 30), 30, 0, 6, code),
	    OATH_OK);
}

static enum tl_err give(struct keyd *keyd, struct frame *ret)
{
	struct buf asked = out;
	struct frame frame;
	enum tl_err err;

	buf_init(&out, OUT_ROOM);
	assert_int_equal(
	    frame_get(asked.data, asked.len, FRAME_FROM_DESK, &frame), TL_OK);
	err = keyd_answer(keyd, &frame, now_ms, now_s, &out);
	buf_free(&asked);
	if (err == TL_OK) {
		assert_int_equal(
		    frame_get(out.data, out.len, FRAME_FROM_KEYD, ret), TL_OK);
	}
	return err;
}

static struct keyd_unlocked_as try(struct keyd *keyd, const char *name,
    const char *passphrase, const char *code)
{
	const struct keyd_unlock ask = { .name = bytes_str(name),
		.passphrase = bytes_str(passphrase),
		.code = bytes_str(code) };
	struct keyd_unlocked_as as = { .result = KEYD_FAILING };
	struct frame frame;

	buf_reset(&out);
	keyd_put_unlock(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_unlocked(&frame, &as), TL_OK);
	return as;
}

static struct keyd_unlocked_as log_in(
    struct keyd *keyd, size_t who, const char *code)
{
	return try(keyd, people[who].name, people[who].passphrase, code);
}

static uint8_t open_tip(struct keyd *keyd, const uint8_t *token)
{
	const struct seal_content content = { .report = bytes_str("a tip") };
	const uint8_t id[16] = { 7 };
	struct sealer *sealer = NULL;
	struct keyd_open ask = { .token = { 0 } };
	struct keyd_opened opened;
	struct buf envelope;
	struct frame frame;

	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])epoch, 1, intake, &sealer), TL_OK);
	assert_int_equal(sealer_seal(sealer, id, &content, &envelope), TL_OK);
	sealer_free(sealer);
	memcpy(ask.token, token, sizeof(ask.token));
	ask.envelope = bytes_of(envelope.data, envelope.len);
	buf_reset(&out);
	keyd_put_open(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_opened(&frame, &opened), TL_OK);
	buf_free(&envelope);
	return opened.result;
}

static void nobody_logs_in_without_the_right_code(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_unlocked_as as;
	const uint8_t none[16] = { 0 };
	char code[7], other[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(1, 0, code);
	show(0, 0, other);
	as = log_in(keyd, 1, "");
	assert_int_equal(as.result, KEYD_WRONG);
	as = log_in(keyd, 1, other);
	assert_int_equal(as.result, KEYD_WRONG);
	assert_memory_equal(as.token, none, sizeof(none));
	as = try(keyd, "dara", "first", code);
	assert_int_equal(as.result, KEYD_WRONG);
	as = try(keyd, "nobody", "second", code);
	assert_int_equal(as.result, KEYD_WRONG);
	as = log_in(keyd, 1, code);
	assert_int_equal(as.result, KEYD_UNLOCKED);
	assert_int_equal(as.role, KEYD_OFFICER);
	assert_int_equal(open_tip(keyd, as.token), ENVELOPE_FINE);
	keyd_free(keyd);
}

static void a_wrong_code_leaves_the_keys_locked(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_unlocked_as as;
	uint8_t guess[16] = { 0 };

	(void)state;
	pass_ms(2 * STEP_MS);
	as = log_in(keyd, 0, "000000");
	assert_int_equal(as.result, KEYD_WRONG);
	assert_int_equal(open_tip(keyd, guess), KEYD_NO_SESSION);
	assert_int_equal(keyd_next_ms(keyd, now_ms), KEYD_NEVER_MS);
	keyd_free(keyd);
}

static void a_code_is_good_for_one_log_in(void **state)
{
	struct keyd *keyd = make_keyd();
	char code[7], next[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(0, 0, code);
	show(0, 1, next);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_UNLOCKED);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_WRONG);
	assert_int_equal(log_in(keyd, 0, next).result, KEYD_UNLOCKED);
	/* nor the earlier one, now that the later was used */
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_WRONG);
	pass_ms(STEP_MS);
	assert_int_equal(log_in(keyd, 0, next).result, KEYD_WRONG);
	/* another's codes are another's */
	show(1, 0, code);
	assert_int_equal(log_in(keyd, 1, code).result, KEYD_UNLOCKED);
	keyd_free(keyd);
}

static void a_code_of_before_the_start_is_refused(void **state)
{
	struct keyd *keyd = make_keyd();
	char code[7];

	(void)state;
	show(0, -1, code);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_WRONG);
	show(0, 0, code);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_WRONG);
	pass_ms(STEP_MS);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_WRONG);
	show(0, 0, code);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_UNLOCKED);
	keyd_free(keyd);
}

static void codes_cannot_be_tried_through(void **state)
{
	struct keyd *keyd = make_keyd();
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(log_in(keyd, 1, "00000x").result, KEYD_WRONG);
	}
	/* not even the right one, for a while */
	show(1, 0, code);
	assert_int_equal(log_in(keyd, 1, code).result, KEYD_WRONG);
	/* who has another passphrase is not slowed */
	show(0, 0, code);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_UNLOCKED);
	pass_ms(4 * STEP_MS);
	show(1, 0, code);
	assert_int_equal(log_in(keyd, 1, code).result, KEYD_UNLOCKED);
	/* a wrong passphrase counts nothing, or anybody could slow anybody */
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(
		    try(keyd, "sok", "wrong", "000000").result, KEYD_WRONG);
	}
	show(0, 0, code);
	assert_int_equal(log_in(keyd, 0, code).result, KEYD_UNLOCKED);
	keyd_free(keyd);
}

static void an_administrator_has_nothing_opened(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_unlocked_as admin, officer;
	struct frame frame;
	uint8_t body[KEYD_TOKEN_BYTES + 32] = { 0 };
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(2, 0, code);
	admin = log_in(keyd, 2, code);
	assert_int_equal(admin.result, KEYD_UNLOCKED);
	assert_int_equal(admin.role, KEYD_ADMINISTRATOR);
	assert_int_equal(open_tip(keyd, admin.token), KEYD_NO_RIGHT);
	show(0, 0, code);
	officer = log_in(keyd, 0, code);
	assert_int_equal(officer.role, KEYD_SUPERVISOR);
	/* nor while somebody else's key is there */
	assert_int_equal(open_tip(keyd, admin.token), KEYD_NO_RIGHT);
	memcpy(body, admin.token, KEYD_TOKEN_BYTES);
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(frame.body[0], KEYD_NO_RIGHT);
	keyd_free(keyd);
}

static void nobody_is_logged_in_for_longer_than_a_shift(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_unlocked_as as;
	char code[7];

	(void)state;
	pass_ms(2 * STEP_MS);
	show(0, 0, code);
	as = log_in(keyd, 0, code);
	for (uint64_t ms = 0; ms + 30000 < KEYD_SHIFT_MS; ms += 30000) {
		pass_ms(30000);
		assert_int_equal(open_tip(keyd, as.token), ENVELOPE_FINE);
	}
	assert_int_equal(keyd_next_ms(keyd, now_ms), 30000);
	pass_ms(30000);
	assert_int_equal(open_tip(keyd, as.token), KEYD_NO_SESSION);
	keyd_free(keyd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_logs_in_without_the_right_code),
		cmocka_unit_test(a_wrong_code_leaves_the_keys_locked),
		cmocka_unit_test(a_code_is_good_for_one_log_in),
		cmocka_unit_test(a_code_of_before_the_start_is_refused),
		cmocka_unit_test(codes_cannot_be_tried_through),
		cmocka_unit_test(an_administrator_has_nothing_opened),
		cmocka_unit_test(nobody_is_logged_in_for_longer_than_a_shift),
	};

	return cmocka_run_group_tests_name(
	    "desk/keyd with codes", tests, set_up, tear_down);
}
