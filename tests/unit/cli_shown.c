/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/shown: what was shown stays shown, and in doubt all is new.
 */
#include "cli/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/tempdir.h"

static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = tempdir_make();
	return folder == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(folder);
	return 0;
}

static void what_was_shown_is_not_new_any_more(void **state)
{
	(void)state;
	assert_int_equal(shown_read(folder, 9), 0);
	assert_int_equal(shown_write(folder, 7), TL_OK);
	assert_int_equal(shown_read(folder, 9), 7);
	assert_int_equal(shown_read(folder, 7), 7);
	assert_int_equal(shown_write(folder, 9), TL_OK);
	assert_int_equal(shown_read(folder, 9), 9);
}

static void of_another_ledger_all_is_new(void **state)
{
	(void)state;
	assert_int_equal(shown_write(folder, 7), TL_OK);
	assert_int_equal(shown_read(folder, 6), 0);
}

static void with_anything_else_in_the_file_all_is_new(void **state)
{
	static const char *const texts[] = { "", "\n", "7", "-7\n", "7\n\n",
		" 7\n", "7 \n", "18446744073709551617\n", "seven\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *file = fopen(tempdir_path(folder, "shown"), "w");

		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(shown_read(folder, 9), 0);
	}
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(shown_read("/none", 9), 0);
	assert_int_equal(shown_write("/none", 9), TL_EIO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_shown_is_not_new_any_more),
		TEST(of_another_ledger_all_is_new),
		TEST(with_anything_else_in_the_file_all_is_new),
		TEST(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests_name("cli/shown", tests, NULL, NULL);
}
