/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/when_form: times in the form that the configuration tells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "sms/when_form.h"

#define KL_S (8 * 3600)          /* Kuala Lumpur */
#define T0   INT64_C(1795300000) /* 2026-11-21T22:26:40Z */

static void what_the_form_says_is_read(void **state)
{
	static const struct {
		const char *form, *text;
		int64_t zone_s, time_s;
	} rows[] = {
		{ "%Y-%m-%d %H:%M:%S", "2026-11-21 22:26:40", 0, T0 },
		{ "%Y-%m-%d%t%H:%M:%S", "2026-11-21 22:26:40", 0, T0 },
		{ "%F%T", "2026-11-2206:26:40", KL_S, T0 },
		{ "%Y%m%d%H%M%S", "20261122062640", KL_S, T0 },
		{ "%d/%m/%y %H:%M:%S", "21/11/26 22:26:40", 0, T0 },
		{ "%e/%m/%Y %H.%M", "1/9/2026 5.07", 0, 1788239220 },
		{ "%b %d %Y %I:%M:%S %p", "Nov 21 2026 10:26:40 PM", 0, T0 },
		{ "%b %d %Y %I:%M:%S %p", "nov 21 2026 10:26:40 pm", 0, T0 },
		{ "%F %I:%M %p", "2026-11-21 12:00 AM", 0, 1795219200 },
		{ "%F %I:%M %p", "2026-11-21 12:00 PM", 0, 1795262400 },
		{ "%FT%T.%f%z", "2026-11-21T22:26:40.123456Z", 0, T0 },
		{ "%FT%T.%f%z", "2026-11-22T06:26:40.1+08:00", 0, T0 },
		{ "%T %F %z", "17:26:40 2026-11-21 -0500", 0, T0 },
		{ "%%%F", "%2026-11-21", 0, 1795219200 },
		{ "%F", "2024-02-29", 0, 1709164800 },
		{ "%F %T", "2016-12-31 23:59:60", 0, 1483228800 },
		{ "%F", "1970-01-01", 3600, -3600 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t time_s = 0;
		bool has_zone;

		assert_true(when_form_ok(rows[i].form, &has_zone));
		assert_int_equal(has_zone, strstr(rows[i].form, "%z") != NULL);
		assert_int_equal(when_form_has_second(rows[i].form),
		    strstr(rows[i].form, "%S") != NULL ||
			strstr(rows[i].form, "%T") != NULL);
		assert_int_equal(when_form(rows[i].form, rows[i].zone_s,
				     bytes_str(rows[i].text), &time_s),
		    TL_OK);
		assert_int_equal(time_s, rows[i].time_s);
	}
}

static void what_it_does_not_say_is_no_time(void **state)
{
	static const struct {
		const char *form, *text;
	} rows[] = {
		{ "%F", "" },
		{ "%F",
		    "2026-11-2"
		    "\xff" },
		{ "%F", "2026-11-21 " },
		{ "%F", " 2026-11-21" },
		{ "%F", "2026-11" },
		{ "%F", "2026/11/21" },
		{ "%F", "2026-13-01" },
		{ "%F", "2026-00-01" },
		{ "%F", "2026-02-29" },
		{ "%F", "2026-04-31" },
		{ "%F", "1969-12-31" },
		{ "%F", "226-11-21" },
		{ "%F", "+226-11-21" },
		{ "%F %T", "2026-11-21 24:00:00" },
		{ "%F %T", "2026-11-21 22:60:00" },
		{ "%F %T", "2026-11-21 22:26:61" },
		{ "%F %T", "2026-11-21  2:26:40" },
		{ "%F %T", "2026-11-21 -2:26:40" },
		{ "%F %I %p", "2026-11-21 13 PM" },
		{ "%F %I %p", "2026-11-21 0 AM" },
		{ "%F %I %p", "2026-11-21 1 XM" },
		{ "%F %I %p", "2026-11-21 1 P" },
		{ "%b %d %Y", "Nop 21 2026" },
		{ "%b %d %Y", "No" },
		{ "%F%z", "2026-11-21" },
		{ "%F%z", "2026-11-21+8:00" },
		{ "%F%z", "2026-11-21+08" },
		{ "%F%z", "2026-11-21+08:0" },
		{ "%F%z", "2026-11-21+2400" },
		{ "%F.%f", "2026-11-21." },
		{ "%F.%f", "2026-11-21.1234567890" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t time_s = 77;

		assert_int_equal(when_form(rows[i].form, 0,
				     bytes_str(rows[i].text), &time_s),
		    TL_EFORMAT);
		assert_int_equal(time_s, 77);
	}
}

static void every_cut_and_every_flipped_bit_is_read_or_refused(void **state)
{
	static const char form[] = "%b %d %Y %I:%M:%S.%f %p%z";
	static const char good[] = "Nov 21 2026 10:26:40.5 PM+08:00";
	size_t len = sizeof(good) - 1;
	int64_t time_s;
	enum tl_err err;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		/* an exact heap copy, so that ASan sees one byte too many */
		uint8_t *copy = malloc(cut + (cut == 0));

		memcpy(copy, good, cut);
		assert_int_equal(
		    when_form(form, 0, bytes_of(copy, cut), &time_s),
		    cut == len ? TL_OK : TL_EFORMAT);
		for (size_t bit = 0; cut == len && bit < 8 * len; bit++) {
			copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
			err = when_form(form, 0, bytes_of(copy, cut), &time_s);
			assert_true(err == TL_OK || err == TL_EFORMAT);
			copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		free(copy);
	}
}

static void a_form_that_can_say_no_time_is_a_fault(void **state)
{
	static const char *const forms[] = { "", "%", "%F%", "%F%q", "%F %F",
		"%H:%M", "%Y-%m", "%Y-%d", "%m-%d", "%F %y", "%F %I", "%F %p",
		"%F %H %I %p", "%F%z%z", "%F %s", "%Y-%m-%d %d", "%-d" };
	bool has_zone;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_false(when_form_ok(forms[i], &has_zone));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_form_says_is_read),
		cmocka_unit_test(what_it_does_not_say_is_no_time),
		cmocka_unit_test(
		    every_cut_and_every_flipped_bit_is_read_or_refused),
		cmocka_unit_test(a_form_that_can_say_no_time_is_a_fault),
	};

	return cmocka_run_group_tests_name("sms/when_form", tests, NULL, NULL);
}
