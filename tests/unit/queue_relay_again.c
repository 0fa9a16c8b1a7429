/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay: what comes back. A record is sent until the spool has forgotten
 * it, and nothing that Redis says makes anybody forget it.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "queue/rank.h"
#include "tests/lib/relay_rig.h"

#define MINUTE_MS 60000u

static void without_a_receipt_it_is_sent_again_less_and_less_often(void **state)
{
	struct relay_rig *rig = *state;
	uint64_t want_ms = 2 * MINUTE_MS;
	uint64_t last;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	last = rig->now_ms;
	for (int round = 0; round < 12; round++) {
		relay_rig_forget_seen(rig);
		while (rig->n_again == 0) {
			relay_rig_live(rig, 1000);
			relay_rig_read_end(rig);
		}
		assert_in_range(rig->now_ms - last, want_ms - want_ms / 5,
		    want_ms + want_ms / 5 + 1000);
		last = rig->now_ms;
		relay_rig_lend_one(rig, 1, true);
		assert_int_equal(rig->n_added, 1);
		relay_rig_added(rig, 1);
		relay_rig_lend_nothing(rig);
		want_ms = want_ms * 2 < 360 * MINUTE_MS ? want_ms * 2
							: 360 * MINUTE_MS;
	}
	assert_true(relay_rig_said(rig, LOG_RECEIPT_LATE));
}

/* However often: the waits that have become long do not begin anew. */
static void what_was_sent_very_often_waits_its_six_hours(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	for (int i = 0; i < 256; i++) {
		relay_rig_lend_nothing(rig);
		relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
		relay_rig_drain(rig);
		relay_rig_forget_seen(rig);
		relay_rig_redis_up(rig);
		assert_int_equal(rig->n_again, 1);
		relay_rig_lend_one(rig, 1, true);
		assert_int_equal(rig->n_added, 1);
	}
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	for (int minute = 0; minute < 280; minute++) {
		for (int i = 0; i < 15; i++) {
			relay_rig_live(rig, 4000);
			relay_rig_read_end(rig);
		}
		assert_int_equal(rig->n_again, 0);
	}
}

static void after_a_loss_what_was_sent_is_sent_again(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lent_begin(rig, 2);
	relay_rig_lent_put(rig, 1, true);
	relay_rig_lent_put(rig, 2, true);
	relay_rig_lent_end(rig);
	relay_rig_added(rig, 1); /* Redis has 1, and has not answered for 2 */
	relay_rig_lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 2); /* at once */
	relay_rig_lend_asked(rig, RANK_URGENT);
	relay_rig_added(rig, 1);
	for (int i = 0; i < 59; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
		assert_int_equal(rig->n_again, 0);
	}
	for (int i = 0; i < 3 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 1); /* once a minute at most */
}

/* A Redis that goes on has what it confirmed: no second copy of it, unless it
 * is another one, or the same after a restart. */
static void what_a_redis_that_goes_on_has_is_not_sent_again(void **state)
{
	static const struct {
		enum stream_trouble why;
		uint64_t client;
		bool same;
		unsigned want;
	} rows[] = {
		{ STREAM_FULL, 9, true, 0 },
		{ STREAM_DISK, 9, true, 0 },
		{ STREAM_REPLICAS, 9, true, 0 },
		{ STREAM_LATE, 9, true, 0 },
		{ STREAM_GONE, 9, true, 1 },
		{ STREAM_LOADING, 9, true, 1 },
		{ STREAM_FULL, 5, true, 1 },
		{ STREAM_FULL, 9, false, 1 },
	};
	struct relay_rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_rig_make(rig);
		relay_found(rig->relay, rig->now_ms, true);
		relay_redis_up(rig->relay, rig->now_ms, 5);
		relay_rig_drain(rig);
		relay_rig_spool_up(rig);
		relay_rig_lend_one(rig, 1, true);
		relay_rig_added(rig, 1);
		relay_rig_lend_nothing(rig);
		relay_rig_pass(rig, 100);
		relay_redis_lost(rig->relay, rig->now_ms, rows[i].why);
		relay_rig_drain(rig);
		while (relay_state(rig->relay) == RELAY_HOLD) {
			relay_rig_pass(rig, 500);
		}
		relay_rig_forget_seen(rig);
		relay_found(rig->relay, rig->now_ms, rows[i].same);
		relay_redis_up(rig->relay, rig->now_ms, rows[i].client);
		relay_rig_drain(rig);
		for (int s = 0; s < 62 && rig->n_again == 0; s++) {
			relay_rig_live(rig, 1000);
			relay_rig_read_end(rig);
		}
		assert_int_equal(rig->n_again, rows[i].want);
	}
}

/* A loss never makes anything later than it would have been without. */
static void a_loss_puts_nothing_off(void **state)
{
	struct relay_rig *rig = *state;
	uint64_t sent_ms;

	rig->opts.again_urgent_ms = 10000;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	sent_ms = rig->now_ms;
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	for (int i = 0; i < 14 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_in_range(rig->now_ms - sent_ms, 8000, 13000);
}

static void what_comes_while_redis_is_away_is_given_back(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_lend_one(rig, 5, true);
	assert_int_equal(rig->n_added, 0);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 5);
	assert_int_equal(relay_rig_counts(rig).in_hand, 0);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	assert_true(rig->took > 0);
	relay_rig_lend_one(rig, 5, true);
	assert_int_equal(rig->n_added, 1);
}

static void what_was_asked_for_and_comes_too_late_is_asked_for_anew(
    void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(
	    rig, 1, true); /* not answered: due at once after a loss */
	relay_rig_lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	relay_rig_lend_asked(rig, RANK_TEXT);
	assert_int_equal(rig->n_added, 1);
}

static void a_record_that_was_just_sent_is_not_sent_twice(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	/* the spool was started anew and lends it again */
	relay_spool_lost(rig->relay, rig->now_ms);
	relay_rig_spool_up(rig);
	relay_rig_lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	assert_int_equal(relay_rig_counts(rig).in_hand, 1);
}

static void a_receipt_goes_to_the_spool_whole(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_receipt(rig, 9);
	assert_int_equal(rig->last.what, RELAY_DO_TELL);
	assert_int_equal(rig->last.frame, FRAME_RECEIPT);
	assert_int_equal(rig->last.body_len, 112);
	assert_int_equal(rig->last.body[0], 9);
	assert_int_equal(rig->last.body[16], 1);
	assert_int_equal(rig->last.body[48], 2);
}

static void only_the_spools_word_ends_a_record(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lent_begin(rig, 2);
	relay_rig_lent_put(rig, 1, true);
	relay_rig_lent_put(rig, 2, true);
	relay_rig_lent_end(rig);
	relay_rig_added(rig, 2);
	relay_rig_lend_nothing(rig);
	relay_rig_receipt(rig, 1);
	relay_rig_receipt(rig, 2);
	assert_int_equal(relay_rig_counts(rig).in_hand, 2);
	relay_rig_forgotten(rig, 1, 0);
	assert_int_equal(relay_rig_counts(rig).in_hand, 1);
	relay_rig_forgotten(rig, 2, 2); /* the receipt was forged */
	assert_int_equal(relay_rig_counts(rig).in_hand, 1);
	relay_rig_receipt(rig, 2);
	relay_rig_forgotten(rig, 2, 1);
	assert_int_equal(relay_rig_counts(rig).in_hand, 0);
	relay_rig_receipt(rig, 77);
	relay_rig_forgotten(rig, 77, 1);
	assert_int_equal(relay_rig_counts(rig).receipts, 4);
	assert_int_equal(relay_rig_counts(rig).forgotten, 1);
	assert_int_equal(relay_rig_counts(rig).gone, 2);
	assert_int_equal(relay_rig_counts(rig).refused, 1);
	assert_int_equal(relay_rig_counts(rig).sent, 2);
}

static void a_receipt_may_come_while_the_record_is_asked_for(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	relay_rig_receipt(rig, 1);
	relay_rig_forgotten(rig, 1, 0);
	assert_int_equal(relay_rig_counts(rig).in_hand, 0);
	relay_rig_lend_nothing(rig);
	assert_false(relay_rig_did(rig, RELAY_DO_CUT));
}

static void reading_waits_for_a_spool_that_is_behind(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	for (unsigned i = 0; i < 400; i++) {
		relay_rig_receipt(rig, i);
	}
	relay_rig_forget_seen(rig);
	relay_rig_read_end(rig);
	assert_false(relay_rig_did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
	relay_rig_forgotten(rig, 0, 1);
	assert_true(relay_rig_did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
}

static void a_spool_that_comes_back_gets_all_receipts_again(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_spool_lost(rig->relay, rig->now_ms);
	relay_rig_receipt(rig, 1);
	assert_int_equal(relay_rig_counts(rig).receipts, 0);
	relay_rig_read_end(rig);
	assert_false(relay_rig_did(rig, RELAY_DO_READ));
	relay_rig_spool_up(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_REWIND));
	assert_true(relay_rig_did(rig, RELAY_DO_READ));
}

static void entries_that_are_no_receipts_are_counted_and_said_once(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_end_reads(rig, 3);
	relay_rig_drain(rig);
	assert_true(relay_rig_said(rig, LOG_RECEIPT_ODD));
	relay_rig_forget_seen(rig);
	relay_rig_end_reads(rig, 4);
	relay_rig_drain(rig);
	assert_false(relay_rig_said(rig, LOG_RECEIPT_ODD));
	assert_int_equal(relay_rig_counts(rig).odd, 7);
}

static void mail(struct relay_rig *rig)
{
	static const uint8_t bytes[STREAM_REPLY_BYTES] = { 5 };

	relay_redis_mail(
	    rig->relay, rig->now_ms, bytes_of(bytes, sizeof(bytes)));
	relay_rig_drain(rig);
}

static void mail_kept(struct relay_rig *rig, uint8_t how)
{
	const struct frame frame = {
		.type = FRAME_MAIL_KEPT,
		.body = &how,
		.body_len = 1,
	};

	relay_spool_frame(rig->relay, rig->now_ms, &frame);
	relay_rig_drain(rig);
}

static void mail_goes_to_the_spool_whole(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	mail(rig);
	assert_int_equal(rig->last.what, RELAY_DO_TELL);
	assert_int_equal(rig->last.frame, FRAME_MAIL);
	assert_int_equal(rig->last.mail.len, STREAM_REPLY_BYTES);
	assert_int_equal(rig->last.mail.at[0], 5);
	mail_kept(rig, 0);
	mail(rig);
	mail(rig);
	mail_kept(rig, 1);
	mail_kept(rig, 2);
	assert_int_equal(relay_rig_counts(rig).mail, 3);
	assert_int_equal(relay_rig_counts(rig).mail_kept, 1);
	assert_int_equal(relay_rig_counts(rig).mail_bad, 1);
	assert_false(relay_rig_did(rig, RELAY_DO_CUT));
}

static void reading_waits_for_mail_that_the_spool_has_not_answered(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	for (unsigned i = 0; i < 400; i++) {
		mail(rig);
	}
	relay_rig_forget_seen(rig);
	relay_rig_read_end(rig);
	assert_false(relay_rig_did_of(rig, RELAY_DO_READ, STREAM_OF_MAIL));
	assert_true(relay_rig_did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
	mail_kept(rig, 0);
	assert_true(relay_rig_did_of(rig, RELAY_DO_READ, STREAM_OF_MAIL));
}

static void mail_without_room_is_read_again_later(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	mail(rig);
	mail_kept(rig, 3);
	relay_rig_forget_seen(rig);
	relay_rig_pass(rig, 9 * MINUTE_MS);
	assert_false(relay_rig_did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
	/* more without room puts nothing off */
	mail(rig);
	mail_kept(rig, 3);
	relay_rig_pass(rig, MINUTE_MS - 1);
	assert_false(relay_rig_did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
	assert_true(relay_due_ms(rig->relay) <= rig->now_ms + 1);
	relay_rig_pass(rig, 1);
	assert_true(relay_rig_did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
	relay_rig_forget_seen(rig);
	relay_rig_pass(rig, 60 * MINUTE_MS);
	assert_false(relay_rig_did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
}

static void mail_goes_nowhere_while_the_spool_is_away(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_spool_lost(rig->relay, rig->now_ms);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
	mail(rig);
	assert_false(relay_rig_did(rig, RELAY_DO_TELL));
	relay_rig_spool_up(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_REWIND));
}

static void a_spool_that_answers_no_mail_is_cut(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	mail_kept(rig, 0); /* of nothing */
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	relay_rig_spool_up(rig);
	relay_rig_forget_seen(rig);
	mail(rig);
	mail_kept(rig, 4);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	relay_rig_spool_up(rig);
	mail(rig);
	relay_rig_forget_seen(rig);
	relay_rig_pass(rig, 31000);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown( \
	    test, relay_rig_set_up, relay_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(without_a_receipt_it_is_sent_again_less_and_less_often),
		RIG(what_was_sent_very_often_waits_its_six_hours),
		RIG(after_a_loss_what_was_sent_is_sent_again),
		RIG(what_a_redis_that_goes_on_has_is_not_sent_again),
		RIG(a_loss_puts_nothing_off),
		RIG(what_comes_while_redis_is_away_is_given_back),
		RIG(what_was_asked_for_and_comes_too_late_is_asked_for_anew),
		RIG(a_record_that_was_just_sent_is_not_sent_twice),
		RIG(a_receipt_goes_to_the_spool_whole),
		RIG(only_the_spools_word_ends_a_record),
		RIG(a_receipt_may_come_while_the_record_is_asked_for),
		RIG(reading_waits_for_a_spool_that_is_behind),
		RIG(a_spool_that_comes_back_gets_all_receipts_again),
		RIG(entries_that_are_no_receipts_are_counted_and_said_once),
		RIG(mail_goes_to_the_spool_whole),
		RIG(reading_waits_for_mail_that_the_spool_has_not_answered),
		RIG(mail_without_room_is_read_again_later),
		RIG(mail_goes_nowhere_while_the_spool_is_away),
		RIG(a_spool_that_answers_no_mail_is_cut),
	};

	return cmocka_run_group_tests_name(
	    "queue/relay_again", tests, NULL, NULL);
}
