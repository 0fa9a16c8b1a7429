/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cli/check: what an operator types gets the right exit status. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"

/* Runs the command with its output going to a file; printed gets it. */
static int run(const char *config_path, const char *a, const char *b,
    char printed[static 65536])
{
	char name[] = "check";
	char first[64] = "";
	char second[64] = "";
	char *argv[] = { name, a != NULL ? first : NULL,
		b != NULL ? second : NULL, NULL };
	int kept = dup(STDOUT_FILENO);
	FILE *out = tmpfile();
	size_t len;
	int status;

	assert_non_null(out);
	(void)snprintf(first, sizeof(first), "%s", a != NULL ? a : "");
	(void)snprintf(second, sizeof(second), "%s", b != NULL ? b : "");
	(void)fflush(stdout);
	assert_true(dup2(fileno(out), STDOUT_FILENO) >= 0);
	status = cli_check(config_path, 1 + (a != NULL) + (b != NULL), argv);
	(void)fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	(void)close(kept);
	rewind(out);
	len = fread(printed, 1, 65535, out);
	printed[len] = '\0';
	(void)fclose(out);
	return status;
}

static char printed[65536];

static void help_sample_and_man_need_no_file(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, "--help", NULL, printed), 0);
	assert_non_null(strstr(printed, "Usage: tipline [-c FILE] check"));
	assert_int_equal(run(NULL, "--sample", NULL, printed), 0);
	assert_non_null(strstr(printed, "\npublic_url = https://"));
	assert_int_equal(run(NULL, "--man", NULL, printed), 0);
	assert_non_null(strstr(printed, "\n.TH TIPLINE.CONF 5"));
}

static void a_wrong_command_line_is_status_two(void **state)
{
	(void)state;
	assert_int_equal(run("/x", "smtp", NULL, printed), 2);
	assert_int_equal(run("/x", "--print", "intake", printed), 2);
	assert_int_equal(run("/x", "--man", "--print", printed), 2);
	assert_int_equal(run("/x", "--sample", "relay", printed), 2);
	assert_string_equal(printed, "");
}

static void a_wrong_file_is_status_one(void **state)
{
	(void)state;
	assert_int_equal(run("/nonexistent.conf", NULL, NULL, printed), 1);
	/* right in itself, but none of its files is there */
	assert_int_equal(
	    run("docs/tipline.conf.sample", NULL, NULL, printed), 1);
	assert_string_equal(printed, "");
}

static void what_is_in_force_is_printed(void **state)
{
	(void)state;
	assert_int_equal(
	    run("docs/tipline.conf.sample", "--print", NULL, printed), 0);
	assert_non_null(strstr(printed, "\nlow_free = 256MiB\n"));
}

static void a_right_home_is_status_zero(void **state)
{
	char path[] = "/tmp/tipline-check-XXXXXX";
	char ledger[] = "/tmp/tipline-ledger-XXXXXX";
	char text[256];
	int fd = mkstemp(path);

	(void)state;
	(void)snprintf(text, sizeof(text),
	    "[redis]\nsocket = redis.sock\n"
	    "[desk]\nteam_ring = %s\nreceipt_key = %s\nintake_keys = %s\n"
	    "ledger = %s\n",
	    path, path, path, mkdtemp(ledger));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	assert_int_equal(run(path, NULL, NULL, printed), 0);
	assert_non_null(strstr(printed, ": right\n"));
	assert_int_equal(run(path, "desk", NULL, printed), 0);
	/* this file does not do for a relay */
	assert_int_equal(run(path, "relay", NULL, printed), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(ledger), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_sample_and_man_need_no_file),
		cmocka_unit_test(a_wrong_command_line_is_status_two),
		cmocka_unit_test(a_wrong_file_is_status_one),
		cmocka_unit_test(what_is_in_force_is_printed),
		cmocka_unit_test(a_right_home_is_status_zero),
	};

	return cmocka_run_group_tests_name("cli/check", tests, NULL, NULL);
}
