/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_clock: what day it is for a spool whose host's clock leaps. A
 * reply that is gone does not come back with the right time.
 */
#include "queue/spool_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "queue/spool_mail.h"
#include "tests/lib/spool_world.h"

#define HOUR_S INT64_C(3600)
#define DAY_S  (24 * HOUR_S)
#define YEAR_S (365 * DAY_S)
/* At noon. */
#define NOW_S INT64_C(1795780800)
#define NOW_H (NOW_S / HOUR_S)

static int64_t days(int64_t hours)
{
	return hours / 24;
}

/* ---- the count ------------------------------------------------------------
 */

static void a_clock_that_runs_is_followed_to_the_hour(void **state)
{
	int64_t hour = NOW_H;

	(void)state;
	for (int64_t ran = 1; ran < 1000; ran++) {
		int64_t wall_s = NOW_S + ran * HOUR_S + 59;
		struct spool_today today;

		hour = spool_clock_next(hour, wall_s, 1);
		today = spool_clock_today(hour, wall_s);
		assert_int_equal(hour, NOW_H + ran);
		assert_int_equal(today.counted, days(hour));
		assert_int_equal(today.ends, days(hour));
		assert_int_equal(spool_clock_odd_days(hour, wall_s), 0);
	}
}

static void whatever_leap_the_clock_makes_nothing_ends_at_once(void **state)
{
	static const int64_t leaps[] = { -50 * YEAR_S, -YEAR_S / 2, -DAY_S, 0,
		DAY_S, YEAR_S / 2, YEAR_S, 50 * YEAR_S };

	(void)state;
	for (size_t i = 0; i < sizeof(leaps) / sizeof(leaps[0]); i++) {
		int64_t wall_s = NOW_S + leaps[i];
		int64_t hour = spool_clock_next(NOW_H, wall_s, 1);
		struct spool_today today = spool_clock_today(hour, wall_s);

		assert_true(today.is_known);
		/* an hour has run: no more than three are counted */
		assert_in_range(hour, NOW_H, NOW_H + 3);
		assert_int_equal(today.counted, days(NOW_H));
		assert_true(today.ends <= days(NOW_H));
		/* nor by any number of starts in a row more than a day each */
		assert_in_range(
		    spool_clock_start(hour, wall_s), hour, hour + 24);
	}
}

static void with_a_clock_behind_nothing_ends_and_the_count_stays(void **state)
{
	int64_t wall_s = NOW_S - YEAR_S;
	int64_t hour = NOW_H;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		hour = spool_clock_next(hour, wall_s + i * HOUR_S, 1);
	}
	assert_int_equal(hour, NOW_H);
	assert_int_equal(spool_clock_start(hour, wall_s), NOW_H);
	assert_int_equal(
	    spool_clock_today(hour, wall_s).ends, days(NOW_H) - 365);
	assert_int_equal(spool_clock_odd_days(hour, wall_s), -365);
}

static void a_host_that_was_off_is_caught_up_with(void **state)
{
	static const struct {
		int64_t off_h, runs_h;
	} rows[] = { { 8, 4 }, { 24, 12 }, { 7 * 24, 3 * 24 + 12 },
		{ 90 * 24, 45 * 24 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t hour = NOW_H;

		for (int64_t ran = 1; ran <= rows[i].runs_h; ran++) {
			hour = spool_clock_next(
			    hour, NOW_S + (rows[i].off_h + ran) * HOUR_S, 1);
		}
		assert_int_equal(hour, NOW_H + rows[i].off_h + rows[i].runs_h);
	}
	/* a night and a weekend's day at the start */
	assert_int_equal(
	    spool_clock_start(NOW_H, NOW_S + 8 * HOUR_S), NOW_H + 8);
	assert_int_equal(
	    spool_clock_start(NOW_H, NOW_S + 2 * DAY_S), NOW_H + 24);
}

/* 1970 or 2000, after a first start without a network. */
static void nothing_is_counted_from_a_clock_that_is_surely_wrong(void **state)
{
	static const int64_t wrong[] = { INT64_MIN, -1, 0, 1000, 946684800,
		CLOCK_LEAST_S - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(spool_clock_start(0, wrong[i]), 0);
		assert_int_equal(spool_clock_next(0, wrong[i], 1), 0);
		assert_false(spool_clock_today(0, wrong[i]).is_known);
		assert_true(spool_clock_odd_days(0, wrong[i]) < 0);
	}
	/* what came meanwhile is no reason to crawl to the right time */
	assert_int_equal(spool_clock_next(0, NOW_S, 0), NOW_H);
	assert_int_equal(spool_clock_start(0, NOW_S), NOW_H);
	assert_int_equal(spool_clock_odd_days(0, NOW_S), 0);
}

static void people_are_told_of_a_week_ahead_and_two_days_behind(void **state)
{
	(void)state;
	assert_int_equal(
	    spool_clock_odd_days(NOW_H, NOW_S + 7 * DAY_S - HOUR_S), 0);
	assert_int_equal(spool_clock_odd_days(NOW_H, NOW_S + 7 * DAY_S), 7);
	assert_int_equal(spool_clock_odd_days(NOW_H, NOW_S - 47 * HOUR_S), 0);
	assert_int_equal(spool_clock_odd_days(NOW_H, NOW_S - 2 * DAY_S), -2);
}

/* ---- in the file ----------------------------------------------------------
 */

static void the_count_survives_a_power_cut(void **state)
{
	struct spool_world *w = *state;

	assert_int_equal(spool_clock_load(w->spool), 0);
	assert_int_equal(spool_clock_save(w->spool, NOW_H), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w);
	assert_int_equal(spool_clock_load(w->spool), NOW_H);
	assert_int_equal(spool_clock_save(w->spool, -1), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_clock_load(w->spool), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_runs_is_followed_to_the_hour),
		cmocka_unit_test(
		    whatever_leap_the_clock_makes_nothing_ends_at_once),
		cmocka_unit_test(
		    with_a_clock_behind_nothing_ends_and_the_count_stays),
		cmocka_unit_test(a_host_that_was_off_is_caught_up_with),
		cmocka_unit_test(
		    nothing_is_counted_from_a_clock_that_is_surely_wrong),
		cmocka_unit_test(
		    people_are_told_of_a_week_ahead_and_two_days_behind),
		cmocka_unit_test_setup_teardown(the_count_survives_a_power_cut,
		    world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool_clock", tests, NULL, NULL);
}
