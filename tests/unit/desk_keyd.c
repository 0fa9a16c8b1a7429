/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_work and keyd_talk: who is logged in, and nobody else, has tips
 * opened; the keys go with the last session; every frame that is none is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/envelope_signed.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/mail.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/verify.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"
#include "tests/lib/tempdir.h"

#define IDLE_MS  UINT64_C(60000)
#define OUT_ROOM (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)

static char *dir;
static uint8_t publics[2][32]; /* of two epochs; the first is destroyed */
static uint8_t intake[64], receipt_public[32];
static uint64_t now_ms = 1000;
static struct buf out;

static int set_up(void **state)
{
	struct ring *ring = NULL;
	uint8_t key[64];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	assert_int_equal(
	    ring_new("sok", bytes_str("first"), pwhash_least, &ring), TL_OK);
	assert_int_equal(ring_officer_set(ring, "dara", (enum ring_role)0,
			     bytes_str("second"), pwhash_least),
	    TL_OK);
	assert_int_equal(ring_add(ring, 1000, 2000, publics[0]), TL_OK);
	assert_int_equal(ring_add(ring, 2000, 3000, publics[1]), TL_OK);
	assert_int_equal(ring_destroy(ring, 0, 3000), TL_OK);
	assert_int_equal(
	    ring_save(ring, tempdir_path(dir, "team.ring"), false), TL_OK);
	ring_free(ring);
	keyfile_new_pair(key, receipt_public);
	assert_int_equal(keyfile_save(tempdir_path(dir, "receipt.key"),
			     KEY_RECEIPT_SIGN, key),
	    TL_OK);
	keyfile_new_pair(intake, key);
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

static struct keyd *make_keyd(void)
{
	char ring[256], receipt[256];
	const struct keyd_opts opts = {
		.ring = ring,
		.receipt_key = receipt,
		.idle_ms = IDLE_MS,
	};
	struct keyd *keyd = NULL;

	(void)snprintf(ring, sizeof(ring), "%s/team.ring", dir);
	(void)snprintf(receipt, sizeof(receipt), "%s/receipt.key", dir);
	assert_int_equal(keyd_new(&opts, &keyd), TL_OK);
	return keyd;
}

static void seal(struct buf *envelope, unsigned epoch, struct bytes report)
{
	const struct seal_content content = { .report = report,
		.raw = bytes_str("raw") };
	const uint8_t id[16] = { 7, 7, 7 };
	struct sealer *sealer = NULL;

	assert_int_equal(sealer_new((const uint8_t(*)[32])publics[epoch], 1,
			     intake, &sealer),
	    TL_OK);
	assert_int_equal(sealer_seal(sealer, id, &content, envelope), TL_OK);
	sealer_free(sealer);
}

/* Give keyd the frame in out; its answer is in out afterwards. */
static enum tl_err give(struct keyd *keyd, struct frame *ret)
{
	struct buf asked = out;
	struct frame frame;
	enum tl_err err;

	buf_init(&out, OUT_ROOM);
	assert_int_equal(
	    frame_get(asked.data, asked.len, FRAME_FROM_DESK, &frame), TL_OK);
	err = keyd_answer(keyd, &frame, now_ms, 0, &out);
	buf_free(&asked);
	if (err == TL_OK) {
		assert_int_equal(
		    frame_get(out.data, out.len, FRAME_FROM_KEYD, ret), TL_OK);
	}
	return err;
}

static enum keyd_unlocked unlock(
    struct keyd *keyd, const char *name, const char *passphrase, uint8_t *token)
{
	const struct keyd_unlock ask = { .name = bytes_str(name),
		.passphrase = bytes_str(passphrase) };
	struct keyd_unlocked_as as = { .result = KEYD_FAILING };
	struct frame frame;

	buf_reset(&out);
	keyd_put_unlock(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_unlocked(&frame, &as), TL_OK);
	memcpy(token, as.token, sizeof(as.token));
	return as.result;
}

/* What it says of an envelope; the answer stays in out. */
static struct keyd_opened open_tip(
    struct keyd *keyd, const uint8_t *token, const struct buf *envelope)
{
	struct keyd_open ask = {
		.envelope = bytes_of(envelope->data, envelope->len),
	};
	struct keyd_opened opened;
	struct frame frame;

	memcpy(ask.token, token, sizeof(ask.token));
	buf_reset(&out);
	keyd_put_open(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_opened(&frame, &opened), TL_OK);
	return opened;
}

static struct keyd_state ask_state(struct keyd *keyd)
{
	struct keyd_state told;
	struct frame frame;

	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_ASK, NULL, 0);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_state(&frame, &told), TL_OK);
	return told;
}

static void lock(struct keyd *keyd, const uint8_t *token)
{
	struct frame frame;

	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_LOCK, token, KEYD_TOKEN_BYTES);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_KEYD_STATE);
}

static void a_tip_is_opened_for_who_is_logged_in(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_opened opened;
	uint8_t token[16], other[16] = { 0 };
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	seal(&envelope, 1, bytes_str("a tip"));
	assert_int_equal(
	    open_tip(keyd, other, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(unlock(keyd, "dara", "second", token), KEYD_UNLOCKED);
	opened = open_tip(keyd, token, &envelope);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.id[2], 7);
	assert_true(bytes_equal(opened.report, bytes_str("a tip")));
	assert_true(bytes_equal(opened.raw, bytes_str("raw")));
	assert_int_equal(
	    open_tip(keyd, other, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(ask_state(keyd).opened, 1);
	assert_int_equal(ask_state(keyd).refused, 2);
	assert_int_equal(ask_state(keyd).officers, 2);
	buf_free(&envelope);
	keyd_free(keyd);
}

static void a_destroyed_epoch_and_garbage_have_their_own_names(void **state)
{
	struct keyd *keyd = make_keyd();
	struct buf envelope;
	uint8_t token[16];

	(void)state;
	assert_int_equal(unlock(keyd, "sok", "first", token), KEYD_UNLOCKED);
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	seal(&envelope, 0, bytes_str("too late"));
	assert_int_equal(
	    open_tip(keyd, token, &envelope).result, ENVELOPE_DESTROYED);
	envelope.data[3] ^= 1;
	assert_int_equal(
	    open_tip(keyd, token, &envelope).result, ENVELOPE_MAGIC);
	buf_reset(&envelope);
	assert_int_equal(
	    open_tip(keyd, token, &envelope).result, ENVELOPE_SHORT);
	buf_free(&envelope);
	keyd_free(keyd);
}

static void a_wrong_name_and_a_wrong_passphrase_are_one(void **state)
{
	static const char *const wrong[][2] = {
		{ "sok", "second" },
		{ "dara", "first" },
		{ "nobody", "first" },
		{ "", "first" },
		{ "sok\n", "first" },
		{ "sok", "first " },
	};
	struct keyd *keyd = make_keyd();
	const uint8_t none[16] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t token[16] = { 1 };

		assert_int_equal(
		    unlock(keyd, wrong[i][0], wrong[i][1], token), KEYD_WRONG);
		assert_memory_equal(token, none, sizeof(none));
	}
	assert_int_equal(ask_state(keyd).sessions, 0);
	assert_int_equal(ask_state(keyd).refused, 6);
	keyd_free(keyd);
}

static void the_keys_go_with_the_last_session(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t first[16], second[16];
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	seal(&envelope, 1, bytes_str("a tip"));
	assert_int_equal(unlock(keyd, "sok", "first", first), KEYD_UNLOCKED);
	assert_int_equal(unlock(keyd, "dara", "second", second), KEYD_UNLOCKED);
	assert_memory_not_equal(first, second, 16);
	assert_int_equal(ask_state(keyd).sessions, 2);
	lock(keyd, first);
	lock(keyd, first); /* and once more: nothing */
	assert_int_equal(
	    open_tip(keyd, first, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(
	    open_tip(keyd, second, &envelope).result, ENVELOPE_FINE);
	lock(keyd, second);
	assert_int_equal(ask_state(keyd).sessions, 0);
	assert_int_equal(keyd_next_ms(keyd, now_ms), KEYD_NEVER_MS);
	assert_int_equal(
	    open_tip(keyd, second, &envelope).result, KEYD_NO_SESSION);
	/* and they come back */
	assert_int_equal(unlock(keyd, "sok", "first", first), KEYD_UNLOCKED);
	assert_int_equal(
	    open_tip(keyd, first, &envelope).result, ENVELOPE_FINE);
	buf_free(&envelope);
	keyd_free(keyd);
}

static void who_asks_nothing_is_logged_out(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t idle[16], busy[16];
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	seal(&envelope, 1, bytes_str("a tip"));
	assert_int_equal(keyd_next_ms(keyd, now_ms), KEYD_NEVER_MS);
	assert_int_equal(unlock(keyd, "sok", "first", idle), KEYD_UNLOCKED);
	now_ms += 1000;
	assert_int_equal(unlock(keyd, "dara", "second", busy), KEYD_UNLOCKED);
	assert_int_equal(keyd_next_ms(keyd, now_ms), IDLE_MS - 1000);
	now_ms += IDLE_MS - 1001;
	assert_int_equal(keyd_next_ms(keyd, now_ms), 1);
	assert_int_equal(open_tip(keyd, busy, &envelope).result, ENVELOPE_FINE);
	now_ms++;
	assert_int_equal(keyd_next_ms(keyd, now_ms), IDLE_MS - 1);
	assert_int_equal(ask_state(keyd).sessions, 1);
	assert_int_equal(
	    open_tip(keyd, idle, &envelope).result, KEYD_NO_SESSION);
	/* a frame that comes too late, since the host has slept, finds nobody
	 */
	now_ms += IDLE_MS;
	assert_int_equal(
	    open_tip(keyd, busy, &envelope).result, KEYD_NO_SESSION);
	buf_free(&envelope);
	keyd_free(keyd);
}

/* Tips are opened in the name of whoever is there: the others work too. */
static void who_is_said_to_be_at_work_stays(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t idle[16], busy[16];
	struct frame frame;

	(void)state;
	assert_int_equal(unlock(keyd, "sok", "first", idle), KEYD_UNLOCKED);
	assert_int_equal(unlock(keyd, "dara", "second", busy), KEYD_UNLOCKED);
	now_ms += IDLE_MS - 1;
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_ASK, busy, sizeof(busy));
	assert_int_equal(give(keyd, &frame), TL_OK);
	now_ms++;
	assert_int_equal(keyd_next_ms(keyd, now_ms), IDLE_MS - 1);
	assert_int_equal(ask_state(keyd).sessions, 1);
	keyd_free(keyd);
}

static void so_many_can_be_logged_in(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t token[16], first[16];

	(void)state;
	assert_int_equal(unlock(keyd, "sok", "first", first), KEYD_UNLOCKED);
	for (unsigned i = 1; i < KEYD_SESSIONS_MAX; i++) {
		assert_int_equal(
		    unlock(keyd, "sok", "first", token), KEYD_UNLOCKED);
	}
	assert_int_equal(unlock(keyd, "sok", "first", token), KEYD_CROWDED);
	lock(keyd, first);
	assert_int_equal(unlock(keyd, "sok", "first", token), KEYD_UNLOCKED);
	keyd_free(keyd);
}

static void a_thousand_tips_and_the_largest_are_opened(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t token[16];
	uint8_t *report = malloc(ENVELOPE_CONTENT_MAX_BYTES);
	size_t largest = ENVELOPE_CONTENT_MAX_BYTES - 3; /* "raw" */
	struct keyd_opened opened;
	struct buf envelope;

	(void)state;
	assert_non_null(report);
	random_bytes(report, ENVELOPE_CONTENT_MAX_BYTES);
	assert_int_equal(unlock(keyd, "sok", "first", token), KEYD_UNLOCKED);
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	seal(&envelope, 1, bytes_of(report, 4000));
	for (unsigned i = 0; i < 1000; i++) {
		opened = open_tip(keyd, token, &envelope);
		assert_int_equal(opened.result, ENVELOPE_FINE);
		assert_true(bytes_equal(opened.report, bytes_of(report, 4000)));
	}
	assert_int_equal(ask_state(keyd).opened, 1000);
	buf_reset(&envelope);
	seal(&envelope, 1, bytes_of(report, largest));
	opened = open_tip(keyd, token, &envelope);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.report.len, largest);
	buf_free(&envelope);
	free(report);
	keyd_free(keyd);
}

static void receipts_are_signed_though_nobody_is_logged_in(void **state)
{
	const uint8_t id[16] = { 4 }, hash[32] = { 5 };
	struct keyd *keyd = make_keyd();
	struct frame frame;

	(void)state;
	buf_reset(&out);
	keyd_put_sign(&out, id, hash);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(frame.body_len, 64);
	assert_int_equal(
	    receipt_verify(receipt_public, id, hash, frame.body), TL_OK);
	keyd_free(keyd);
}

static void a_tip_is_sealed_again_without_being_shown(void **state)
{
	struct keyd *keyd = make_keyd();
	struct keyd_reseal ask = { .n_keys = 1 };
	struct buf envelope, fresh;
	struct envelope parts;
	struct keyd_opened opened;
	struct bytes sealed;
	struct frame frame;
	uint8_t result;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	buf_init(&fresh, ENVELOPE_MAX_BYTES);
	seal(&envelope, 1, bytes_str("a tip"));
	assert_int_equal(
	    unlock(keyd, "sok", "first", ask.token), KEYD_UNLOCKED);
	memcpy(ask.keys[0], publics[1], 32);
	ask.envelope = bytes_of(envelope.data, envelope.len);
	buf_reset(&out);
	keyd_put_reseal(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_resealed(&frame, &result, &sealed), TL_OK);
	assert_int_equal(result, ENVELOPE_FINE);
	buf_put(&fresh, sealed.at, sealed.len);
	assert_int_equal(envelope_read(sealed, &parts), ENVELOPE_FINE);
	/* signed by the desk, in the place of the intake */
	assert_true(envelope_signed_by(
	    &parts, (const uint8_t(*)[32])receipt_public, 1));
	assert_false(
	    envelope_signed_by(&parts, (const uint8_t(*)[32])(intake + 32), 1));
	opened = open_tip(keyd, ask.token, &fresh);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.id[0], 7);
	assert_true(bytes_equal(opened.report, bytes_str("a tip")));
	/* a key of low order is none */
	memset(ask.keys[0], 0, 32);
	buf_reset(&out);
	keyd_put_reseal(&out, &ask);
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(keyd_read_resealed(&frame, &result, &sealed), TL_OK);
	assert_int_equal(result, KEYD_NO_RESEAL);
	assert_int_equal(sealed.len, 0);
	buf_free(&envelope);
	buf_free(&fresh);
	keyd_free(keyd);
}

static void mail_is_signed_for_who_is_logged_in(void **state)
{
	struct keyd *keyd = make_keyd();
	uint8_t mail[MAIL_DELETION_BYTES];
	uint8_t body[KEYD_TOKEN_BYTES + 32] = { 0 };
	const struct mail_head head = {
		.mailbox = (const uint8_t *)"of this mailbox!",
		.id = (const uint8_t *)"under this id !!",
	};
	struct frame frame;

	(void)state;
	mail_delete(&head, mail);
	mail_hash(mail, sizeof(mail), body + KEYD_TOKEN_BYTES);
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_KEYD_MAILED);
	assert_int_equal(frame.body_len, 65);
	assert_int_equal(frame.body[0], KEYD_NO_SESSION);
	for (size_t i = 1; i < 65; i++) {
		assert_int_equal(frame.body[i], 0);
	}
	assert_int_equal(unlock(keyd, "sok", "first", body), KEYD_UNLOCKED);
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_OK);
	assert_int_equal(frame.body[0], 0);
	memcpy(mail_signature(mail, sizeof(mail)), frame.body + 1, 64);
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), receipt_public), TL_OK);
	keyd_free(keyd);
}

static void a_body_of_another_length_is_refused(void **state)
{
	static const struct {
		enum frame_type type;
		size_t len; /* exactly, or at least */
		bool more;
	} rows[] = {
		{ FRAME_KEYD_UNLOCK, 3, true },
		{ FRAME_KEYD_OPEN, 16, true },
		{ FRAME_KEYD_RESEAL, 16 + 1 + 32, true },
		{ FRAME_KEYD_SIGN, 48, false },
		{ FRAME_KEYD_MAIL, 48, false },
		{ FRAME_KEYD_LOCK, 16, false },
	};
	struct keyd *keyd = make_keyd();
	uint8_t body[64] = { 0 };
	struct frame frame;

	(void)state;
	body[16] = 1; /* one key */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t len = 0; len <= rows[i].len; len++) {
			enum tl_err err;

			buf_reset(&out);
			frame_put(&out, rows[i].type, body, len);
			err = give(keyd, &frame);
			assert_int_equal(
			    err, len < rows[i].len ? TL_EFORMAT : TL_OK);
			assert_true(err == TL_OK || out.len == 0);
		}
	}
	/* no key, too many keys, a name that is longer than all */
	body[16] = 0;
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_RESEAL, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_EFORMAT);
	body[16] = 9;
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_RESEAL, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_EFORMAT);
	body[0] = 33;
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_UNLOCK, body, sizeof(body));
	assert_int_equal(give(keyd, &frame), TL_EFORMAT);
	keyd_free(keyd);
}

static void who_is_not_the_desk_is_cut_off(void **state)
{
	struct frame frame;

	(void)state;
	buf_reset(&out);
	frame_put(&out, FRAME_KEYD_ASK, NULL, 0);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_WORKER, &frame),
	    TL_EFORMAT);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_KEYD, &frame), TL_EFORMAT);
	/* longer than its row: refused before a byte of the body */
	buf_reset(&out);
	buf_put_u32(&out, FRAME_RECORD_BYTES + 1);
	buf_put_u16(&out, FRAME_KEYD_OPEN);
	buf_put_u16(&out, 0);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_DESK, &frame), TL_EFORMAT);
}

static void an_envelope_that_no_frame_holds_is_not_sent(void **state)
{
	struct keyd_open ask = { .envelope = bytes_of("", 0) };

	(void)state;
	ask.envelope.len = FRAME_RECORD_BYTES - KEYD_TOKEN_BYTES + 1;
	buf_reset(&out);
	keyd_put_open(&out, &ask);
	assert_int_equal(buf_err(&out), TL_ETOOBIG);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tip_is_opened_for_who_is_logged_in),
		cmocka_unit_test(
		    a_destroyed_epoch_and_garbage_have_their_own_names),
		cmocka_unit_test(a_wrong_name_and_a_wrong_passphrase_are_one),
		cmocka_unit_test(the_keys_go_with_the_last_session),
		cmocka_unit_test(who_asks_nothing_is_logged_out),
		cmocka_unit_test(who_is_said_to_be_at_work_stays),
		cmocka_unit_test(so_many_can_be_logged_in),
		cmocka_unit_test(a_thousand_tips_and_the_largest_are_opened),
		cmocka_unit_test(
		    receipts_are_signed_though_nobody_is_logged_in),
		cmocka_unit_test(a_tip_is_sealed_again_without_being_shown),
		cmocka_unit_test(mail_is_signed_for_who_is_logged_in),
		cmocka_unit_test(a_body_of_another_length_is_refused),
		cmocka_unit_test(who_is_not_the_desk_is_cut_off),
		cmocka_unit_test(an_envelope_that_no_frame_holds_is_not_sent),
	};

	return cmocka_run_group_tests_name(
	    "desk/keyd", tests, set_up, tear_down);
}
