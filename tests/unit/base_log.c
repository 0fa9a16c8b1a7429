/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/log: numbers go in, one line comes out. base/clock and base/err too.
 */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/wipe.h"

#define ROW(name, number, level, text) { (number), (text) },
static const struct {
	int number;
	const char *text;
} rows[] = { LOG_EVENTS(ROW) };
#undef ROW

static void capture(
    enum log_event event, long long a, long long b, char *line, size_t cap)
{
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_event(event, a, b);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	n = read(ends[0], line, cap - 1);
	assert_true(n > 0);
	line[n] = '\0';
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(kept);
}

static void numbers_stand_where_the_sentence_has_them(void **state)
{
	char line[600];

	(void)state;
	log_open("test");
	capture(LOG_CHILD_DIED, -7, 42, line, sizeof(line));
	assert_non_null(
	    strstr(line, "E103 child -7 ended with status 42; another"));
	assert_int_equal(strncmp(line, "<4>test[", 8), 0);
	assert_int_equal(line[strlen(line) - 1], '\n');
	capture(LOG_READY, 1, 2, line, sizeof(line));
	assert_non_null(strstr(line, "E101 ready\n"));
}

static void each_event_has_its_own_number_and_two_marks_at_most(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int marks = 0;

		for (const char *at = rows[i].text; *at != '\0'; at++) {
			marks += *at == '#';
			assert_int_not_equal(*at, '\n');
		}
		assert_in_range(marks, 0, 2);
		assert_in_range(strlen(rows[i].text), 3, 300);
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(rows[i].number, rows[k].number);
		}
	}
}

static void a_set_clock_stands_still_until_it_is_unset(void **state)
{
	(void)state;
	clock_set(1795300000, 5);
	assert_true(clock_wall_s() == 1795300000);
	assert_true(clock_mono_ms() == 5);
	clock_unset();
	assert_true(clock_wall_s() > 1700000000);
	assert_true(clock_mono_ms() != 5);
}

static void every_error_has_words(void **state)
{
	(void)state;
	for (int err = TL_OK; err >= TL_EBUSY; err--) {
		assert_string_not_equal(
		    err_text((enum tl_err)err), "unknown error");
	}
	assert_string_equal(err_text((enum tl_err)1), "unknown error");
	assert_string_equal(err_text((enum tl_err) - 99), "unknown error");
}

static void wiping_leaves_zeros(void **state)
{
	char secret[] = "secret";

	(void)state;
	wipe(secret, 0);
	assert_string_equal(secret, "secret");
	wipe(secret, sizeof(secret));
	assert_memory_equal(secret, "\0\0\0\0\0\0", 6);
	wipe(NULL, 0);
	wipe_stack();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stand_where_the_sentence_has_them),
		cmocka_unit_test(
		    each_event_has_its_own_number_and_two_marks_at_most),
		cmocka_unit_test(a_set_clock_stands_still_until_it_is_unset),
		cmocka_unit_test(every_error_has_words),
		cmocka_unit_test(wiping_leaves_zeros),
	};

	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
