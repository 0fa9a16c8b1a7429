/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/totp: the codes of RFC 6238, each right once, in its half minute and
 * the two beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "desk/totp.h"

/* RFC 6238, appendix B; six digits are the last ones of its eight */
static const uint8_t secret[] = "12345678901234567890";
static const struct {
	int64_t now_s;
	const char *code;
} vectors[] = {
	{ 59, "287082" },
	{ 1111111109, "081804" },
	{ 1111111111, "050471" },
	{ 1234567890, "005924" },
	{ 2000000000, "279037" },
	{ 20000000000, "353130" },
};

static int set_up(void **state)
{
	(void)state;
	return totp_start() == TL_OK ? 0 : -1;
}

static enum tl_err check(
    const char *code, int64_t now_s, uint64_t last_step, uint64_t *ret_step)
{
	return totp_check(secret, bytes_str(code), now_s, last_step, ret_step);
}

static void codes_are_those_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint64_t step = 0;

		assert_int_equal(
		    check(vectors[i].code, vectors[i].now_s, 0, &step), TL_OK);
		assert_int_equal(step, vectors[i].now_s / 30);
	}
}

static void a_code_is_right_for_a_minute_and_a_half(void **state)
{
	const int64_t begins_s = 1234567890 / 30 * 30;

	(void)state;
	for (int64_t by_s = -90; by_s < 120; by_s++) {
		uint64_t step = 0;
		bool right = by_s >= -30 && by_s < 60;

		assert_int_equal(check("005924", begins_s + by_s, 0, &step),
		    right ? TL_OK : TL_EPROOF);
		assert_int_equal(step, right ? begins_s / 30 : 0);
	}
}

static void a_code_is_right_once(void **state)
{
	const int64_t now_s = 1234567890;
	uint64_t step = 0;

	(void)state;
	assert_int_equal(check("005924", now_s, 0, &step), TL_OK);
	for (int64_t by_s = -30; by_s <= 30; by_s += 30) {
		uint64_t again = 0;

		assert_int_equal(
		    check("005924", now_s + by_s, step, &again), TL_EPROOF);
		assert_int_equal(again, 0);
	}
	/* nor one from before it */
	assert_int_equal(check("005924", now_s, step + 1, &step), TL_EPROOF);
	assert_int_equal(check("005924", now_s, step - 1, &step), TL_OK);
}

static void what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = { "", "00592", "0059244", "005925",
		"105924", " 05924", "OO5924" };
	uint64_t step = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    check(wrong[i], 1234567890, 0, &step), TL_EPROOF);
	}
	assert_int_equal(step, 7);
	/* a clock that was never set */
	assert_int_equal(check("005924", 0, 0, &step), TL_EPROOF);
	assert_int_equal(check("005924", -5, 0, &step), TL_EPROOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_rfc),
		cmocka_unit_test(a_code_is_right_for_a_minute_and_a_half),
		cmocka_unit_test(a_code_is_right_once),
		cmocka_unit_test(what_is_no_code_is_refused),
	};

	return cmocka_run_group_tests_name("desk/totp", tests, set_up, NULL);
}
