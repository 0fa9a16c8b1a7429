/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/cells: no table tells of fewer than five people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/cells.h"

static struct cells cells;

static void fill(const unsigned *counts, size_t n)
{
	memset(&cells, 0, sizeof(cells));
	for (size_t i = 0; i < n; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "c%u", (unsigned)i % 1000);
		for (unsigned c = 0; c < counts[i]; c++) {
			cells_add(&cells, name);
		}
	}
	cells_hide(&cells);
}

static const struct cell *cell(const char *name)
{
	for (size_t i = 0; i < cells.n; i++) {
		if (strcmp(cells.items[i].name, name) == 0) {
			return &cells.items[i];
		}
	}
	fail();
	return NULL;
}

static void small_cells_are_hidden_and_one_more_where_it_would_follow(
    void **state)
{
	(void)state;
	fill((const unsigned[]){ 7, 4, 20 }, 3);
	assert_true(cell("c1")->hidden);
	assert_true(cell("c0")->hidden); /* else 31 - 27 */
	assert_false(cell("c2")->hidden);
	fill((const unsigned[]){ 7, 4, 3, 20 }, 4);
	assert_false(cell("c0")->hidden);
	fill((const unsigned[]){ 7, 1, 2, 20 }, 4);
	assert_true(cell("c0")->hidden); /* three in all is told by the rest */
	fill((const unsigned[]){ 5, 6 }, 2);
	assert_false(cell("c0")->hidden);
	fill((const unsigned[]){ 2 }, 1);
	assert_true(cell("c0")->hidden);
}

/* Whatever the counts: from the total and what is seen, no hidden cell of
 * fewer than five follows. */
static void nothing_follows_from_the_rest(void **state)
{
	(void)state;
	srandom(7);
	for (unsigned round = 0; round < 2000; round++) {
		unsigned counts[6], left = 0, seen = 0;
		size_t hidden = 0;

		for (size_t i = 0; i < 6; i++) {
			counts[i] = (unsigned)random() % 12;
		}
		fill(counts, 6);
		for (size_t i = 0; i < cells.n; i++) {
			hidden += cells.items[i].hidden ? 1 : 0;
			left += cells.items[i].hidden ? cells.items[i].n : 0;
			seen += cells.items[i].hidden ? 0 : 1;
			assert_true(cells.items[i].hidden ||
			    cells.items[i].n >= CELLS_LEAST);
		}
		if (hidden > 0 && seen > 0) {
			assert_true(hidden > 1);
			assert_true(left >= CELLS_LEAST);
		}
	}
}

static void too_many_names_count_as_other(void **state)
{
	unsigned n = 0;

	(void)state;
	memset(&cells, 0, sizeof(cells));
	for (unsigned i = 0; i < CELLS_MAX + 50; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "name%u", i);
		cells_add(&cells, name);
	}
	cells_add(&cells, "a name that is longer than the room for names");
	assert_int_equal(cells.n, CELLS_MAX);
	for (size_t i = 0; i < cells.n; i++) {
		n += cells.items[i].n;
	}
	assert_int_equal(n, CELLS_MAX + 51);
}

static void percentiles_are_those_of_the_values(void **state)
{
	uint64_t values[] = { 50, 10, 40, 20, 30 };

	(void)state;
	assert_int_equal(cells_percentile(values, 5, 50), 30);
	assert_int_equal(cells_percentile(values, 5, 90), 50);
	assert_int_equal(cells_percentile(values, 5, 0), 10);
	assert_int_equal(cells_percentile(values, 1, 50), 10);
	assert_int_equal(cells_percentile(values, 0, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    small_cells_are_hidden_and_one_more_where_it_would_follow),
		cmocka_unit_test(nothing_follows_from_the_rest),
		cmocka_unit_test(too_many_names_count_as_other),
		cmocka_unit_test(percentiles_are_those_of_the_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
