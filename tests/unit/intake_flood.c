/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/flood: a sender of very many messages is known, and nobody
 * else is taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "server/intake/flood.h"

#define NOW INT64_C(1795300000)

static struct flood *flood;

static int open_flood(void **state)
{
	(void)state;
	flood = flood_new();
	return flood != NULL ? 0 : -1;
}

static int close_flood(void **state)
{
	(void)state;
	flood_free(flood);
	return 0;
}

/* Messages first to last of a sender; how many were called a flood. */
static unsigned send(uint64_t sender, uint64_t first, uint64_t n, int64_t at_s)
{
	unsigned called = 0;

	for (uint64_t i = 0; i < n; i++) {
		called += flood_count(flood, sender, first + i, at_s);
	}
	return called;
}

static void what_a_person_writes_is_no_flood(void **state)
{
	(void)state;
	assert_int_equal(send(1, 0, FLOOD_MESSAGES_MAX, NOW), 0);
	/* others are not drawn in */
	assert_int_equal(send(2, 0, FLOOD_MESSAGES_MAX, NOW + 1), 0);
}

static void one_more_is_a_flood_until_the_window_is_over(void **state)
{
	(void)state;
	assert_int_equal(send(1, 0, FLOOD_MESSAGES_MAX + 5, NOW), 5);
	assert_int_equal(send(1, 99, 1, NOW + FLOOD_WINDOW_S - 1), 1);
	assert_int_equal(send(1, 100, 1, NOW + FLOOD_WINDOW_S), 0);
	assert_int_equal(send(1, 101, FLOOD_MESSAGES_MAX, NOW + 900), 1);
	/* a clock that is set back forgets */
	assert_int_equal(send(1, 200, 1, NOW - 1), 0);
}

static void a_message_delivered_again_does_not_count(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_false(flood_count(flood, 1, 7, NOW));
	}
	assert_int_equal(send(1, 8, FLOOD_MESSAGES_MAX - 1, NOW), 0);
}

static void a_full_table_forgets_the_oldest(void **state)
{
	(void)state;
	/* eight places in a set: the ninth sender takes the first one's */
	for (uint64_t i = 0; i < 9; i++) {
		assert_int_equal(
		    send(1 + i * 128, 0, FLOOD_MESSAGES_MAX, NOW + (int64_t)i),
		    0);
	}
	assert_int_equal(send(1 + 8 * 128, 50, 1, NOW + 9), 1);
	assert_int_equal(send(1 + 7 * 128, 50, 1, NOW + 9), 1);
	assert_int_equal(send(1, 50, 1, NOW + 9), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_a_person_writes_is_no_flood, open_flood, close_flood),
		cmocka_unit_test_setup_teardown(
		    one_more_is_a_flood_until_the_window_is_over, open_flood,
		    close_flood),
		cmocka_unit_test_setup_teardown(
		    a_message_delivered_again_does_not_count, open_flood,
		    close_flood),
		cmocka_unit_test_setup_teardown(
		    a_full_table_forgets_the_oldest, open_flood, close_flood),
	};

	return cmocka_run_group_tests_name("intake/flood", tests, NULL, NULL);
}
