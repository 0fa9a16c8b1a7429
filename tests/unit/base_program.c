/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/program: one command line and one set of exit statuses for all
 * servers, and none of them dies of a peer that has gone.
 */
#include "base/program.h"

#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static bool checks = true; /* this server has --check */
static bool check;

static const char *config_of(const char *a, const char *b, int *ret_status)
{
	char *argv[] = { (char[]){ "server" }, (char *)(uintptr_t)a,
		(char *)(uintptr_t)b, NULL };

	optind = 0;
	return program_config(1 + (a != NULL) + (b != NULL), argv, "Usage\n",
	    checks ? &check : NULL, ret_status);
}

static void without_options_the_default_is_read(void **state)
{
	int status = 99;

	(void)state;
	assert_string_equal(config_of(NULL, NULL, &status), PROGRAM_CONFIG);
	assert_int_equal(status, 99);
}

static void a_file_can_be_named(void **state)
{
	int status = 99;

	(void)state;
	assert_string_equal(config_of("-c", "/x", &status), "/x");
	assert_int_equal(status, 99);
}

static void a_check_is_for_those_who_have_it(void **state)
{
	int status = 99;

	(void)state;
	assert_string_equal(config_of("-c", "/x", &status), "/x");
	assert_false(check);
	assert_string_equal(
	    config_of("--check", NULL, &status), PROGRAM_CONFIG);
	assert_true(check);
	checks = false;
	assert_null(config_of("--check", NULL, &status));
	assert_int_equal(status, EXIT_STATUS_USAGE);
	assert_string_equal(config_of(NULL, NULL, &status), PROGRAM_CONFIG);
	checks = true;
}

static void help_is_a_success_and_the_rest_is_not(void **state)
{
	static const char *const wrong[] = { "--bad", "-x", "-c", "extra" };
	int status = 99;

	(void)state;
	assert_null(config_of("--help", NULL, &status));
	assert_int_equal(status, EXIT_STATUS_OK);
	assert_null(config_of("-h", "extra", &status));
	assert_int_equal(status, EXIT_STATUS_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		status = 99;
		assert_null(config_of(wrong[i], NULL, &status));
		assert_int_equal(status, EXIT_STATUS_USAGE);
	}
}

static void a_pipe_without_a_reader_is_an_error_only(void **state)
{
	int ends[2];

	(void)state;
	program_begin("test");
	assert_int_equal(pipe(ends), 0);
	(void)close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_the_default_is_read),
		cmocka_unit_test(a_file_can_be_named),
		cmocka_unit_test(a_check_is_for_those_who_have_it),
		cmocka_unit_test(help_is_a_success_and_the_rest_is_not),
		cmocka_unit_test(a_pipe_without_a_reader_is_an_error_only),
	};

	return cmocka_run_group_tests_name("base/program", tests, NULL, NULL);
}
