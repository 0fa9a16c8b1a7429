/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/web_clock: until when what a reporter is written is good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "desk/reply.h"
#include "desk/web.h"

#define DAY_S  INT64_C(86400)
#define NOON_S INT64_C(1795348800) /* 2026-11-22T12:00:00Z */
#define TODAY  (NOON_S / DAY_S)

static struct web web;

static void set_clocks(int64_t here_s, int64_t there_s)
{
	clock_set(here_s, 5000);
	web.state.redis_ms = (uint64_t)there_s * 1000u;
	web.state_ms = 5000;
}

static int tear_down(void **state)
{
	(void)state;
	clock_unset();
	web = (struct web){ .clock_told = false };
	return 0;
}

static void a_desk_that_is_behind_writes_what_lasts(void **state)
{
	static const int64_t behind[] = { 0, DAY_S, 180 * DAY_S, NOON_S };

	(void)state;
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		set_clocks(NOON_S - behind[i], NOON_S);
		assert_int_equal(web_last_day(&web), TODAY + REPLY_DAYS);
	}
}

static void a_redis_that_is_behind_takes_nothing_from_it(void **state)
{
	(void)state;
	set_clocks(NOON_S, NOON_S - 180 * DAY_S);
	assert_int_equal(web_last_day(&web), TODAY + REPLY_DAYS);
	/* or that was never heard of */
	set_clocks(NOON_S, 0);
	assert_int_equal(web_last_day(&web), TODAY + REPLY_DAYS);
}

/* A host that slept is ahead of what is known of Redis: no reason to speak. */
static void that_it_is_behind_is_told_and_that_it_is_ahead_not(void **state)
{
	(void)state;
	set_clocks(NOON_S - 3600, NOON_S);
	web_watch_clock(&web);
	assert_false(web.clock_told);
	set_clocks(NOON_S + 50 * DAY_S, NOON_S);
	web_watch_clock(&web);
	assert_false(web.clock_told);
	set_clocks(NOON_S - 2 * 3600, NOON_S);
	web_watch_clock(&web);
	assert_true(web.clock_told);
	set_clocks(NOON_S, NOON_S);
	web_watch_clock(&web);
	assert_false(web.clock_told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    a_desk_that_is_behind_writes_what_lasts, tear_down),
		cmocka_unit_test_teardown(
		    a_redis_that_is_behind_takes_nothing_from_it, tear_down),
		cmocka_unit_test_teardown(
		    that_it_is_behind_is_told_and_that_it_is_ahead_not,
		    tear_down),
	};

	return cmocka_run_group_tests_name("desk/web_clock", tests, NULL, NULL);
}
