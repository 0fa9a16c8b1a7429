/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/owner, and who uses it: what root makes in another user's folder is
 * that user's, and what root replaces stays whose it was. Much of it only root
 * can test: whoever else runs this skips it.
 */
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/gateway_book.h"
#include "cli/key.h"
#include "cli/shown.h"
#include "cli/team.h"
#include "crypto/hash.h"
#include "crypto/keytext.h"
#include "crypto/start.h"
#include "queue/ledger.h"
#include "tests/lib/tempdir.h"

#define USER   4711
#define GROUP  4712
#define SECOND 4713

static char *dir;
static bool is_root; /* who can give files away */

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	is_root = dir != NULL && geteuid() == 0;
	if (is_root && chown(dir, USER, GROUP) != 0) {
		/* EINVAL: our user namespace has no such user */
		is_root = false;
		return errno == EINVAL ? 0 : -1;
	}
	return dir == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static void must_be_of(const char *name, uid_t user, gid_t group)
{
	struct stat st;

	assert_int_equal(lstat(tempdir_path(dir, name), &st), 0);
	assert_int_equal(st.st_uid, user);
	assert_int_equal(st.st_gid, group);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(tempdir_path(dir, name), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void only_root(void)
{
	if (!is_root) {
		skip(); /* nobody else can give a file away */
	}
}

static void a_new_key_file_belongs_to_whom_its_folder_does(void **state)
{
	(void)state;
	only_root();
	assert_int_equal(
	    keytext_create(tempdir_path(dir, "key"), true, bytes_str("new")),
	    TL_OK);
	must_be_of("key", USER, GROUP);
	assert_int_equal(
	    keytext_replace(tempdir_path(dir, "list"), false, bytes_str("new")),
	    TL_OK);
	must_be_of("list", USER, GROUP);
}

static void a_replaced_key_file_stays_whose_it_was(void **state)
{
	const char *path = tempdir_path(dir, "ring");
	struct stat st;

	(void)state;
	only_root();
	assert_int_equal(keytext_create(path, true, bytes_str("old")), TL_OK);
	assert_int_equal(chown(path, SECOND, SECOND), 0);
	assert_int_equal(
	    keytext_replace(path, true, bytes_str("new one")), TL_OK);
	must_be_of("ring", SECOND, SECOND);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 7);
	/* also root's own, in the folder of another */
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(keytext_replace(path, true, bytes_str("3")), TL_OK);
	must_be_of("ring", 0, 0);
}

static void a_file_with_a_second_name_is_not_given_away(void **state)
{
	char planted[256];
	struct stat st;
	int above = open(dir, O_RDONLY | O_DIRECTORY);
	int fd;

	(void)state;
	only_root();
	assert_true(above >= 0);
	assert_int_equal(mkdir(tempdir_path(dir, "roots"), 0700), 0);
	(void)snprintf(planted, sizeof(planted), "%s/lock", dir);
	fd = open(tempdir_path(dir, "roots/secret"), O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(link(tempdir_path(dir, "roots/secret"), planted), 0);
	assert_int_equal(owner_of_folder(above, fd), TL_EPERM);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(above), 0);
}

static void plant(const char *name)
{
	assert_int_equal(
	    link(tempdir_path(dir, "precious"), tempdir_path(dir, name)), 0);
}

/* What a key file held is written over, and this is none. */
static void a_second_name_of_another_file_is_not_written_over(void **state)
{
	char text[4] = "";
	FILE *file;

	(void)state;
	only_root();
	put("precious", "it");
	plant("ring");
	assert_int_equal(
	    keytext_replace(tempdir_path(dir, "ring"), true, bytes_str("new")),
	    TL_OK);
	file = fopen(tempdir_path(dir, "precious"), "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, "it");
}

/* And what one held that has no other name is. */
static void what_a_replaced_key_file_held_is_written_over(void **state)
{
	const char *path = tempdir_path(dir, "ring");
	char text[8] = "";
	int old;

	(void)state;
	assert_int_equal(
	    keytext_create(path, true, bytes_str("secret")), TL_OK);
	old = open(path, O_RDONLY);
	assert_true(old >= 0);
	assert_int_equal(keytext_replace(path, true, bytes_str("new")), TL_OK);
	assert_true(read(old, text, 6) == 6);
	assert_memory_equal(text, "\0\0\0\0\0\0", 6);
	assert_int_equal(close(old), 0);
}

static void who_is_not_root_leaves_the_file_of_another_as_it_is(void **state)
{
	const char *path = tempdir_path(dir, "ring");
	struct stat st;

	(void)state;
	only_root();
	assert_int_equal(keytext_create(path, true, bytes_str("old")), TL_OK);
	assert_int_equal(chown(path, SECOND, SECOND), 0);
	assert_int_equal(seteuid(USER), 0);
	assert_int_equal(
	    keytext_replace(path, true, bytes_str("new one")), TL_EPERM);
	assert_int_equal(seteuid(0), 0);
	must_be_of("ring", SECOND, SECOND);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3);
	assert_int_not_equal(access(tempdir_path(dir, "ring.new"), F_OK), 0);
}

static void who_is_not_root_replaces_what_is_theirs(void **state)
{
	const char *path = tempdir_path(dir, "ring");

	(void)state;
	only_root();
	assert_int_equal(keytext_create(path, true, bytes_str("old")), TL_OK);
	assert_int_equal(seteuid(USER), 0);
	assert_int_equal(
	    keytext_replace(path, true, bytes_str("new one")), TL_OK);
	assert_int_equal(seteuid(0), 0);
	must_be_of("ring", USER, 0);
}

/* The ring first, then the list: a ring with epochs that no list names is
 * worse than none. */
static void of_two_files_none_is_replaced_if_one_is_anothers(void **state)
{
	char *argv[] = { (char[]){ "extend" }, dir, NULL };
	const struct team_plan plan = { TEAM_EPOCH_S, 2, { 1, 8 } };
	const char *pass = tempdir_path(dir, "pass");
	struct team_paths paths;
	struct stat before, now;

	(void)state;
	only_root();
	assert_int_equal(keytext_create(pass, true, bytes_str("words\n")), 0);
	assert_int_equal(setenv("TIPLINE_PASSPHRASE_FILE", pass, 1), 0);
	assert_int_equal(team_paths_of(dir, &paths), TL_OK);
	assert_int_equal(
	    team_make(&paths, &plan, bytes_str("words"), clock_wall_s()),
	    TL_OK);
	assert_int_equal(chown(paths.list, 0, 0), 0);
	assert_int_equal(stat(paths.ring, &before), 0);
	assert_int_equal(seteuid(USER), 0);
	assert_true(owner_may_replace(paths.ring));
	assert_false(owner_may_replace(paths.list));
	assert_true(owner_may_replace(tempdir_path(dir, "none")));
	optind = 1;
	assert_int_equal(key_extend(NULL, 2, argv), CLI_WRONG);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(stat(paths.ring, &now), 0);
	assert_int_equal(now.st_ino, before.st_ino);
	assert_int_equal(now.st_size, before.st_size);
	/* after what the sentence says */
	assert_int_equal(chown(paths.list, USER, (gid_t)-1), 0);
	assert_int_equal(seteuid(USER), 0);
	optind = 1;
	assert_int_equal(key_extend(NULL, 2, argv), CLI_OK);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(stat(paths.ring, &now), 0);
	assert_true(now.st_size > before.st_size);
	assert_int_equal(unsetenv("TIPLINE_PASSPHRASE_FILE"), 0);
}

static void a_ledger_belongs_to_whom_the_folder_above_does(void **state)
{
	const struct ledger_opts opts = {
		.folder = tempdir_path(dir, "ledger"),
		.hash = hash_bytes,
	};
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;

	(void)state;
	only_root();
	assert_int_equal(ledger_open(&opts, &ledger, &fault), TL_OK);
	must_be_of("ledger", USER, GROUP);
	must_be_of("ledger/lock", USER, GROUP);
	must_be_of("ledger/ledger-000001", USER, GROUP);
	assert_int_equal(ledger_copy(ledger, tempdir_path(dir, "copy")), TL_OK);
	must_be_of("copy", USER, GROUP);
	must_be_of("copy/ledger-000001", USER, GROUP);
	ledger_close(ledger);
	assert_int_equal(shown_write(opts.folder, 0), TL_OK);
	must_be_of("ledger/shown", USER, GROUP);
}

static void a_new_folder_belongs_to_whom_the_one_above_does(void **state)
{
	const char *path = tempdir_path(dir, "keys");

	(void)state;
	only_root();
	assert_int_equal(owner_mkdir(path), TL_OK);
	must_be_of("keys", USER, GROUP);
	assert_int_equal(owner_mkdir(path), TL_EEXIST);
	assert_int_equal(owner_mkdir(tempdir_path(dir, "more/")), TL_OK);
	must_be_of("more", USER, GROUP);
	assert_int_equal(owner_mkdir("/"), TL_EEXIST);
	assert_int_equal(owner_mkdir(tempdir_path(dir, "no/keys")), TL_EIO);
}

/* Another of root's folders, put under the name of the one just made. */
static void a_folder_that_is_not_new_is_not_given_away(void **state)
{
	int above, fd;

	(void)state;
	only_root();
	assert_int_equal(mkdir(tempdir_path(dir, "roots"), 0700), 0);
	put("roots/secret", "it");
	above = open(dir, O_RDONLY | O_DIRECTORY);
	fd = open(tempdir_path(dir, "roots"), O_RDONLY | O_DIRECTORY);
	assert_true(above >= 0 && fd >= 0);
	assert_int_equal(owner_of_folder(above, fd), TL_EPERM);
	must_be_of("roots", 0, getegid());
	assert_int_equal(unlink(tempdir_path(dir, "roots/secret")), 0);
	assert_int_equal(chown(tempdir_path(dir, "roots"), SECOND, SECOND), 0);
	assert_int_equal(owner_of_folder(above, fd), TL_EPERM);
	must_be_of("roots", SECOND, SECOND);
	assert_int_equal(chown(tempdir_path(dir, "roots"), 0, 0), 0);
	assert_int_equal(owner_of_folder(above, fd), TL_OK);
	must_be_of("roots", USER, GROUP);
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(above), 0);
}

static void in_a_folder_of_root_all_is_roots(void **state)
{
	(void)state;
	only_root();
	assert_int_equal(chown(dir, 0, GROUP), 0);
	assert_int_equal(
	    keytext_create(tempdir_path(dir, "key"), true, bytes_str("new")),
	    TL_OK);
	must_be_of("key", 0, getegid());
}

/* Whoever may write to the folder could have root empty what they cannot
 * even read. */
static void a_file_with_a_second_name_there_is_not_emptied(void **state)
{
	static const uint8_t key[32] = { 1 };
	const struct ledger_opts opts = {
		.folder = tempdir_path(dir, "ledger"),
		.hash = hash_bytes,
	};
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	struct book *book = NULL;
	char lines[66] = { 0 };
	struct stat st;

	(void)state;
	put("precious", "it");
	assert_int_equal(mkdir(opts.folder, 0700), 0);
	plant("ledger/ledger.new");
	assert_int_equal(ledger_open(&opts, &ledger, &fault), TL_OK);
	ledger_close(ledger);
	plant("ledger/shown.new");
	assert_int_equal(shown_write(opts.folder, 0), TL_OK);
	/* 65 lines that are none: more than it leaves as they are */
	memset(lines, '\n', 65);
	put("gateways", lines);
	plant("gateways.new");
	assert_int_equal(book_open(dir, key, &book), TL_OK);
	book_close(book, clock_wall_s());
	assert_int_equal(stat(tempdir_path(dir, "gateways"), &st), 0);
	assert_int_equal(st.st_size, 0); /* so it was written anew */
	assert_int_equal(stat(tempdir_path(dir, "precious"), &st), 0);
	assert_int_equal(st.st_size, 2);
	assert_int_equal(st.st_nlink, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_key_file_belongs_to_whom_its_folder_does),
		TEST(a_replaced_key_file_stays_whose_it_was),
		TEST(a_file_with_a_second_name_is_not_given_away),
		TEST(a_second_name_of_another_file_is_not_written_over),
		TEST(what_a_replaced_key_file_held_is_written_over),
		TEST(who_is_not_root_leaves_the_file_of_another_as_it_is),
		TEST(who_is_not_root_replaces_what_is_theirs),
		TEST(of_two_files_none_is_replaced_if_one_is_anothers),
		TEST(a_file_with_a_second_name_there_is_not_emptied),
		TEST(a_ledger_belongs_to_whom_the_folder_above_does),
		TEST(a_new_folder_belongs_to_whom_the_one_above_does),
		TEST(a_folder_that_is_not_new_is_not_given_away),
		TEST(in_a_folder_of_root_all_is_roots),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
