/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* config/nearest: a guess helps, a wild guess does not. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "config/nearest.h"

static const char *const names[] = { "path", "min_free", "low_free",
	"receipt_keys", "team_keys", "secret_file" };

static const char *nearest(const char *typed)
{
	return config_nearest(
	    bytes_str(typed), names, sizeof(names) / sizeof(names[0]));
}

static void slips_of_the_finger_are_understood(void **state)
{
	(void)state;
	assert_string_equal(nearest("path"), "path");
	assert_string_equal(nearest("apth"), "path"); /* swapped */
	assert_string_equal(nearest("pth"), "path");  /* left out */
	assert_string_equal(nearest("paths"), "path");
	assert_string_equal(nearest("reciept_key"), "receipt_keys");
	assert_null(nearest("MIN_FREE"));
}

static void pieces_and_longer_names_are_understood(void **state)
{
	(void)state;
	assert_string_equal(nearest("secret"), "secret_file");
	assert_string_equal(nearest("the_low_free_limit"), "low_free");
}

static void what_is_far_away_gets_no_guess(void **state)
{
	(void)state;
	assert_null(nearest("xyz"));
	assert_null(nearest(""));
	assert_null(nearest("_fi"));
	/* longer than any name: not compared at all */
	assert_null(nearest("path_path_path_path_path_path_path"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_of_the_finger_are_understood),
		cmocka_unit_test(pieces_and_longer_names_are_understood),
		cmocka_unit_test(what_is_far_away_gets_no_guess),
	};

	return cmocka_run_group_tests_name("config/nearest", tests, NULL, NULL);
}
