/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay: Redis and the spool come and go, are slow, silent or wrong.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/relay_rig.h"

static void it_finds_connects_and_drives(void **state)
{
	struct relay_rig *rig = *state;

	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	assert_int_equal(rig->did[0], RELAY_DO_FIND);
	relay_found(rig->relay, rig->now_ms, true);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_CONNECT);
	assert_int_equal(rig->did[1], RELAY_DO_CONNECT);
	relay_redis_up(rig->relay, rig->now_ms, 1);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	assert_int_equal(rig->n, 2); /* without the spool nothing is asked */
	relay_rig_spool_up(rig);
	assert_int_equal(rig->did[2], RELAY_DO_TELL); /* UNLEND */
	assert_int_equal(rig->did[3], RELAY_DO_REWIND);
	assert_true(relay_rig_did(rig, RELAY_DO_READ));
	assert_int_equal(rig->took, RELAY_PIPELINE);
}

static void what_comes_in_the_wrong_state_changes_nothing(void **state)
{
	struct relay_rig *rig = *state;

	relay_redis_up(rig->relay, rig->now_ms, 1);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_redis_added(rig->relay, rig->now_ms);
	relay_redis_waited(rig->relay, rig->now_ms, 0);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	relay_rig_lend_nothing(rig); /* no spool: nothing is read */
	assert_false(relay_rig_did(rig, RELAY_DO_CUT));
	relay_rig_receipt(rig, 1);
	assert_int_equal(relay_rig_counts(rig).receipts, 0);
	relay_rig_redis_up(rig);
	relay_found(rig->relay, rig->now_ms, true);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
}

static void it_waits_longer_each_time_up_to_thirty_seconds(void **state)
{
	struct relay_rig *rig = *state;
	uint64_t before = 0;

	for (int i = 0; i < 42; i++) {
		uint64_t wait;

		relay_found(rig->relay, rig->now_ms, true);
		relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
		relay_rig_drain(rig);
		assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
		wait = rig->now_ms;
		while (relay_state(rig->relay) == RELAY_HOLD) {
			relay_rig_pass(
			    rig, relay_due_ms(rig->relay) - rig->now_ms);
		}
		wait = rig->now_ms - wait;
		assert_in_range(wait, 160, 36000);
		if (i < 7) {
			assert_true(wait > before);
		} else if (i > 7) {
			assert_in_range(wait, 24000, 36000);
		}
		before = wait;
		assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	}
	/* the log hardly grows with the tries: one in twenty */
	assert_int_equal(rig->n_said, 8 + 2);
}

static void each_trouble_leads_to_hold_and_is_said(void **state)
{
	static const struct {
		enum stream_trouble why;
		enum log_event event;
	} rows[] = {
		{ STREAM_GONE, LOG_REDIS_LOST },
		{ STREAM_LOADING, LOG_REDIS_LOADING },
		{ STREAM_READONLY, LOG_REDIS_READONLY },
		{ STREAM_REFUSED, LOG_REDIS_REFUSED },
		{ STREAM_DISK, LOG_REDIS_DISK },
		{ STREAM_FULL, LOG_REDIS_FULL },
		{ STREAM_REPLICAS, LOG_REDIS_MIN_REPLICAS },
		{ STREAM_NOGROUP, LOG_REDIS_REPLY },
		{ STREAM_ERROR, LOG_REDIS_REPLY },
		{ STREAM_GARBAGE, LOG_REDIS_REPLY },
		{ STREAM_BIG, LOG_REDIS_REPLY },
	};
	struct relay_rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_rig_make(rig);
		relay_rig_begin(rig);
		relay_redis_lost(rig->relay, rig->now_ms, rows[i].why);
		relay_rig_drain(rig);
		assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
		assert_true(relay_rig_said(rig, rows[i].event));
		assert_true(relay_rig_said(rig, LOG_REDIS_LOST));
		relay_rig_redis_up(rig);
		assert_true(relay_rig_said(rig, LOG_REDIS_BACK));
	}
}

static void what_does_not_connect_in_time_is_dropped(void **state)
{
	struct relay_rig *rig = *state;

	relay_found(rig->relay, rig->now_ms, true);
	relay_rig_drain(rig);
	relay_rig_pass(rig, 2999);
	assert_int_equal(relay_state(rig->relay), RELAY_CONNECT);
	relay_rig_pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(relay_rig_did(rig, RELAY_DO_DROP));
	assert_true(relay_rig_said(rig, LOG_REDIS_LATE));
	/* and so is what is not found */
	relay_rig_make(rig);
	relay_rig_pass(rig, 10000);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(relay_rig_said(rig, LOG_REDIS_NOWHERE));
}

static void an_answer_that_does_not_come_ends_the_connection(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	relay_rig_pass(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	relay_rig_pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(relay_rig_did(rig, RELAY_DO_DROP));
}

static void a_reading_that_does_not_end_ends_the_connection(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_pass(rig, 6999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	relay_rig_pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* The master that was cut off goes on as if nothing had happened: what it
 * confirmed may not be with the new one. */
static void another_master_gets_all_that_has_no_receipt(void **state)
{
	struct relay_rig *rig = *state;

	relay_moved(rig->relay, rig->now_ms); /* nothing to leave yet */
	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 2, true);
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	relay_moved(rig->relay, rig->now_ms);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(relay_rig_did(rig, RELAY_DO_DROP));
	assert_true(relay_rig_said(rig, LOG_REDIS_MOVED));
	assert_true(relay_due_ms(rig->relay) - rig->now_ms <= 240);
	/* at once what was not confirmed, after a minute what was */
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 2);
	relay_rig_lend_one(rig, 2, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 61 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 1);
	/* and while it connects it may move again */
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	while (relay_state(rig->relay) == RELAY_HOLD) {
		relay_rig_pass(rig, 500);
	}
	relay_found(rig->relay, rig->now_ms, true);
	relay_moved(rig->relay, rig->now_ms);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* Else a Redis that takes the connection and refuses the work would be tried
 * five times a second for ever. */
static void only_success_makes_the_waits_short_again(void **state)
{
	struct relay_rig *rig = *state;
	uint64_t waits[4];

	for (int i = 0; i < 4; i++) {
		relay_rig_begin(rig);
		relay_rig_waiting(rig);
		relay_rig_lend_one(rig, (unsigned)i + 1, true);
		if (i == 2) {
			relay_rig_added(rig, 1);
		}
		relay_redis_lost(rig->relay, rig->now_ms, STREAM_FULL);
		relay_rig_drain(rig);
		waits[i] = relay_due_ms(rig->relay) - rig->now_ms;
	}
	assert_true(waits[1] > waits[0]);
	assert_true(waits[2] < waits[1]);
	/* half a minute without trouble is a success as well */
	relay_rig_begin(rig);
	for (int i = 0; i < 8; i++) {
		relay_rig_pass(rig, 5000);
		relay_rig_read_end(rig);
	}
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	assert_in_range(relay_due_ms(rig->relay) - rig->now_ms, 160, 240);
}

static void each_wrong_frame_ends_the_spools_connection(void **state)
{
	static const uint8_t zeros[64];
	static const uint8_t how_three[17] = { [16] = 3 };
	static const uint8_t rank_three[] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 'x' };
	static const uint8_t too_many[] = { 255 };
	static const struct {
		enum frame_type type;
		const uint8_t *body;
		size_t len;
	} rows[] = {
		{ FRAME_KEPT, zeros, 5 },
		{ FRAME_WAITING, zeros, 7 },
		{ FRAME_WAITING, zeros, 9 },
		{ FRAME_FORGOTTEN, zeros, 16 },
		{ FRAME_FORGOTTEN, zeros, 18 },
		{ FRAME_FORGOTTEN, how_three, 17 },
		{ FRAME_LENT, zeros, 0 },
		{ FRAME_LENT, zeros, 2 },
		{ FRAME_LENT, rank_three, sizeof(rank_three) },
		{ FRAME_LENT, too_many, sizeof(too_many) },
		{ FRAME_MAIL_KEPT, zeros, 0 },
		{ FRAME_MAIL_KEPT, zeros, 2 },
	};
	struct relay_rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_rig_make(rig);
		relay_rig_begin(rig);
		relay_rig_waiting(rig);
		relay_rig_receipt(rig, 1);
		relay_redis_mail(
		    rig->relay, rig->now_ms, bytes_of(zeros, sizeof(zeros)));
		relay_rig_drain(rig);
		assert_false(relay_rig_did(rig, RELAY_DO_CUT));
		relay_rig_frame(rig, rows[i].type, rows[i].body, rows[i].len);
		assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	}
	/* answers to what was not asked */
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_lend_nothing(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_forgotten(rig, 1, 0);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	/* a piece of a file, where only what goes before it was asked for */
	rig->used_bytes = RELAY_RIG_MEMORY / 2 + 1;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_TEXT);
	relay_rig_lent_begin(rig, 1);
	relay_rig_lent_put_rank(rig, 1, RANK_PIECE);
	relay_rig_lent_end(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	assert_int_equal(relay_rig_counts(rig).in_hand, 0);
}

static void every_cut_of_a_lent_frame_ends_the_spools_connection(void **state)
{
	struct relay_rig *rig = *state;
	uint8_t whole[64];
	size_t whole_len;

	relay_rig_lent_begin(rig, 2);
	relay_rig_lent_put(rig, 1, false);
	relay_rig_lent_put(rig, 2, true);
	whole_len = rig->lent.len;
	assert_in_range(whole_len, 2 * STREAM_ID_BYTES, sizeof(whole));
	memcpy(whole, rig->lent.data, whole_len);
	for (size_t len = 0; len < whole_len; len++) {
		uint8_t *cut = malloc(len + 1);

		relay_rig_make(rig);
		relay_rig_begin(rig);
		relay_rig_waiting(rig);
		assert_non_null(cut);
		memcpy(cut, whole, len);
		relay_rig_frame(rig, FRAME_LENT, cut, len);
		assert_true(relay_rig_did(rig, RELAY_DO_CUT));
		free(cut);
	}
}

/* What only goes on when somebody else has answered is not tried meanwhile. */
static void while_it_waits_for_others_it_does_not_turn(void **state)
{
	struct relay_rig *rig = *state;

	rig->mute = true;
	relay_rig_redis_up(rig);
	assert_true(relay_due_ms(rig->relay) > rig->now_ms);
	relay_rig_spool_up(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_MEASURE));
	assert_int_equal(relay_due_ms(rig->relay), rig->now_ms + 5000);
	relay_redis_measured(rig->relay, rig->now_ms, 5);
	relay_rig_drain(rig);
	relay_spool_lost(rig->relay, rig->now_ms);
	assert_true(relay_due_ms(rig->relay) > rig->now_ms);
}

static void a_silent_spool_is_parted_with(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	for (int i = 0; i < 29; i++) {
		relay_rig_pass(rig, 1000);
		relay_rig_end_reads(rig, 0);
	}
	assert_false(relay_rig_did(rig, RELAY_DO_CUT));
	relay_rig_pass(rig, 1000);
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
	/* and one that does not say what became of a receipt */
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_receipt(rig, 1);
	relay_rig_pass(rig, 6000);
	relay_rig_end_reads(rig, 0);
	relay_rig_waiting(rig); /* a TAKE does not begin the time anew */
	assert_true(rig->took > 0);
	for (int i = 0; i < 30; i++) {
		relay_rig_pass(rig, 1000);
		relay_rig_end_reads(rig, 0);
	}
	assert_true(relay_rig_did(rig, RELAY_DO_CUT));
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown( \
	    test, relay_rig_set_up, relay_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(it_finds_connects_and_drives),
		RIG(what_comes_in_the_wrong_state_changes_nothing),
		RIG(it_waits_longer_each_time_up_to_thirty_seconds),
		RIG(each_trouble_leads_to_hold_and_is_said),
		RIG(what_does_not_connect_in_time_is_dropped),
		RIG(an_answer_that_does_not_come_ends_the_connection),
		RIG(a_reading_that_does_not_end_ends_the_connection),
		RIG(another_master_gets_all_that_has_no_receipt),
		RIG(only_success_makes_the_waits_short_again),
		RIG(each_wrong_frame_ends_the_spools_connection),
		RIG(every_cut_of_a_lent_frame_ends_the_spools_connection),
		RIG(while_it_waits_for_others_it_does_not_turn),
		RIG(a_silent_spool_is_parted_with),
	};

	return cmocka_run_group_tests_name(
	    "queue/relay_reach", tests, NULL, NULL);
}
