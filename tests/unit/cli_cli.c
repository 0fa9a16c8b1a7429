/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/cli: every command reads its options in the same way, and output that
 * could not be written is an error unless its reader has left.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/program.h"

static const char help[] = "Usage: tipline try\n\nTries it.\n";
static const struct option options[] = {
	{ "number", required_argument, NULL, 'n' },
	CLI_OPTIONS_END,
};

static bool take_small(int option, const char *value, void *arg)
{
	int *taken = arg;

	(*taken)++;
	return option == 'n' && strlen(value) == 1;
}

static int try_options(const char *a, const char *b, const char *c)
{
	char *argv[] = { (char[]){ "try" }, (char *)(uintptr_t)a,
		(char *)(uintptr_t)b, (char *)(uintptr_t)c, NULL };
	int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);
	int taken = 0;

	return cli_options(argc, argv, options, 1, 2, help, take_small, &taken);
}

/* Run print with standard output at fd; the status of the whole. */
static int end_output_at(int fd, const char *text)
{
	int kept = dup(STDOUT_FILENO);
	int status;

	(void)fflush(stdout);
	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
	(void)fputs(text, stdout);
	status = cli_end_output(CLI_OK);
	clearerr(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	(void)close(kept);
	return status;
}

static void operands_are_counted(void **state)
{
	(void)state;
	assert_int_equal(try_options("a", NULL, NULL), CLI_GO_ON);
	assert_int_equal(try_options("a", "b", NULL), CLI_GO_ON);
	assert_int_equal(try_options(NULL, NULL, NULL), CLI_USAGE);
	assert_int_equal(try_options("a", "b", "c"), CLI_USAGE);
}

static void options_may_stand_behind_operands(void **state)
{
	(void)state;
	assert_int_equal(try_options("a", "--number", "1"), CLI_GO_ON);
	assert_int_equal(optind, 3);
}

static void a_wrong_option_or_value_is_a_wrong_command_line(void **state)
{
	(void)state;
	assert_int_equal(try_options("a", "--what", NULL), CLI_USAGE);
	assert_int_equal(try_options("a", "--number", NULL), CLI_USAGE);
	assert_int_equal(try_options("a", "--number", "12"), CLI_USAGE);
}

static void help_is_printed_whatever_else_is_there(void **state)
{
	int ends[2];
	char text[128] = "";
	int kept = dup(STDOUT_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	(void)fflush(stdout);
	assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
	assert_int_equal(try_options("--help", "x", "y"), CLI_OK);
	(void)fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	assert_int_equal(
	    read(ends[0], text, sizeof(text) - 1), (ssize_t)strlen(help));
	assert_string_equal(text, help);
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(kept);
}

static void a_full_disk_is_an_error(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(full >= 0);
	assert_int_equal(end_output_at(full, "text"), CLI_WRONG);
	(void)close(full);
}

static void a_reader_who_has_left_is_none(void **state)
{
	int ends[2];

	(void)state;
	program_begin("test");
	assert_int_equal(pipe(ends), 0);
	(void)close(ends[0]);
	assert_int_equal(end_output_at(ends[1], "text"), CLI_OK);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(options_may_stand_behind_operands),
		cmocka_unit_test(
		    a_wrong_option_or_value_is_a_wrong_command_line),
		cmocka_unit_test(help_is_printed_whatever_else_is_there),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_reader_who_has_left_is_none),
	};

	return cmocka_run_group_tests_name("cli/cli", tests, NULL, NULL);
}
