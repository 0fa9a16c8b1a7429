/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/resealed: what was sealed again stands for the one tip of its id that is
 * gone, and for nothing else.
 */
#include "cli/resealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct resealed set;

static void gone(uint8_t id, uint64_t number, bool is_signed)
{
	const uint8_t bytes[RESEALED_ID_BYTES] = { id };

	assert_int_equal(
	    resealed_add_gone(&set, bytes, number, false, is_signed), TL_OK);
}

/* Of somebody who could write to Redis. */
static void strange(uint8_t id, uint64_t number)
{
	const uint8_t bytes[RESEALED_ID_BYTES] = { id };

	assert_int_equal(
	    resealed_add_gone(&set, bytes, number, true, false), TL_OK);
}

static void again(uint8_t id, uint64_t number)
{
	const uint8_t bytes[RESEALED_ID_BYTES] = { id };

	assert_int_equal(resealed_add_again(&set, bytes, number), TL_OK);
}

static bool is_signed(uint8_t id)
{
	const uint8_t bytes[RESEALED_ID_BYTES] = { id };

	return resealed_is_signed(&set, bytes);
}

static int end(void **state)
{
	(void)state;
	resealed_free(&set);
	return 0;
}

static void the_newest_stands_for_the_one_that_is_gone(void **state)
{
	struct resealed_pair pair;
	size_t at = 0;

	(void)state;
	gone(9, 0, false);
	gone(4, 1, true);
	again(9, 2);
	again(4, 3);
	again(4, 7);
	resealed_settle(&set);
	assert_true(resealed_next(&set, &at, &pair));
	assert_int_equal(pair.gone, 1);
	assert_int_equal(pair.again, 7);
	assert_true(pair.is_signed);
	assert_true(resealed_next(&set, &at, &pair));
	assert_int_equal(pair.gone, 0);
	assert_int_equal(pair.again, 2);
	assert_false(pair.is_signed);
	assert_false(resealed_next(&set, &at, &pair));
	assert_true(is_signed(4));
	assert_false(is_signed(9));
	assert_false(is_signed(5));
}

static void for_nothing_else(void **state)
{
	struct resealed_pair pair;
	size_t at = 0;

	(void)state;
	assert_false(resealed_next(&set, &at, &pair));
	assert_false(is_signed(1));
	again(1, 0); /* what it stood for can be opened */
	gone(2, 1, true);
	gone(2, 2, true); /* two: nobody knows which */
	again(2, 3);
	again(3, 4); /* before the one that it would stand for */
	gone(3, 5, true);
	gone(4, 6, true);
	resealed_settle(&set);
	assert_false(resealed_next(&set, &at, &pair));
	assert_false(is_signed(3));
}

static void what_strangers_put_beside_a_tip_hides_nothing(void **state)
{
	struct resealed_pair pair;
	size_t at = 0;

	(void)state;
	strange(4, 0);
	gone(4, 1, true);
	strange(4, 2);
	again(4, 3);
	strange(4, 4);
	/* sealed again while it was alone: nobody has signed that */
	strange(6, 5);
	again(6, 6);
	gone(6, 7, true);
	/* two strangers: nobody knows which */
	strange(8, 8);
	strange(8, 9);
	again(8, 10);
	strange(9, 11);
	again(9, 12);
	resealed_settle(&set);
	assert_true(resealed_next(&set, &at, &pair));
	assert_int_equal(pair.gone, 1);
	assert_int_equal(pair.again, 3);
	assert_true(pair.is_signed);
	assert_true(is_signed(4));
	assert_true(resealed_next(&set, &at, &pair));
	assert_int_equal(pair.gone, 11);
	assert_int_equal(pair.again, 12);
	assert_false(pair.is_signed);
	assert_false(resealed_next(&set, &at, &pair));
	assert_false(is_signed(8));
}

static void there_can_be_many(void **state)
{
	struct resealed_pair pair;
	size_t at = 0, n = 0;

	(void)state;
	for (unsigned i = 0; i < 250; i++) {
		gone((uint8_t)i, i, i % 2 == 0);
	}
	for (unsigned i = 0; i < 250; i++) {
		again((uint8_t)i, 1000 + i);
	}
	resealed_settle(&set);
	while (resealed_next(&set, &at, &pair)) {
		assert_int_equal(pair.again, pair.gone + 1000);
		assert_int_equal(pair.is_signed, pair.gone % 2 == 0);
		n++;
	}
	assert_int_equal(n, 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    the_newest_stands_for_the_one_that_is_gone, end),
		cmocka_unit_test_teardown(for_nothing_else, end),
		cmocka_unit_test_teardown(
		    what_strangers_put_beside_a_tip_hides_nothing, end),
		cmocka_unit_test_teardown(there_can_be_many, end),
	};

	return cmocka_run_group_tests_name("cli/resealed", tests, NULL, NULL);
}
