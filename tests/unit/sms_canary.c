/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sms/canary: planted texts are known, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "sms/canary.h"

#define NOW_S 1795226400

static const struct bytes secret = { (const uint8_t *)"a long secret", 13 };

static void a_text_is_sixteen_digits_in_fours(void **state)
{
	char text[CANARY_CHARS];

	(void)state;
	canary_text(secret, "phones", NOW_S, text);
	assert_int_equal(strlen(text), CANARY_CHARS - 1);
	for (size_t i = 0; i < CANARY_CHARS - 1; i++) {
		if (i % 5 == 4) {
			assert_int_equal(text[i], ' ');
		} else {
			assert_in_range(text[i], '0', '9');
		}
	}
}

static void it_is_known_for_two_days(void **state)
{
	static const struct {
		int64_t later_s;
		bool known;
	} rows[] = {
		{ 0, true },
		{ -3600, true },
		{ -7200, false },
		{ CANARY_HOURS * 3600, true },
		{ (CANARY_HOURS + 1) * 3600, false },
	};
	char text[CANARY_CHARS];

	(void)state;
	canary_text(secret, "phones", NOW_S, text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(canary_is(secret, "phones",
				     NOW_S + rows[i].later_s, bytes_str(text)),
		    rows[i].known);
	}
}

static void no_other_text_gateway_or_secret_makes_one(void **state)
{
	static const struct bytes other = { (const uint8_t *)"another one!!",
		13 };
	char text[CANARY_CHARS + 2] = "";

	(void)state;
	canary_text(secret, "phones", NOW_S, text);
	assert_false(canary_is(other, "phones", NOW_S, bytes_str(text)));
	assert_false(canary_is(secret, "phone", NOW_S, bytes_str(text)));
	assert_false(
	    canary_is(bytes_of("", 0), "phones", NOW_S, bytes_str(text)));
	for (size_t i = 0; i < CANARY_CHARS - 1; i++) {
		text[i] ^= 1;
		assert_false(
		    canary_is(secret, "phones", NOW_S, bytes_str(text)));
		text[i] ^= 1;
	}
	assert_true(canary_is(secret, "phones", NOW_S, bytes_str(text)));
	text[CANARY_CHARS - 1] = '!';
	assert_false(canary_is(secret, "phones", NOW_S, bytes_str(text)));
	assert_false(canary_is(secret, "phones", NOW_S, bytes_str("")));
	assert_false(canary_is(secret, "phones", NOW_S, bytes_str("help")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_sixteen_digits_in_fours),
		cmocka_unit_test(it_is_known_for_two_days),
		cmocka_unit_test(no_other_text_gateway_or_secret_makes_one),
	};

	return cmocka_run_group_tests_name("sms_canary", tests, NULL, NULL);
}
