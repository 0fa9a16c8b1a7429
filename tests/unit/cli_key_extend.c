/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * `tipline key extend` on a disk that gets full between its two files: the
 * ring has the new epochs then, and no list names them. However often it is
 * tried, the ring has them once, and the list that is written in the end is
 * that of the first try.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/team.h"
#include "crypto/keytext.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define WORDS "words of a test"

static char *dir;
static struct team_paths paths;
static bool disk_is_full; /* for the list */

/* In the place of the C library's, for all that is linked into this. */
ssize_t write(int fd, const void *bytes, size_t len)
{
	char proc[64], path[PATH_MAX] = "";

	(void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (disk_is_full && readlink(proc, path, sizeof(path) - 1) > 0 &&
	    strstr(path, "/team.list") != NULL) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, len);
}

static int extend(unsigned epochs)
{
	char number[16];
	char *argv[] = { (char[]){ "extend" }, (char[]){ "--epochs" }, number,
		dir, NULL };

	(void)snprintf(number, sizeof(number), "%u", epochs);
	optind = 1;
	return key_extend(NULL, 4, argv);
}

static void ring_and_list_have(size_t in_ring, size_t in_list, uint64_t number)
{
	struct ring *ring = NULL;
	struct teamlist *list = NULL;

	assert_int_equal(ring_load(paths.ring, &ring), TL_OK);
	assert_int_equal(teamlist_load(paths.list, &list), TL_OK);
	assert_int_equal(ring_n(ring), in_ring);
	assert_int_equal(list->n, in_list);
	assert_int_equal(list->number, number);
	if (in_ring == in_list) {
		assert_int_equal(
		    list->end_s, ring_epoch(ring, in_ring - 1)->end_s);
	}
	teamlist_free(list);
	ring_free(ring);
}

static void a_repeat_makes_no_epochs_twice(void **state)
{
	(void)state;
	ring_and_list_have(2, 2, 1);
	disk_is_full = true;
	assert_int_equal(extend(3), CLI_WRONG);
	ring_and_list_have(5, 2, 1);
	assert_int_equal(extend(3), CLI_WRONG);
	assert_int_equal(extend(3), CLI_WRONG);
	disk_is_full = false;
	assert_int_equal(extend(3), CLI_OK);
	/* a number that no list got does no harm */
	ring_and_list_have(5, 5, 5);
	assert_int_equal(extend(3), CLI_OK);
	ring_and_list_have(8, 8, 6);
}

static void a_repeat_that_wants_more_makes_the_rest(void **state)
{
	(void)state;
	disk_is_full = true;
	assert_int_equal(extend(1), CLI_WRONG);
	disk_is_full = false;
	assert_int_equal(extend(4), CLI_OK);
	ring_and_list_have(6, 6, 3);
}

/* What the list names is nobody's guess then: as many as were asked for. */
static void without_a_list_all_are_made(void **state)
{
	(void)state;
	assert_int_equal(unlink(paths.list), 0);
	assert_int_equal(extend(2), CLI_OK);
	ring_and_list_have(4, 4, 2);
}

/* What is said on standard error meanwhile. */
static bool is_called_old(unsigned epochs)
{
	const char *path = tempdir_path(dir, "said");
	char said[2048] = "";
	int was = dup(STDERR_FILENO);
	FILE *file = freopen(path, "w+", stderr);

	assert_non_null(file);
	assert_int_equal(extend(epochs), CLI_OK);
	assert_int_equal(fflush(stderr), 0);
	rewind(stderr);
	assert_true(fread(said, 1, sizeof(said) - 1, stderr) < sizeof(said));
	assert_true(dup2(was, STDERR_FILENO) >= 0);
	assert_int_equal(close(was), 0);
	return strstr(said, "this is an old copy") != NULL;
}

static void a_ring_whose_epochs_are_over_is_called_old(void **state)
{
	const struct team_plan plan = { TEAM_EPOCH_S, 2, { 1, 8 } };
	const int64_t then_s = clock_wall_s() - 20 * (int64_t)TEAM_EPOCH_S;

	(void)state;
	assert_false(is_called_old(1));
	assert_int_equal(unlink(paths.identity), 0);
	assert_int_equal(unlink(paths.identity_pub), 0);
	assert_int_equal(unlink(paths.ring), 0);
	assert_int_equal(unlink(paths.list), 0);
	assert_int_equal(
	    team_make(&paths, &plan, bytes_str(WORDS), then_s), TL_OK);
	assert_true(is_called_old(1));
	assert_false(is_called_old(1));
}

static int set_up(void **state)
{
	const struct team_plan plan = { TEAM_EPOCH_S, 2, { 1, 8 } };
	const char *pass;

	(void)state;
	disk_is_full = false;
	dir = tempdir_make();
	if (dir == NULL || crypto_start() != TL_OK) {
		return -1;
	}
	pass = tempdir_path(dir, "pass");
	return keytext_create(pass, true, bytes_str(WORDS "\n")) == TL_OK &&
		setenv("TIPLINE_PASSPHRASE_FILE", pass, 1) == 0 &&
		team_paths_of(dir, &paths) == TL_OK &&
		team_make(&paths, &plan, bytes_str(WORDS), clock_wall_s()) ==
		    TL_OK
	    ? 0
	    : -1;
}

static int tear_down(void **state)
{
	(void)state;
	disk_is_full = false;
	(void)unsetenv("TIPLINE_PASSPHRASE_FILE");
	tempdir_remove(dir);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_repeat_makes_no_epochs_twice),
		TEST(a_repeat_that_wants_more_makes_the_rest),
		TEST(without_a_list_all_are_made),
		TEST(a_ring_whose_epochs_are_over_is_called_old),
	};

	return cmocka_run_group_tests_name("key extend", tests, NULL, NULL);
}
