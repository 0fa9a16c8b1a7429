/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay: replicas, alarms, settings, and a million random events in which
 * a record is sent until the spool has forgotten it.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/rank.h"
#include "tests/lib/relay_rig.h"

#define MINUTE_MS 60000u

static void each_pipeline_is_followed_by_one_wait(void **state)
{
	struct relay_rig *rig = *state;

	rig->opts.replicas = 2;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lent_begin(rig, 2);
	relay_rig_lent_put(rig, 1, true);
	relay_rig_lent_put(rig, 2, true);
	relay_rig_lent_end(rig);
	assert_true(relay_rig_did(rig, RELAY_DO_WAIT));
	assert_int_equal(rig->wait_ms, 1000);
	relay_rig_lend_one(rig, 3, true);
	assert_int_equal(rig->n_added, 3);
	rig->took = 0;
	relay_rig_added(rig, 3);
	assert_int_equal(rig->took, 0); /* two waits are open */
	relay_redis_waited(rig->relay, rig->now_ms, 2);
	relay_rig_drain(rig);
	assert_true(rig->took > 0);
	/* a batch that sends nothing needs none */
	relay_rig_forget_seen(rig);
	relay_rig_lend_one(rig, 4, false);
	assert_false(relay_rig_did(rig, RELAY_DO_WAIT));
	/* with one away, what comes behind does not stand for it each time */
	relay_redis_waited(rig->relay, rig->now_ms, 1);
	relay_rig_drain(rig);
	relay_rig_waiting(rig);
	relay_rig_lend_one(rig, 5, true);
	assert_int_equal(rig->wait_ms, 20);
	/* that wait is still owed an answer */
	relay_rig_pass(rig, 5000);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

static void too_few_replicas_are_an_alarm_after_a_minute(void **state)
{
	struct relay_rig *rig = *state;

	rig->opts.replicas = 2;
	relay_rig_make(rig);
	relay_rig_begin(rig);
	for (unsigned i = 0; i < 800; i++) {
		unsigned n = i == 30 || i > 700 ? 2 : 1;

		relay_rig_waiting(rig);
		relay_rig_lend_one(rig, i, true);
		relay_rig_added(rig, 1);
		relay_redis_waited(rig->relay, rig->now_ms, n);
		relay_rig_drain(rig);
		relay_rig_lend_nothing(rig);
		relay_rig_pass(rig, 1000);
		relay_rig_read_end(rig);
		if (i == 89) {
			assert_false(relay_rig_said(rig, LOG_REDIS_REPLICAS));
		}
	}
	{
		size_t n = 0;

		for (size_t i = 0; i < rig->n_said; i++) {
			n += rig->said[i] == LOG_REDIS_REPLICAS ? 1 : 0;
		}
		assert_int_equal(n, 2); /* and again every ten minutes */
	}
}

static void late_receipts_are_an_alarm_every_ten_minutes(void **state)
{
	struct relay_rig *rig = *state;
	size_t n = 0;

	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	relay_rig_lent_begin(rig, 2);
	relay_rig_lent_put(rig, 1, true);
	relay_rig_lent_put(rig, 2, false);
	relay_rig_lent_end(rig);
	relay_rig_added(rig, 1);
	relay_spool_lost(rig->relay, rig->now_ms);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
	relay_rig_pass(rig, 300000);
	assert_false(relay_rig_said(rig, LOG_RECEIPT_LATE));
	for (int i = 0; i < 21; i++) {
		relay_rig_pass(rig, MINUTE_MS);
	}
	for (size_t i = 0; i < rig->n_said; i++) {
		if (rig->said[i] == LOG_RECEIPT_LATE) {
			n++;
			assert_int_equal(rig->said_a[i], n < 3 ? 1 : 2);
		}
	}
	assert_int_equal(n, 3);
}

static void settings_out_of_range_are_refused(void **state)
{
	struct relay_rig *rig = *state;
	struct relay *relay = NULL;
	struct relay_opts good = rig->opts;
	struct relay_opts bad[9];

	for (size_t i = 0; i < 9; i++) {
		bad[i] = good;
	}
	bad[8].memory_bytes = (1 << 20) - 1;
	bad[0].delay_min_ms = good.delay_max_ms + 1;
	bad[1].delay_max_ms = UINT64_C(7) * 3600 * 1000;
	bad[2].again_ms = 0;
	bad[3].again_ms = UINT64_MAX;
	bad[4].again_urgent_ms = 0;
	bad[5].again_urgent_ms = UINT64_MAX;
	bad[6].credit = 0;
	bad[7].credit = 1000001;
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(relay_new(&bad[i], 1, &relay), TL_EINVAL);
		assert_null(relay);
	}
	relay_free(NULL);
}

static enum rank rank_of(unsigned name)
{
	return name % 7 == 0 ? RANK_URGENT
	    : name % 3 == 0  ? RANK_PIECE
			     : RANK_TEXT;
}

/* Any mixture of events: nothing is sent that was not lent, nothing is lost
 * that was not forgotten by the spool. */
static void a_million_random_events_lose_nothing(void **state)
{
	struct relay_rig *rig = *state;
	enum { RECORDS = 200 };
	bool there[RECORDS]; /* in the spool */
	bool lent[RECORDS] = { false };
	unsigned left = RECORDS;

	memset(there, true, sizeof(there));
	rig->opts.credit = 150;
	rig->opts.replicas = 1;
	rig->opts.delay_min_ms = 1000;
	rig->opts.delay_max_ms = 3000;
	relay_rig_make(rig);
	for (unsigned turn = 0; turn < 1000000 && left > 0; turn++) {
		uint32_t dice = relay_rig_random_below(1000, rig);
		uint32_t name = relay_rig_random_below(RECORDS, rig);

		for (size_t i = 0; i < rig->n; i++) {
			if (rig->did[i] == RELAY_DO_CUT) {
				fail();
			} else if (rig->did[i] == RELAY_DO_FIND) {
				relay_found(rig->relay, rig->now_ms, true);
			} else if (rig->did[i] == RELAY_DO_READ) {
				relay_redis_read(
				    rig->relay, rig->now_ms, rig->did_of[i], 0);
			} else if (rig->did[i] == RELAY_DO_CONNECT) {
				relay_redis_up(
				    rig->relay, rig->now_ms, turn % 3 + turn);
			} else if (rig->did[i] == RELAY_DO_REWIND) {
				memset(lent, false, sizeof(lent));
			}
		}
		for (size_t i = 0; i < rig->n_again; i++) {
			lent[rig->again[i]] = false;
		}
		for (size_t i = 0; i < rig->n_added; i++) {
			assert_true(there[rig->added[i]]);
		}
		rig->n = rig->n_again = rig->n_added = rig->n_said = 0;
		if (rig->n_takes > 0 && dice < 500) {
			unsigned want = rig->took;
			unsigned n = 0;

			rig->n_takes = 0;
			relay_rig_lent_begin(rig, 0);
			for (unsigned k = 0; k < RECORDS && n < want; k++) {
				unsigned r = (k + name) % RECORDS;

				if (there[r] && !lent[r] &&
				    rank_of(r) <= rig->took_last) {
					relay_rig_lent_put_rank(
					    rig, r, rank_of(r));
					lent[r] = true;
					n++;
				}
			}
			rig->lent.data[0] = (uint8_t)n;
			relay_rig_lent_end(rig);
		} else if (dice < 800) {
			relay_redis_added(rig->relay, rig->now_ms);
			relay_redis_waited(rig->relay, rig->now_ms, dice % 2);
		} else if (dice < 803) {
			relay_redis_lost(rig->relay, rig->now_ms,
			    dice == 800       ? STREAM_FULL
				: dice == 801 ? STREAM_LATE
					      : STREAM_LOADING);
		} else if (dice == 803) {
			relay_spool_lost(rig->relay, rig->now_ms);
			rig->n_takes = 0;
			relay_rig_spool_up(rig);
		} else if (dice < 810 && turn > 300000) {
			relay_rig_receipt(rig, name);
			relay_rig_forgotten(rig, name, there[name] ? 0 : 1);
			left -= there[name] ? 1 : 0;
			there[name] = false;
		} else if (dice < 815) {
			rig->used_bytes = RELAY_RIG_MEMORY / 1000 * dice;
			rig->used_bytes -= dice % 2 * RELAY_RIG_MEMORY / 2;
			relay_rig_waiting(rig);
		} else {
			relay_rig_pass(rig, dice);
		}
		relay_rig_drain(rig);
	}
	assert_int_equal(left, 0);
	relay_rig_live(rig, 10000);
	assert_true(relay_rig_counts(rig).sent > RECORDS);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown( \
	    test, relay_rig_set_up, relay_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(each_pipeline_is_followed_by_one_wait),
		RIG(too_few_replicas_are_an_alarm_after_a_minute),
		RIG(late_receipts_are_an_alarm_every_ten_minutes),
		RIG(settings_out_of_range_are_refused),
		RIG(a_million_random_events_lose_nothing),
	};

	return cmocka_run_group_tests_name("queue/relay", tests, NULL, NULL);
}
