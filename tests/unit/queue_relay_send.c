/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay: what leaves, when, in which order and how much of it.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "queue/rank.h"
#include "tests/lib/relay_rig.h"

#define MINUTE_MS 60000u

static void an_urgent_record_leaves_at_once(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	assert_int_equal(rig->added[0], 1);
}

static void without_a_delay_all_leave_at_once(void **state)
{
	struct relay_rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, false);
	assert_int_equal(rig->n_added, 1);
}

static void others_leave_together_after_the_delay_in_another_order(void **state)
{
	struct relay_rig *rig = *state;
	bool in_order = true;
	bool seen[100] = { false };

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lent_begin(rig, 100);
	for (unsigned i = 0; i < 100; i++) {
		relay_rig_lent_put(rig, i, false);
	}
	relay_rig_lent_end(rig);
	assert_int_equal(rig->n_added, 0);
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 29; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_added + rig->n_again, 0);
	for (int i = 0; i < 92 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 100); /* all at one moment */
	relay_rig_lend_asked(rig, RANK_TEXT);
	assert_int_equal(rig->n_added, 100);
	for (unsigned i = 0; i < 100; i++) {
		assert_false(seen[rig->added[i]]);
		seen[rig->added[i]] = true;
		in_order = in_order && rig->added[i] == i;
	}
	assert_false(in_order);
}

static void who_comes_too_late_for_a_batch_waits_for_the_next(void **state)
{
	struct relay_rig *rig = *state;
	uint64_t first;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, false);
	relay_rig_lend_nothing(rig);
	first = rig->now_ms;
	/* one by one, two seconds apart: each waits 30 to 120 s */
	for (unsigned i = 2; i < 100; i++) {
		relay_rig_pass(rig, 2000);
		relay_rig_read_end(rig);
		if (rig->n_takes > 0 && rig->n_again > 0) {
			for (size_t k = 0; k < rig->n_again; k++) {
				uint64_t came =
				    first + (rig->again[k] - 1u) * 2000u;

				assert_in_range(
				    rig->now_ms - came, 30000, 122000);
			}
			relay_rig_lend_asked(rig, RANK_TEXT);
		}
		relay_rig_forget_seen(rig);
		relay_rig_waiting(rig);
		relay_rig_lend_one(rig, i, false);
		relay_rig_lend_nothing(rig);
		relay_rig_forget_seen(rig);
	}
}

static void a_pipeline_is_filled_and_not_more(void **state)
{
	struct relay_rig *rig = *state;
	unsigned name = 0;

	rig->opts.credit = 10000;
	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	while (rig->took > 0) {
		unsigned n = rig->took;

		rig->took = 0;
		relay_rig_lent_begin(rig, (uint8_t)n);
		for (unsigned i = 0; i < n; i++) {
			relay_rig_lent_put(rig, name++, false);
		}
		relay_rig_lent_end(rig);
	}
	/* four are open: no more before Redis has answered the first */
	assert_int_equal(rig->n_added, 4 * RELAY_PIPELINE);
	relay_rig_added(rig, RELAY_PIPELINE - 1);
	assert_int_equal(rig->took, 0);
	relay_rig_added(rig, 1);
	assert_int_equal(rig->took, RELAY_PIPELINE);
}

/* Answer each TAKE with as many of that rank as it wants, or nothing. */
static unsigned lend_all_of(
    struct relay_rig *rig, enum rank rank, unsigned name)
{
	while (rig->n_takes > 0) {
		unsigned n = rig->took_last >= rank ? rig->took : 0;

		relay_rig_lent_begin(rig, (uint8_t)n);
		for (unsigned i = 0; i < n; i++) {
			relay_rig_lent_put_rank(rig, name++, rank);
		}
		relay_rig_lent_end(rig);
		relay_rig_added(rig, n);
	}
	return name;
}

static void no_more_are_in_hand_than_the_credit(void **state)
{
	struct relay_rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.credit = 300;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	(void)lend_all_of(rig, RANK_URGENT, 0);
	assert_int_equal(rig->n_added, 300);
	assert_int_equal(relay_rig_counts(rig).in_hand, 300);
	/* a receipt makes room for one */
	rig->n_takes = 0;
	relay_rig_receipt(rig, 17);
	relay_rig_forgotten(rig, 17, 0);
	assert_int_equal(rig->n_takes, 1);
	assert_int_equal(rig->took, 1);
}

/* Pieces of files to half of the credit, texts to three quarters. */
static void there_is_credit_left_for_what_is_more_urgent(void **state)
{
	struct relay_rig *rig = *state;
	unsigned name = 0;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.credit = 1000;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	name = lend_all_of(rig, RANK_PIECE, name);
	assert_int_equal(relay_rig_counts(rig).in_hand, 500);
	assert_int_equal(rig->took_last, RANK_TEXT);
	relay_rig_waiting(rig);
	name = lend_all_of(rig, RANK_TEXT, name);
	assert_int_equal(relay_rig_counts(rig).in_hand, 750);
	assert_int_equal(rig->took_last, RANK_URGENT);
	relay_rig_waiting(rig);
	(void)lend_all_of(rig, RANK_URGENT, name);
	assert_int_equal(relay_rig_counts(rig).in_hand, 1000);
	assert_int_equal(rig->n_added, 1000);
}

/* A quarter of Redis' memory, of it half for pieces; more by one frame. */
static void credit_is_counted_in_bytes_too(void **state)
{
	struct relay_rig *rig = *state;
	unsigned name = 0;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.memory_bytes = UINT64_C(8) << 20;
	rig->opts.credit = 60000;
	rig->sealed_bytes = 10000;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	name = lend_all_of(rig, RANK_PIECE, name);
	assert_in_range(
	    relay_rig_counts(rig).bytes, 1 << 20, (1 << 20) + 1280000);
	assert_int_equal(rig->took_last, RANK_TEXT);
	relay_rig_waiting(rig);
	/* what is forgotten gives its bytes back */
	relay_rig_lend_nothing(rig);
	while (rig->took_last < RANK_PIECE) {
		name--;
		relay_rig_receipt(rig, name);
		relay_rig_forgotten(rig, name, 0);
		assert_true(name > 0);
	}
	assert_in_range(
	    relay_rig_counts(rig).bytes, (1 << 20) - 10000, (1 << 20) - 1);
}

static void a_redis_that_fills_up_gets_only_what_is_urgent(void **state)
{
	struct relay_rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->used_bytes = RELAY_RIG_MEMORY / 2 - 1;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	rig->used_bytes = RELAY_RIG_MEMORY / 2 + 1;
	relay_rig_lend_one(rig, 1, false);
	relay_rig_added(rig, 1);
	assert_true(relay_rig_said(rig, LOG_REDIS_HEAVY));
	while (
	    rig->n_takes > 0) { /* the first was said before that was known */
		relay_rig_lend_nothing(rig);
	}
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_TEXT);
	relay_rig_lend_nothing(rig);
	rig->used_bytes = RELAY_RIG_MEMORY / 4 * 3 + 1;
	relay_rig_pass(rig, 1000);
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_URGENT);
	relay_rig_lend_one(rig, 2, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	/* nothing of it is sent again either, and the alarm is not repeated */
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 300; i++) {
		relay_rig_live(rig, 1000);
		rig->n_again = 0;
		relay_rig_read_end(rig);
		assert_false(rig->n_takes > 0 && rig->took_last != RANK_URGENT);
	}
	assert_false(relay_rig_said(rig, LOG_REDIS_HEAVY));
	/* trimmed: within two seconds all goes on */
	rig->used_bytes = 1000;
	for (int i = 0; i < 2 && rig->took_last != RANK_PIECE; i++) {
		while (rig->n_takes > 0) {
			relay_rig_lend_nothing(rig);
		}
		relay_rig_pass(rig, 1000);
	}
	assert_int_equal(rig->took_last, RANK_PIECE);
}

/* Four frames could be on their way before Redis says that it is full. */
static void what_was_sent_since_redis_was_measured_counts(void **state)
{
	struct relay_rig *rig = *state;
	const uint64_t memory = UINT64_C(32) << 20;
	const unsigned n = 30;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.memory_bytes = memory;
	rig->used_bytes = memory / 100 * 48;
	rig->sealed_bytes = 69000;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	/* Redis is slow: nothing is answered */
	rig->mute = true;
	relay_rig_lent_begin(rig, (uint8_t)n);
	for (unsigned i = 0; i < n; i++) {
		relay_rig_lent_put_rank(rig, i, RANK_PIECE);
	}
	relay_rig_lent_end(rig);
	assert_int_equal(rig->n_added, n);
	assert_int_equal(rig->took_last, RANK_TEXT);
	/* what it says does not have what was on its way */
	relay_redis_measured(rig->relay, rig->now_ms, rig->used_bytes);
	relay_rig_drain(rig);
	while (rig->n_takes > 0) {
		relay_rig_lend_nothing(rig);
	}
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_TEXT);
	relay_rig_lend_nothing(rig);
	/* all of it is answered, and it had room: it goes on at once */
	rig->mute = false;
	relay_rig_added(rig, n);
	relay_rig_waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
}

/* One of our connections hangs; another one says how full Redis is. */
static void that_it_is_measured_is_no_answer_to_what_was_sent(void **state)
{
	struct relay_rig *rig = *state;

	rig->used_bytes = RELAY_RIG_MEMORY / 2 + 1; /* measured each second */
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	relay_rig_live(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	relay_rig_live(rig, 2);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	/* nor to whether the replicas have it */
	rig->opts.replicas = 1;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_live(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	relay_rig_live(rig, 2);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

static void nothing_goes_before_it_is_known_how_full_redis_is(void **state)
{
	struct relay_rig *rig = *state;

	rig->mute = true;
	relay_rig_redis_up(rig);
	relay_rig_spool_up(rig);
	assert_int_equal(rig->n_takes, 0);
	relay_redis_measured(rig->relay, rig->now_ms, 5);
	relay_rig_drain(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	/* an answer that nobody asked for changes nothing */
	relay_redis_measured(rig->relay, rig->now_ms, RELAY_RIG_MEMORY);
	relay_rig_drain(rig);
	assert_false(relay_rig_said(rig, LOG_REDIS_HEAVY));
}

static void a_redis_that_does_not_say_how_full_it_is_gets_all(void **state)
{
	struct relay_rig *rig = *state;

	rig->used_bytes = 0;
	relay_rig_redis_up(rig);
	relay_rig_spool_up(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	assert_true(relay_rig_said(rig, LOG_REDIS_UNMEASURED));
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 60; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	assert_true(relay_rig_did(rig, RELAY_DO_MEASURE));
	assert_false(relay_rig_said(rig, LOG_REDIS_UNMEASURED));
}

static void how_full_it_is_not_being_said_ends_the_connection(void **state)
{
	struct relay_rig *rig = *state;

	rig->mute = true;
	relay_rig_redis_up(rig);
	relay_rig_spool_up(rig);
	relay_rig_pass(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	relay_rig_pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* It may have been full of what is acknowledged: then it is trimmed, and
 * what is urgent is there first. */
static void after_it_was_full_urgent_ones_are_tried_first(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_FULL);
	relay_rig_drain(rig);
	assert_true(relay_rig_said(rig, LOG_REDIS_FULL));
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	relay_rig_redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->took_last, RANK_URGENT);
	rig->n_again = 0;
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	for (enum rank rank = RANK_TEXT; rank <= RANK_PIECE; rank++) {
		uint64_t start_ms = rig->now_ms;

		while (rig->took_last != rank) {
			relay_rig_live(rig, 1000);
			rig->n_again = 0;
			relay_rig_read_end(rig);
			assert_true(rig->now_ms < start_ms + 10 * MINUTE_MS);
		}
		assert_true(rig->now_ms > start_ms + 50000);
	}
}

/* The spool holds more than is remembered, and all that is remembered is
 * due: it lends at random, and what it lends has to go. */
static void with_more_waiting_than_remembered_nothing_stands_still(void **state)
{
	struct relay_rig *rig = *state;
	unsigned name = 0;

	rig->opts.credit = 50;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	name = lend_all_of(rig, RANK_TEXT, name);
	assert_int_equal(name, 38);
	assert_int_equal(relay_rig_counts(rig).in_hand, 38);
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 121 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 38);
	assert_int_equal(rig->took, 38);
	relay_rig_lent_begin(rig, 38);
	for (; name < 66; name++) {
		relay_rig_lent_put(
		    rig, name, false); /* others than were asked for */
	}
	for (unsigned i = 0; i < 10; i++) {
		relay_rig_lent_put(rig, rig->again[i], false);
	}
	relay_rig_lent_end(rig);
	assert_in_range(rig->n_added, 28, 38);
	assert_int_equal(relay_rig_counts(rig).in_hand, 38);
}

/* Of more that are due than a pipeline holds, the rest follows at once. */
static void what_is_due_beyond_a_pipeline_comes_with_the_next(void **state)
{
	struct relay_rig *rig = *state;
	enum { MANY = RELAY_PIPELINE + 70 };
	bool seen[MANY] = { false };

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	for (unsigned name = 0; name < MANY; name++) {
		relay_rig_lend_one(rig, name, false);
	}
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	relay_rig_pass(rig, 1000);
	relay_rig_read_end(rig);
	for (int i = 0; i < 121 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, RELAY_PIPELINE);
	relay_rig_lend_asked(rig, RANK_TEXT);
	assert_int_equal(rig->n_added, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		assert_false(seen[rig->added[i]]);
		seen[rig->added[i]] = true;
	}
}

static void what_the_spool_no_longer_has_is_let_go(void **state)
{
	struct relay_rig *rig = *state;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 1, true);
	relay_rig_added(rig, 1);
	relay_rig_lend_nothing(rig);
	relay_rig_forget_seen(rig);
	for (int i = 0; i < 400 && rig->n_again == 0; i++) {
		relay_rig_live(rig, 1000);
		relay_rig_read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	relay_rig_lend_nothing(rig);
	assert_int_equal(relay_rig_counts(rig).in_hand, 0);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown( \
	    test, relay_rig_set_up, relay_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(an_urgent_record_leaves_at_once),
		RIG(without_a_delay_all_leave_at_once),
		RIG(others_leave_together_after_the_delay_in_another_order),
		RIG(who_comes_too_late_for_a_batch_waits_for_the_next),
		RIG(a_pipeline_is_filled_and_not_more),
		RIG(no_more_are_in_hand_than_the_credit),
		RIG(there_is_credit_left_for_what_is_more_urgent),
		RIG(credit_is_counted_in_bytes_too),
		RIG(a_redis_that_fills_up_gets_only_what_is_urgent),
		RIG(what_was_sent_since_redis_was_measured_counts),
		RIG(that_it_is_measured_is_no_answer_to_what_was_sent),
		RIG(nothing_goes_before_it_is_known_how_full_redis_is),
		RIG(a_redis_that_does_not_say_how_full_it_is_gets_all),
		RIG(how_full_it_is_not_being_said_ends_the_connection),
		RIG(after_it_was_full_urgent_ones_are_tried_first),
		RIG(with_more_waiting_than_remembered_nothing_stands_still),
		RIG(what_is_due_beyond_a_pipeline_comes_with_the_next),
		RIG(what_the_spool_no_longer_has_is_let_go),
	};

	return cmocka_run_group_tests_name(
	    "queue/relay_send", tests, NULL, NULL);
}
