/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/zone: the hour where a telephone may ring; desk/number: which one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/number.h"
#include "desk/zone.h"

#define NOON_UTC (INT64_C(1795000000) / 86400 * 86400 + 43200)

static void the_hour_is_that_of_the_number_and_of_the_place(void **state)
{
	static const struct {
		const char *number;
		unsigned country;
		size_t n;
		unsigned first;
	} rows[] = {
		{ "+85512345678", 0, 1, 19 * 60 },
		{ "+85512345678", 1, 1, 19 * 60 },
		{ "+85512345678", 3, 2, 19 * 60 },
		{ "+9512345678", 0, 1, 18 * 60 + 30 },
		{ "+6281234567", 0, 2, 19 * 60 }, /* three hours of time */
		{ "+6281234567", 3, 3, 19 * 60 },
		{ "+85512345678", 8, 0, 0 }, /* at sea */
		{ "+4912345678", 0, 0, 0 },
	};
	unsigned minutes[ZONE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(zone_minutes(rows[i].number, rows[i].country,
				     NOON_UTC, minutes),
		    rows[i].n);
		if (rows[i].n > 0) {
			assert_int_equal(minutes[0], rows[i].first);
		}
	}
	assert_int_equal(zone_minutes("+85512345678", 3, NOON_UTC, minutes), 2);
	assert_int_equal(minutes[1], 20 * 60);
	/* over midnight */
	assert_int_equal(
	    zone_minutes("+855", 0, NOON_UTC + 6 * 3600, minutes), 1);
	assert_int_equal(minutes[0], 60);
}

static void hours_are_read(void **state)
{
	static const char *const wrong[] = { "", "07:00", "7:00-20:00",
		"07:00-20:60", "07:00-25:00", "24:00-07:00", "07.00-20.00",
		"07:00-20:0a", "07:00--20:0" };
	unsigned from = 0, to = 0;

	(void)state;
	assert_true(zone_hours_read("07:30-20:00", &from, &to));
	assert_int_equal(from, 450);
	assert_int_equal(to, 1200);
	assert_true(zone_hours_read("00:00-24:00", &from, &to));
	assert_int_equal(to, 1440);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		from = 1;
		assert_false(zone_hours_read(wrong[i], &from, &to));
		assert_int_equal(from, 1);
	}
}

static void a_number_is_used_only_if_it_is_sure(void **state)
{
	static const struct {
		const char *typed, *region;
		unsigned country;
		const char *number; /* NULL: not sure */
	} rows[] = {
		{ "+855 12 345-678", "", 0, "+85512345678" },
		{ "(+855) 12345678", "", 0, "+85512345678" },
		{ "+៨៥៥១២៣៤៥៦៧៨", "", 0, "+85512345678" },
		{ "012 345 678", "KH", 0, "+85512345678" },
		{ "012 345 678", "KH", 1, "+85512345678" },
		{ "012 345 678", "KH", 2, NULL }, /* written in Thailand */
		{ "012 345 678", "", 0, NULL },
		{ "12345678", "KH", 0, NULL },
		{ "0012 345 678", "KH", 0, NULL },
		{ "+012345678", "KH", 0, NULL },
		{ "+123456", "", 0, NULL },
		{ "+1234567890123456", "", 0, NULL },
		{ "@sok", "KH", 0, NULL },
		{ "012 345 678 or 098", "KH", 0, NULL },
		{ "", "KH", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char number[SENDER_NUMBER_MAX_BYTES + 1] = "as it was";
		bool lost = false;
		bool sure = number_read(bytes_str(rows[i].typed),
		    rows[i].region, rows[i].country, number, &lost);

		assert_false(lost);
		assert_int_equal(sure, rows[i].number != NULL);
		assert_string_equal(
		    number, sure ? rows[i].number : "as it was");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_hour_is_that_of_the_number_and_of_the_place),
		cmocka_unit_test(hours_are_read),
		cmocka_unit_test(a_number_is_used_only_if_it_is_sure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
