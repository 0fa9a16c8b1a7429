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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/envelope_signed.h"
#include "crypto/mail.h"
#include "crypto/random.h"
#include "crypto/ring.h"
#include "crypto/verify.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"
#include "tests/lib/keyd_rig.h"

#define IDLE_MS UINT64_C(60000)

static struct keyd_rig rig;
static uint8_t publics[2][32]; /* of two epochs; the first is destroyed */

static int set_up(void **state)
{
	struct ring *ring;

	(void)state;
	keyd_rig_start(&rig);
	ring = keyd_rig_people();
	assert_int_equal(ring_add(ring, 1000, 2000, publics[0]), TL_OK);
	assert_int_equal(ring_add(ring, 2000, 3000, publics[1]), TL_OK);
	assert_int_equal(ring_destroy(ring, 0, 3000), TL_OK);
	assert_int_equal(ring_save(ring, rig.ring, false), TL_OK);
	ring_free(ring);
	keyd_rig_run(&rig, IDLE_MS, false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyd_rig_stop(&rig);
	return 0;
}

static enum keyd_unlocked unlock(
    const char *name, const char *passphrase, uint8_t *token)
{
	struct keyd_unlocked_as as =
	    keyd_rig_unlock(&rig, name, passphrase, "");

	memcpy(token, as.token, sizeof(as.token));
	return as.result;
}

static struct keyd_state ask_state(void)
{
	struct keyd_state told;
	struct frame frame;

	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_ASK, NULL, 0);
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(keyd_read_state(&frame, &told), TL_OK);
	return told;
}

static void lock(const uint8_t *token)
{
	struct frame frame;

	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_LOCK, token, KEYD_TOKEN_BYTES);
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_KEYD_STATE);
}

static void a_tip_is_opened_for_who_is_logged_in(void **state)
{
	struct keyd_opened opened;
	uint8_t token[16], other[16] = { 0 };
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, publics[1], bytes_str("a tip"), &envelope);
	assert_int_equal(
	    keyd_rig_open(&rig, other, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(unlock("dara", "second", token), KEYD_UNLOCKED);
	opened = keyd_rig_open(&rig, token, &envelope);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.id[2], 7);
	assert_true(bytes_equal(opened.report, bytes_str("a tip")));
	assert_true(bytes_equal(opened.raw, bytes_str("raw")));
	assert_int_equal(
	    keyd_rig_open(&rig, other, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(ask_state().opened, 1);
	assert_int_equal(ask_state().refused, 2);
	assert_int_equal(ask_state().officers, 3);
	buf_free(&envelope);
}

static void a_destroyed_epoch_and_garbage_have_their_own_names(void **state)
{
	struct buf envelope;
	uint8_t token[16];

	(void)state;
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, publics[0], bytes_str("too late"), &envelope);
	assert_int_equal(
	    keyd_rig_open(&rig, token, &envelope).result, ENVELOPE_DESTROYED);
	envelope.data[3] ^= 1;
	assert_int_equal(
	    keyd_rig_open(&rig, token, &envelope).result, ENVELOPE_MAGIC);
	buf_reset(&envelope);
	assert_int_equal(
	    keyd_rig_open(&rig, token, &envelope).result, ENVELOPE_SHORT);
	buf_free(&envelope);
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
	const uint8_t none[16] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t token[16] = { 1 };

		assert_int_equal(
		    unlock(wrong[i][0], wrong[i][1], token), KEYD_WRONG);
		assert_memory_equal(token, none, sizeof(none));
	}
	assert_int_equal(ask_state().sessions, 0);
	assert_int_equal(ask_state().refused, 6);
}

static void the_keys_go_with_the_last_session(void **state)
{
	uint8_t first[16], second[16];
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, publics[1], bytes_str("a tip"), &envelope);
	assert_int_equal(unlock("sok", "first", first), KEYD_UNLOCKED);
	assert_int_equal(unlock("dara", "second", second), KEYD_UNLOCKED);
	assert_memory_not_equal(first, second, 16);
	assert_int_equal(ask_state().sessions, 2);
	lock(first);
	lock(first); /* and once more: nothing */
	assert_int_equal(
	    keyd_rig_open(&rig, first, &envelope).result, KEYD_NO_SESSION);
	assert_int_equal(
	    keyd_rig_open(&rig, second, &envelope).result, ENVELOPE_FINE);
	lock(second);
	assert_int_equal(ask_state().sessions, 0);
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), KEYD_NEVER_MS);
	assert_int_equal(
	    keyd_rig_open(&rig, second, &envelope).result, KEYD_NO_SESSION);
	/* and they come back */
	assert_int_equal(unlock("sok", "first", first), KEYD_UNLOCKED);
	assert_int_equal(
	    keyd_rig_open(&rig, first, &envelope).result, ENVELOPE_FINE);
	buf_free(&envelope);
}

static void who_asks_nothing_is_logged_out(void **state)
{
	uint8_t idle[16], busy[16];
	struct buf envelope;

	(void)state;
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, publics[1], bytes_str("a tip"), &envelope);
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), KEYD_NEVER_MS);
	assert_int_equal(unlock("sok", "first", idle), KEYD_UNLOCKED);
	rig.now_ms += 1000;
	assert_int_equal(unlock("dara", "second", busy), KEYD_UNLOCKED);
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), IDLE_MS - 1000);
	rig.now_ms += IDLE_MS - 1001;
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), 1);
	assert_int_equal(
	    keyd_rig_open(&rig, busy, &envelope).result, ENVELOPE_FINE);
	rig.now_ms++;
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), IDLE_MS - 1);
	assert_int_equal(ask_state().sessions, 1);
	assert_int_equal(
	    keyd_rig_open(&rig, idle, &envelope).result, KEYD_NO_SESSION);
	/* a frame that comes too late, since the host has slept, finds nobody
	 */
	rig.now_ms += IDLE_MS;
	assert_int_equal(
	    keyd_rig_open(&rig, busy, &envelope).result, KEYD_NO_SESSION);
	buf_free(&envelope);
}

/* Tips are opened in the name of whoever is there: the others work too. */
static void who_is_said_to_be_at_work_stays(void **state)
{
	uint8_t idle[16], busy[16];
	struct frame frame;

	(void)state;
	assert_int_equal(unlock("sok", "first", idle), KEYD_UNLOCKED);
	assert_int_equal(unlock("dara", "second", busy), KEYD_UNLOCKED);
	rig.now_ms += IDLE_MS - 1;
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_ASK, busy, sizeof(busy));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	rig.now_ms++;
	assert_int_equal(keyd_next_ms(rig.keyd, rig.now_ms), IDLE_MS - 1);
	assert_int_equal(ask_state().sessions, 1);
}

static void so_many_can_be_logged_in(void **state)
{
	uint8_t token[16], first[16];

	(void)state;
	assert_int_equal(unlock("sok", "first", first), KEYD_UNLOCKED);
	for (unsigned i = 1; i < KEYD_SESSIONS_MAX; i++) {
		assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
	}
	assert_int_equal(unlock("sok", "first", token), KEYD_CROWDED);
	lock(first);
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
}

static void a_thousand_tips_and_the_largest_are_opened(void **state)
{
	uint8_t token[16];
	uint8_t *report = malloc(ENVELOPE_CONTENT_MAX_BYTES);
	size_t largest = ENVELOPE_CONTENT_MAX_BYTES - 3; /* "raw" */
	struct keyd_opened opened;
	struct buf envelope;

	(void)state;
	assert_non_null(report);
	random_bytes(report, ENVELOPE_CONTENT_MAX_BYTES);
	assert_int_equal(unlock("sok", "first", token), KEYD_UNLOCKED);
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(&rig, publics[1], bytes_of(report, 4000), &envelope);
	for (unsigned i = 0; i < 1000; i++) {
		opened = keyd_rig_open(&rig, token, &envelope);
		assert_int_equal(opened.result, ENVELOPE_FINE);
		assert_true(bytes_equal(opened.report, bytes_of(report, 4000)));
	}
	assert_int_equal(ask_state().opened, 1000);
	buf_reset(&envelope);
	keyd_rig_seal(&rig, publics[1], bytes_of(report, largest), &envelope);
	opened = keyd_rig_open(&rig, token, &envelope);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.report.len, largest);
	buf_free(&envelope);
	free(report);
}

static void receipts_are_signed_though_nobody_is_logged_in(void **state)
{
	const uint8_t id[16] = { 4 }, hash[32] = { 5 };
	struct frame frame;

	(void)state;
	buf_reset(&rig.out);
	keyd_put_sign(&rig.out, id, hash);
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(frame.body_len, 64);
	assert_int_equal(
	    receipt_verify(rig.receipt_public, id, hash, frame.body), TL_OK);
}

static void a_tip_is_sealed_again_without_being_shown(void **state)
{
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
	keyd_rig_seal(&rig, publics[1], bytes_str("a tip"), &envelope);
	assert_int_equal(unlock("sok", "first", ask.token), KEYD_UNLOCKED);
	memcpy(ask.keys[0], publics[1], 32);
	ask.envelope = bytes_of(envelope.data, envelope.len);
	buf_reset(&rig.out);
	keyd_put_reseal(&rig.out, &ask);
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(keyd_read_resealed(&frame, &result, &sealed), TL_OK);
	assert_int_equal(result, ENVELOPE_FINE);
	buf_put(&fresh, sealed.at, sealed.len);
	assert_int_equal(envelope_read(sealed, &parts), ENVELOPE_FINE);
	/* signed by the desk, in the place of the intake */
	assert_true(envelope_signed_by(
	    &parts, (const uint8_t(*)[32])rig.receipt_public, 1));
	assert_false(envelope_signed_by(
	    &parts, (const uint8_t(*)[32])(rig.intake + 32), 1));
	opened = keyd_rig_open(&rig, ask.token, &fresh);
	assert_int_equal(opened.result, ENVELOPE_FINE);
	assert_int_equal(opened.id[0], 7);
	assert_true(bytes_equal(opened.report, bytes_str("a tip")));
	/* a key of low order is none */
	memset(ask.keys[0], 0, 32);
	buf_reset(&rig.out);
	keyd_put_reseal(&rig.out, &ask);
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(keyd_read_resealed(&frame, &result, &sealed), TL_OK);
	assert_int_equal(result, KEYD_NO_RESEAL);
	assert_int_equal(sealed.len, 0);
	buf_free(&envelope);
	buf_free(&fresh);
}

static void mail_is_signed_for_who_is_logged_in(void **state)
{
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
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_KEYD_MAILED);
	assert_int_equal(frame.body_len, 65);
	assert_int_equal(frame.body[0], KEYD_NO_SESSION);
	for (size_t i = 1; i < 65; i++) {
		assert_int_equal(frame.body[i], 0);
	}
	assert_int_equal(unlock("sok", "first", body), KEYD_UNLOCKED);
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_MAIL, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_OK);
	assert_int_equal(frame.body[0], 0);
	memcpy(mail_signature(mail, sizeof(mail)), frame.body + 1, 64);
	assert_int_equal(
	    mail_verify(bytes_of(mail, sizeof(mail)), rig.receipt_public),
	    TL_OK);
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
	uint8_t body[64] = { 0 };
	struct frame frame;

	(void)state;
	body[16] = 1; /* one key */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t len = 0; len <= rows[i].len; len++) {
			enum tl_err err;

			buf_reset(&rig.out);
			frame_put(&rig.out, rows[i].type, body, len);
			err = keyd_rig_give(&rig, &frame);
			assert_int_equal(
			    err, len < rows[i].len ? TL_EFORMAT : TL_OK);
			assert_true(err == TL_OK || rig.out.len == 0);
		}
	}
	/* no key, too many keys, a name that is longer than all */
	body[16] = 0;
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_RESEAL, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_EFORMAT);
	body[16] = 9;
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_RESEAL, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_EFORMAT);
	body[0] = 33;
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_UNLOCK, body, sizeof(body));
	assert_int_equal(keyd_rig_give(&rig, &frame), TL_EFORMAT);
}

static void who_is_not_the_desk_is_cut_off(void **state)
{
	struct frame frame;

	(void)state;
	buf_reset(&rig.out);
	frame_put(&rig.out, FRAME_KEYD_ASK, NULL, 0);
	assert_int_equal(
	    frame_get(rig.out.data, rig.out.len, FRAME_FROM_WORKER, &frame),
	    TL_EFORMAT);
	assert_int_equal(
	    frame_get(rig.out.data, rig.out.len, FRAME_FROM_KEYD, &frame),
	    TL_EFORMAT);
	/* longer than its row: refused before a byte of the body */
	buf_reset(&rig.out);
	buf_put_u32(&rig.out, FRAME_RECORD_BYTES + 1);
	buf_put_u16(&rig.out, FRAME_KEYD_OPEN);
	buf_put_u16(&rig.out, 0);
	assert_int_equal(
	    frame_get(rig.out.data, rig.out.len, FRAME_FROM_DESK, &frame),
	    TL_EFORMAT);
}

static void an_envelope_that_no_frame_holds_is_not_sent(void **state)
{
	struct keyd_open ask = { .envelope = bytes_of("", 0) };

	(void)state;
	ask.envelope.len = FRAME_RECORD_BYTES - KEYD_TOKEN_BYTES + 1;
	buf_reset(&rig.out);
	keyd_put_open(&rig.out, &ask);
	assert_int_equal(buf_err(&rig.out), TL_ETOOBIG);
	assert_int_equal(rig.out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_tip_is_opened_for_who_is_logged_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_destroyed_epoch_and_garbage_have_their_own_names, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_wrong_name_and_a_wrong_passphrase_are_one, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_keys_go_with_the_last_session, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_asks_nothing_is_logged_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_said_to_be_at_work_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    so_many_can_be_logged_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_thousand_tips_and_the_largest_are_opened, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    receipts_are_signed_though_nobody_is_logged_in, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_tip_is_sealed_again_without_being_shown, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    mail_is_signed_for_who_is_logged_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_body_of_another_length_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_not_the_desk_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_envelope_that_no_frame_holds_is_not_sent, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("desk/keyd", tests, NULL, NULL);
}
