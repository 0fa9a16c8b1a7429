/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/owner, where the owner of a folder above has the path lead to another
 * folder in the middle of a command of root's: nothing goes by the path a
 * second time. Only root can test it: whoever else runs this skips it.
 */
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/gateway_book.h"
#include "crypto/keytext.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define USER  4711
#define GROUP 4712

static char *dir;
static bool is_root; /* who can give files away */
static bool swap_now;

/* home/ is the user's, and in it: at/, which was root's when it was opened,
 * and is the user's from the first file on that root has made in it. */
static void swap(void)
{
	char at[256], kept[256], theirs[256];

	(void)snprintf(at, sizeof(at), "%s/at", dir);
	(void)snprintf(kept, sizeof(kept), "%s/kept", dir);
	(void)snprintf(theirs, sizeof(theirs), "%s/theirs", dir);
	assert_int_equal(rename(at, kept), 0);
	assert_int_equal(rename(theirs, at), 0);
}

static int open_and_swap(int folder, const char *path, int flags, int mode)
{
	int fd = (int)syscall(SYS_openat, folder, path, flags, mode);

	if (swap_now && fd >= 0 && (flags & O_CREAT) != 0) {
		swap_now = false;
		swap();
	}
	return fd;
}

/* In the place of the C library's, for all that is linked into this. */
int open(const char *path, int flags, ...)
{
	va_list more;
	int mode;

	va_start(more, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(more, int) : 0;
	va_end(more);
	return open_and_swap(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list more;
	int mode;

	va_start(more, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(more, int) : 0;
	va_end(more);
	return open_and_swap(folder, path, flags, mode);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	is_root = dir != NULL && geteuid() == 0;
	if (dir == NULL || mkdir(tempdir_path(dir, "at"), 0700) != 0 ||
	    mkdir(tempdir_path(dir, "theirs"), 0700) != 0) {
		return -1;
	}
	if (is_root && chown(tempdir_path(dir, "theirs"), USER, GROUP) != 0) {
		/* EINVAL: our user namespace has no such user */
		is_root = false;
		return errno == EINVAL ? 0 : -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	swap_now = false;
	tempdir_remove(dir);
	return 0;
}

static void only_root(void)
{
	if (!is_root) {
		skip(); /* nobody else can give a file away */
	}
}

static bool is_there(const char *name)
{
	return access(tempdir_path(dir, name), F_OK) == 0;
}

static void must_be_roots(const char *name, off_t len)
{
	struct stat st;

	assert_int_equal(lstat(tempdir_path(dir, name), &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_size, len);
}

static void a_new_key_stays_roots_in_roots_folder(void **state)
{
	(void)state;
	only_root();
	swap_now = true;
	assert_int_equal(
	    keytext_create(tempdir_path(dir, "at/key"), true, bytes_str("new")),
	    TL_OK);
	must_be_roots("kept/key", 3);
	assert_false(is_there("at/key"));
}

static void a_key_is_replaced_where_the_old_one_is(void **state)
{
	char planted[256];

	(void)state;
	only_root();
	assert_int_equal(
	    keytext_create(tempdir_path(dir, "at/key"), true, bytes_str("o")),
	    TL_OK);
	(void)snprintf(
	    planted, sizeof(planted), "%s", tempdir_path(dir, "theirs/key"));
	assert_int_equal(keytext_create(planted, true, bytes_str("bait")), 0);
	swap_now = true;
	assert_int_equal(keytext_replace(tempdir_path(dir, "at/key"), true,
			     bytes_str("new")),
	    TL_OK);
	must_be_roots("kept/key", 3);
	assert_false(is_there("kept/key.new"));
	assert_false(is_there("at/key.new"));
}

static void a_new_book_stays_roots_in_roots_folder(void **state)
{
	static const uint8_t key[32] = { 1 };
	struct book *book = NULL;

	(void)state;
	only_root();
	swap_now = true;
	assert_int_equal(book_open(tempdir_path(dir, "at"), key, &book), TL_OK);
	book_close(book, clock_wall_s());
	must_be_roots("kept/gateways", 0);
	assert_false(is_there("at/gateways"));
}

static void a_book_is_written_anew_where_the_old_one_is(void **state)
{
	static const uint8_t key[32] = { 1 };
	struct book *book = NULL;
	FILE *file = fopen(tempdir_path(dir, "at/gateways"), "we");

	(void)state;
	/* lines that are none: more than it leaves as they are */
	assert_non_null(file);
	for (int i = 0; i < 65; i++) {
		assert_int_equal(fputc('\n', file), '\n');
	}
	assert_int_equal(fclose(file), 0);
	only_root();
	assert_int_equal(book_open(tempdir_path(dir, "at"), key, &book), TL_OK);
	swap_now = true;
	book_close(book, clock_wall_s());
	must_be_roots("kept/gateways", 0);
	assert_false(is_there("kept/gateways.new"));
	assert_false(is_there("at/gateways"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_key_stays_roots_in_roots_folder),
		TEST(a_key_is_replaced_where_the_old_one_is),
		TEST(a_new_book_stays_roots_in_roots_folder),
		TEST(a_book_is_written_anew_where_the_old_one_is),
	};

	return cmocka_run_group_tests_name("owner swapped", tests, NULL, NULL);
}
