/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/range: one range of bytes, and everything that is none.
 */
#include "desk/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_part(
    const char *value, size_t of, size_t want_at, size_t want_len)
{
	size_t at = 0, len = 0;

	assert_int_equal(
	    range_read(bytes_str(value), of, &at, &len), RANGE_PART);
	assert_int_equal(at, want_at);
	assert_int_equal(len, want_len);
}

static enum range read_one(const char *value, size_t of)
{
	size_t at, len;

	return range_read(bytes_str(value), of, &at, &len);
}

static void one_range_is_read_and_ends_with_the_file(void **state)
{
	(void)state;
	assert_part("bytes=0-0", 10, 0, 1);
	assert_part("bytes=2-4", 10, 2, 3);
	assert_part("bytes=2-", 10, 2, 8);
	assert_part("bytes=9-", 10, 9, 1);
	assert_part("bytes=5-99", 10, 5, 5);
	assert_part("bytes=-3", 10, 7, 3);
	assert_part("bytes=-99", 10, 0, 10);
	assert_part("Bytes=0-", 10, 0, 10);
	assert_part("bytes=0-99999999999999999999999999", 10, 0, 10);
	assert_part("bytes=-99999999999999999999999999", 10, 0, 10);
}

static void what_is_not_there_is_beyond(void **state)
{
	(void)state;
	assert_int_equal(read_one("bytes=10-", 10), RANGE_BEYOND);
	assert_int_equal(read_one("bytes=10-12", 10), RANGE_BEYOND);
	assert_int_equal(read_one("bytes=-0", 10), RANGE_BEYOND);
	assert_int_equal(read_one("bytes=0-", 0), RANGE_BEYOND);
	assert_int_equal(read_one("bytes=-1", 0), RANGE_BEYOND);
	assert_int_equal(
	    read_one("bytes=99999999999999999999999999-", 10), RANGE_BEYOND);
}

static void what_is_no_range_is_the_whole(void **state)
{
	static const char *const values[] = { "", "bytes", "bytes=", "bytes=-",
		"bytes=3", "bytes=4-2", "bytes=0-1,3-4", "bytes=0-1 ",
		"bytes= 0-1", "bytes=a-b", "bytes=0-b", "bytes=--1",
		"bytes=0--1", "bytes=+1-2", "items=0-1", "0-1", "-1",
		"bytes=0-1-2", "bytes=0x0-0x1", "bytes =0-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(read_one(values[i], 10), RANGE_WHOLE);
	}
	assert_int_equal(
	    range_read(bytes_of(NULL, 0), 10, NULL, NULL), RANGE_WHOLE);
}

static void every_cut_and_every_flipped_bit_stays_within_the_file(void **state)
{
	static const char good[] = "bytes=12-345";
	const size_t of = 300;

	(void)state;
	for (size_t len = 0; len < sizeof(good); len++) {
		for (size_t bit = 0; bit < 8 * len + 1; bit++) {
			uint8_t *value = malloc(len + 1);
			size_t at = 0, n = 0;

			assert_non_null(value);
			memcpy(value, good, len);
			if (bit < 8 * len) {
				value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			}
			if (range_read(bytes_of(value, len), of, &at, &n) ==
			    RANGE_PART) {
				assert_true(n > 0 && at < of && n <= of - at);
			}
			free(value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_range_is_read_and_ends_with_the_file),
		cmocka_unit_test(what_is_not_there_is_beyond),
		cmocka_unit_test(what_is_no_range_is_the_whole),
		cmocka_unit_test(
		    every_cut_and_every_flipped_bit_stays_within_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
