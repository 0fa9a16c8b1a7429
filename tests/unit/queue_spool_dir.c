/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_dir: a folder is ours alone or not at all, each call to the
 * system that fails is told by its name, and the reserve is whole or not there.
 */
#include "queue/spool_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/spool_world.h"
#include "tests/lib/tempdir.h"

/* ---- helpers ------------------------------------------------------------- */

static int set_up(void **state)
{
	*state = tempdir_make();
	return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	tempdir_remove(*state);
	return 0;
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL) {
		n++;
	}
	(void)closedir(dir);
	return n;
}

static struct spool_dir opened(const char *top)
{
	struct spool_dir dir = { 0 };

	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &dir), TL_OK);
	return dir;
}

static void of_another(struct stat *st)
{
	st->st_uid++;
}

/* ---- taking it ------------------------------------------------------------
 */

static void each_error_of_the_system_has_its_name(void **state)
{
	static const struct {
		int number;
		enum tl_err err;
	} rows[] = {
		{ ENOENT, TL_ENOENT },
		{ EACCES, TL_EPERM },
		{ EPERM, TL_EPERM },
		{ ELOOP, TL_EPERM },
		{ ENOTDIR, TL_EPERM },
		{ ENOSPC, TL_EFULL },
		{ EDQUOT, TL_EFULL },
		{ ENOMEM, TL_ENOMEM },
		{ EIO, TL_EIO },
		{ EROFS, TL_EIO },
		{ EMFILE, TL_EIO },
	};
	static const enum bad_call calls[] = { BAD_MKDIR, BAD_REALPATH,
		BAD_OPEN, BAD_FSTAT, BAD_OPENAT, BAD_FLOCK };
	const char *top = *state;

	for (size_t c = 0; c < sizeof(calls) / sizeof(calls[0]); c++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct spool_dir dir = { .fd = 77 };
			unsigned before = open_files();

			bad_calls_fail(calls[c], 1, rows[i].number);
			assert_int_equal(
			    spool_dir_open(tempdir_path(top, "spool"), &dir),
			    rows[i].err);
			assert_int_equal(bad_calls_end(), 1);
			/* nothing is given, nothing is kept */
			assert_int_equal(dir.fd, 77);
			assert_int_equal(open_files(), before);
			dir = opened(top);
			spool_dir_close(&dir);
			spool_dir_close(&dir); /* twice is fine */
			assert_int_equal(open_files(), before);
		}
	}
}

static void a_folder_that_another_has_is_busy(void **state)
{
	const char *top = *state;
	struct spool_dir dir = opened(top);
	struct spool_dir second = { .fd = 77 };

	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &second), TL_EBUSY);
	assert_int_equal(second.fd, 77);
	spool_dir_close(&dir);
	second = opened(top);
	spool_dir_close(&second);
}

static void what_is_not_ours_is_refused(void **state)
{
	const char *top = *state;
	struct spool_dir dir = { .fd = 77 };

	dir = opened(top);
	spool_dir_close(&dir);
	/* folder and lock of another user */
	memset(&bad_calls, 0, sizeof(bad_calls));
	bad_calls.after_fstat = of_another;
	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &dir), TL_EPERM);
	bad_calls.after_fstat = NULL;
	/* a lock that is none: a write to it would wait for a reader */
	assert_int_equal(unlink(tempdir_path(top, "spool/lock")), 0);
	assert_int_equal(mkfifo(tempdir_path(top, "spool/lock"), 0600), 0);
	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &dir), TL_EPERM);
	assert_int_equal(unlink(tempdir_path(top, "spool/lock")), 0);
	assert_int_equal(mkdir(tempdir_path(top, "spool/lock"), 0700), 0);
	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &dir), TL_EIO);
	assert_int_equal(rmdir(tempdir_path(top, "spool/lock")), 0);
	/* what others can look into, and cannot be closed to them */
	assert_int_equal(chmod(tempdir_path(top, "spool"), 0755), 0);
	bad_calls_fail(BAD_FCHMOD, 1, EPERM);
	assert_int_equal(
	    spool_dir_open(tempdir_path(top, "spool"), &dir), TL_EPERM);
	assert_int_equal(bad_calls_end(), 1);
	dir = opened(top);
	spool_dir_close(&dir);
}

/* ---- its files ------------------------------------------------------------
 */

static void a_file_is_made_private_or_not_at_all(void **state)
{
	const char *top = *state;
	struct spool_dir dir = opened(top);
	struct stat st;
	unsigned before = open_files();

	assert_false(spool_dir_has(&dir, "file"));
	assert_int_equal(spool_dir_own(&dir, "file"), TL_OK);
	assert_true(spool_dir_has(&dir, "file"));
	assert_int_equal(chmod(tempdir_path(top, "spool/file"), 0666), 0);
	bad_calls_fail(BAD_FCHMOD, 1, EROFS);
	assert_int_equal(spool_dir_own(&dir, "file"), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(spool_dir_own(&dir, "file"), TL_OK);
	assert_int_equal(stat(tempdir_path(top, "spool/file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	bad_calls_fail(BAD_FSTAT, 1, EIO);
	assert_int_equal(spool_dir_own(&dir, "file"), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(open_files(), before);
	spool_dir_close(&dir);
}

static void nothing_is_renamed_over_or_removed_by_halves(void **state)
{
	const char *top = *state;
	struct spool_dir dir = opened(top);

	assert_int_equal(spool_dir_own(&dir, "one"), TL_OK);
	assert_int_equal(spool_dir_own(&dir, "two"), TL_OK);
	assert_int_equal(spool_dir_rename(&dir, "one", "two"), TL_EEXIST);
	assert_int_equal(spool_dir_rename(&dir, "none", "three"), TL_ENOENT);
	assert_true(spool_dir_has(&dir, "one") && spool_dir_has(&dir, "two"));
	assert_int_equal(spool_dir_rename(&dir, "one", "three"), TL_OK);
	assert_int_equal(spool_dir_remove(&dir, "three"), TL_OK);
	assert_int_equal(spool_dir_remove(&dir, "three"), TL_OK); /* is gone */
	bad_calls_fail(BAD_UNLINKAT, 1, EROFS);
	assert_int_equal(spool_dir_remove(&dir, "two"), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	assert_true(spool_dir_has(&dir, "two"));
	bad_calls_fail(BAD_FSYNC, 1, EIO);
	assert_int_equal(spool_dir_sync(&dir), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	spool_dir_close(&dir);
}

static void a_path_needs_memory(void **state)
{
	const char *top = *state;
	struct spool_dir dir = opened(top);
	char *path;

	bad_calls_fail(BAD_ASPRINTF, 1, 0);
	assert_null(spool_dir_join(&dir, "file"));
	assert_int_equal(bad_calls_end(), 1);
	path = spool_dir_join(&dir, "file");
	assert_int_equal(strcmp(path + strlen(dir.path), "/file"), 0);
	free(path);
	spool_dir_close(&dir);
}

/* ---- room -----------------------------------------------------------------
 */

static void a_reserve_is_whole_or_not_there(void **state)
{
	const char *top = *state;
	struct spool_dir dir = opened(top);
	struct stat st;

	assert_false(spool_dir_drop_reserve(&dir));
	bad_calls_fail(BAD_POSIX_FALLOCATE, 1, ENOSPC);
	assert_false(spool_dir_make_reserve(&dir));
	assert_int_equal(bad_calls_end(), 1);
	assert_false(spool_dir_has(&dir, "reserve"));
	assert_int_equal(
	    symlink("elsewhere", tempdir_path(top, "spool/reserve")), 0);
	assert_false(spool_dir_make_reserve(&dir));
	assert_false(spool_dir_has(&dir, "elsewhere"));
	assert_true(spool_dir_drop_reserve(&dir));
	/* whose length nobody can say is filled up, whatever it is */
	bad_calls_fail(BAD_FSTAT, 2, EIO);
	assert_true(spool_dir_make_reserve(&dir));
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(stat(tempdir_path(top, "spool/reserve"), &st), 0);
	assert_int_equal(st.st_size, SPOOL_RESERVE_BYTES);
	/* one that is whole is not written again */
	bad_calls_fail(BAD_POSIX_FALLOCATE, 1, EIO);
	assert_true(spool_dir_make_reserve(&dir));
	assert_int_equal(bad_calls_end(), 0);
	assert_true(spool_dir_drop_reserve(&dir));
	assert_false(spool_dir_drop_reserve(&dir));
	spool_dir_close(&dir);
}

/* What the file system has left, in bytes. */
static uint64_t left_bytes;

static void leave(struct statvfs *fs)
{
	fs->f_frsize = 1;
	fs->f_bavail = left_bytes;
}

static enum spool_room room_at(struct spool_world *w, uint64_t bytes)
{
	left_bytes = bytes;
	bad_calls.after_fstatvfs = leave;
	return spool_room(w->spool);
}

static void the_reserve_is_given_back_when_the_disk_fills_up(void **state)
{
	struct spool_world *w = *state;

	assert_int_equal(world_file_bytes(w, "reserve"), SPOOL_RESERVE_BYTES);
	assert_int_equal(room_at(w, SPOOL_RESERVE_BYTES), SPOOL_ROOM_OK);
	assert_true(world_file_bytes(w, "reserve") > 0);
	assert_int_equal(room_at(w, SPOOL_RESERVE_BYTES - 1), SPOOL_ROOM_OK);
	assert_int_equal(world_file_bytes(w, "reserve"), -1);
	/* not before there is plenty */
	assert_int_equal(room_at(w, 4 * UINT64_C(1) * SPOOL_RESERVE_BYTES - 1),
	    SPOOL_ROOM_OK);
	assert_int_equal(world_file_bytes(w, "reserve"), -1);
	assert_int_equal(
	    room_at(w, 4 * UINT64_C(1) * SPOOL_RESERVE_BYTES), SPOOL_ROOM_OK);
	assert_int_equal(world_file_bytes(w, "reserve"), SPOOL_RESERVE_BYTES);
	memset(&bad_calls, 0, sizeof(bad_calls));
}

/* The log needs what is outside of the file, a record what is inside. */
static void room_inside_of_the_file_does_not_help_the_log(void **state)
{
	const uint64_t mib = UINT64_C(1) << 20;
	struct spool_world *w = *state;
	bool known = false;

	spool_close(w->spool);
	w->spool = NULL;
	w->opts.min_free_bytes = 2 * mib;
	w->opts.low_free_bytes = 5 * mib;
	assert_int_equal(world_open(w), TL_OK);
	world_keep(w, 0, 800, false);
	for (uint32_t n = 0; n < 800; n++) {
		assert_int_equal(world_forget(w, n), TL_OK);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	/* six are inside now */
	assert_int_equal(room_at(w, 2 * mib), SPOOL_ROOM_OK);
	assert_int_equal(room_at(w, 2 * mib - 1), SPOOL_ROOM_FULL);
	assert_int_equal(world_put(w, 900, false, NULL, &known), TL_EFULL);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	/* nobody can say: then there is none */
	bad_calls_fail(BAD_FSTATVFS, 1, EIO);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_FULL);
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(room_at(w, 3 * mib), SPOOL_ROOM_OK);
	assert_int_equal(world_put(w, 900, false, NULL, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	memset(&bad_calls, 0, sizeof(bad_calls));
}

#define DIR_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(each_error_of_the_system_has_its_name),
		DIR_TEST(a_folder_that_another_has_is_busy),
		DIR_TEST(what_is_not_ours_is_refused),
		DIR_TEST(a_file_is_made_private_or_not_at_all),
		DIR_TEST(nothing_is_renamed_over_or_removed_by_halves),
		DIR_TEST(a_path_needs_memory),
		DIR_TEST(a_reserve_is_whole_or_not_there),
		SPOOL_TEST(the_reserve_is_given_back_when_the_disk_fills_up),
		SPOOL_TEST(room_inside_of_the_file_does_not_help_the_log),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool_dir", tests, NULL, NULL);
}
