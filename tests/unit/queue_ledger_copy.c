/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_copy when a call to the system fails at the n-th time, or the
 * disk is full: who is told that there is a copy has a whole one, and what
 * was begun is gone on with.
 */
#include "queue/ledger.h"

#include <setjmp.h>
#include <stdarg.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/chain.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/tempdir.h"

static char *dir;
static char to[256];

static int set_up(void **state)
{
	dir = tempdir_make();
	(void)snprintf(to, sizeof(to), "%s/copy", dir);
	return chain_set_up(state);
}

static int tear_down(void **state)
{
	tempdir_remove(dir);
	return chain_tear_down(state);
}

/* It opens, and has each record of the other. */
static bool is_whole_at(const struct chain *w, const char *folder)
{
	struct ledger_opts opts = w->opts;
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	uint64_t seen = 0;
	bool whole;

	opts.folder = folder;
	opts.read_only = true;
	if (ledger_open(&opts, &ledger, &fault) != TL_OK) {
		return false;
	}
	whole = ledger_count(ledger) == CHAIN_RECORDS &&
	    ledger_each(ledger, 0, chain_check, &seen) == TL_OK &&
	    seen == CHAIN_RECORDS;
	ledger_close(ledger);
	return whole;
}

static bool is_whole(const struct chain *w)
{
	return is_whole_at(w, to);
}

static void forget_copy(void)
{
	tempdir_remove_tree(to);
}

static void a_call_fails_and_what_is_called_a_copy_is_one(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	unsigned failed = 1;

	w->opts.file_max_bytes = 128; /* so that there are some files */
	chain_fill(w);
	ledger = chain_open(w);
	for (unsigned n = 1; failed > 0; n++) {
		enum tl_err err;

		forget_copy();
		bad_calls_fail_any(n, EIO);
		err = ledger_copy(ledger, to);
		failed = bad_calls_end();
		if (err != TL_OK) {
			assert_true(err == TL_EIO || err == TL_EPERM);
			assert_int_equal(ledger_copy(ledger, to), TL_OK);
		}
		assert_true(is_whole(w));
		assert_true(n < 200);
	}
	ledger_close(ledger);
}

static void the_disk_is_full_and_the_copy_goes_on_later(void **state)
{
	struct rlimit was, less;
	struct chain *w = *state;
	struct ledger *ledger;
	bool is_full = true;

	chain_fill(w);
	ledger = chain_open(w);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	for (rlim_t room = 0; is_full; room += 7) {
		enum tl_err err;

		forget_copy();
		less = was;
		less.rlim_cur = room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
		err = ledger_copy(ledger, to);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		is_full = err != TL_OK;
		assert_true(!is_full || err == TL_EIO || err == TL_EFULL);
		assert_int_equal(is_whole(w), !is_full);
		assert_int_equal(ledger_copy(ledger, to), TL_OK);
		assert_true(is_whole(w));
		assert_true(room < 100000);
	}
	ledger_close(ledger);
}

/* The next one may say nothing of what this one has lost. */
static void what_could_not_be_synced_is_not_gone_on_with(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	char copied[300];
	struct stat before, st;

	(void)snprintf(copied, sizeof(copied), "%s/ledger-000001", to);
	ledger = chain_open(w);
	chain_append(ledger, 0, chain_sealed);
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_int_equal(stat(copied, &before), 0);
	for (uint8_t n = 1; n < CHAIN_RECORDS; n++) {
		chain_append(ledger, n, chain_sealed + n);
	}
	bad_calls_fail(BAD_FSYNC, 1, EIO);
	assert_int_equal(ledger_copy(ledger, to), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(stat(copied, &st), 0);
	assert_int_equal(st.st_size, before.st_size);
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_true(is_whole(w));
	ledger_close(ledger);
}

static void what_is_longer_or_shorter_than_it_was_is_said(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	char first[128], copied[300];
	struct stat st;

	w->opts.file_max_bytes = 128;
	chain_fill(w);
	ledger = chain_open(w);
	chain_file(w, "ledger-000001", first);
	(void)snprintf(copied, sizeof(copied), "%s/ledger-000001", to);
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_int_equal(stat(copied, &st), 0);
	assert_int_equal(truncate(copied, st.st_size + 1), 0);
	assert_int_equal(ledger_copy(ledger, to), TL_EEXIST);
	assert_int_equal(truncate(copied, 0), 0); /* lost with the power */
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_true(is_whole(w));
	assert_int_equal(unlink(first), 0);
	assert_int_equal(ledger_copy(ledger, to), TL_EIO);
	assert_int_equal(
	    ledger_copy(ledger, tempdir_path(dir, "no/copy")), TL_EIO);
	ledger_close(ledger);
}

/* All that is left of another, perhaps: an older ledger was put back in the
 * place of that, and has grown since. Not one byte may be written behind it. */
static void the_copy_of_another_ledger_stays_as_it_is(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	char ours[128], copied[300];
	struct stat before, st;

	chain_append(ledger, 0, chain_sealed);
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	ledger_close(ledger);
	(void)snprintf(copied, sizeof(copied), "%s/ledger-000001", to);
	assert_int_equal(stat(copied, &before), 0);
	chain_file(w, "ledger-000001", ours);
	assert_int_equal(unlink(ours), 0);
	ledger = chain_open(w);
	for (uint8_t n = 1; n < CHAIN_RECORDS; n++) {
		chain_append(ledger, n, chain_sealed + n);
	}
	assert_int_equal(ledger_copy(ledger, to), TL_EEXIST);
	assert_int_equal(stat(copied, &st), 0);
	assert_int_equal(st.st_size, before.st_size);
	forget_copy();
	/* the same bytes, but more files of them */
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_int_equal(
	    link(copied, tempdir_path(dir, "copy/ledger-000002")), 0);
	assert_int_equal(ledger_copy(ledger, to), TL_EEXIST);
	ledger_close(ledger);
}

/* The spool may need the room on the same disk. */
static void a_full_disk_is_as_full_as_it_was(void **state)
{
	struct rlimit was, less;
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	char copied[300];
	struct stat before, st;

	(void)snprintf(copied, sizeof(copied), "%s/ledger-000001", to);
	chain_append(ledger, 0, chain_sealed);
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	assert_int_equal(stat(copied, &before), 0);
	chain_append(ledger, 1, chain_sealed + 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	less = was;
	less.rlim_cur = (rlim_t)before.st_size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	assert_true(ledger_copy(ledger, to) != TL_OK);
	assert_int_equal(stat(copied, &st), 0);
	assert_int_equal(st.st_size, before.st_size);
	less.rlim_cur = 10;
	forget_copy();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	assert_true(ledger_copy(ledger, to) != TL_OK);
	assert_int_equal(stat(copied, &st), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	ledger_close(ledger);
}

static void a_ledger_is_no_copy_of_itself(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;

	chain_fill(w);
	ledger = chain_open(w);
	assert_int_equal(ledger_copy(ledger, w->folder), TL_EINVAL);
	ledger_close(ledger);
}

static void no_block_is_free(struct statvfs *disk)
{
	disk->f_bavail = 0;
}

static void nothing_is_begun_that_has_no_room(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	char copied[300];
	struct stat st;

	chain_fill(w);
	ledger = chain_open(w);
	(void)snprintf(copied, sizeof(copied), "%s/ledger-000001", to);
	bad_calls.after_fstatvfs = no_block_is_free;
	assert_int_equal(ledger_copy(ledger, to), TL_EFULL);
	assert_int_equal(stat(copied, &st), -1);
	bad_calls.after_fstatvfs = NULL;
	assert_int_equal(ledger_copy(ledger, to), TL_OK);
	bad_calls.after_fstatvfs = no_block_is_free;
	assert_int_equal(ledger_copy(ledger, to), TL_OK); /* nothing to add */
	bad_calls.after_fstatvfs = NULL;
	ledger_close(ledger);
}

/* ---- put back ------------------------------------------------------------ */

static bool has_any(const char *folder)
{
	DIR *opened = opendir(folder);
	const struct dirent *entry;
	bool found = false;

	while (opened != NULL && (entry = readdir(opened)) != NULL) {
		found =
		    found || entry->d_name[0] == 'l' || entry->d_name[0] == 'r';
	}
	if (opened != NULL) {
		(void)closedir(opened);
	}
	return found;
}

static void a_ledger_is_put_back_whole_or_not_at_all(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	unsigned failed = 1;

	w->opts.file_max_bytes = 128; /* so that there are some files */
	chain_fill(w);
	ledger = chain_open(w);
	for (unsigned n = 1; failed > 0; n++) {
		enum tl_err err;

		forget_copy();
		bad_calls_fail_any(n, EIO);
		err = ledger_put_back(ledger, to);
		failed = bad_calls_end();
		assert_true(err == TL_OK || err == TL_EIO || err == TL_EPERM);
		assert_true(is_whole(w) == (err == TL_OK));
		if (err != TL_OK) {
			assert_false(has_any(to));
			assert_int_equal(ledger_put_back(ledger, to), TL_OK);
		}
		assert_true(is_whole(w));
		assert_true(n < 200);
	}
	ledger_close(ledger);
}

/* As a power cut leaves it: with parts, that are another ledger's by now. */
static void what_was_cut_short_is_begun_anew(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	char stale[300];

	w->opts.file_max_bytes = 128;
	chain_fill(w);
	ledger = chain_open(w);
	(void)snprintf(stale, sizeof(stale), "%s/restore.new", to);
	assert_int_equal(mkdir(to, 0700), 0);
	assert_int_equal(mkdir(stale, 0700), 0);
	(void)snprintf(
	    stale, sizeof(stale), "%s/restore.new/ledger-000002", to);
	assert_int_equal(close(creat(stale, 0600)), 0);
	(void)snprintf(
	    stale, sizeof(stale), "%s/restore.new/ledger-000009", to);
	assert_int_equal(close(creat(stale, 0600)), 0);
	assert_int_equal(ledger_put_back(ledger, to), TL_OK);
	assert_true(is_whole(w));
	(void)snprintf(stale, sizeof(stale), "%s/restore.new", to);
	assert_int_equal(access(stale, F_OK), -1);
	ledger_close(ledger);
}

/* The folder as a power cut leaves it when the files behind number were moved
 * up, and no other. */
static void cut_behind(struct chain *w, struct ledger *ledger, unsigned number)
{
	char from[300], at[300];
	struct ledger_counts counts;

	forget_copy();
	assert_int_equal(ledger_put_back(ledger, to), TL_OK);
	(void)snprintf(at, sizeof(at), "%s/restore.new", to);
	assert_int_equal(mkdir(at, 0700), 0);
	for (unsigned i = 1; i <= number; i++) {
		(void)snprintf(from, sizeof(from), "%s/ledger-%06u", to, i);
		(void)snprintf(
		    at, sizeof(at), "%s/restore.new/ledger-%06u", to, i);
		assert_int_equal(rename(from, at), 0);
	}
	ledger_counts(ledger, &counts);
	assert_true(counts.files > 3);
	assert_false(is_whole(w));
}

static void a_cut_between_two_files_is_gone_on_with(void **state)
{
	struct chain *w = *state;
	struct ledger_opts opts = w->opts;
	struct ledger_fault fault = { 0 };
	struct ledger *ledger, *cut = NULL;
	struct ledger_counts counts;

	w->opts.file_max_bytes = 128;
	chain_fill(w);
	ledger = chain_open(w);
	ledger_counts(ledger, &counts);
	for (unsigned number = 1; number <= counts.files; number++) {
		cut_behind(w, ledger, number);
		assert_int_equal(ledger_put_back(ledger, to), TL_OK);
		assert_true(is_whole(w));
	}
	/* until then it says what it is */
	cut_behind(w, ledger, 1);
	opts.folder = to;
	assert_int_equal(ledger_open(&opts, &cut, &fault), TL_EFORMAT);
	assert_non_null(strstr(fault.what, "restore it again"));
	ledger_close(ledger);
}

static void change_byte(const char *name, off_t at)
{
	char path[300];
	uint8_t byte;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", to, name);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	assert_int_equal(close(fd), 0);
}

/* Its first file is gone, and nobody has it: the others are to be kept. */
static void what_is_left_of_another_ledger_stays(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	char path[300], moved[300];

	w->opts.file_max_bytes = 128;
	chain_fill(w);
	ledger = chain_open(w);
	cut_behind(w, ledger, 1);
	change_byte("ledger-000003", 60);
	assert_int_equal(ledger_put_back(ledger, to), TL_EEXIST);
	change_byte("ledger-000003", 60);
	(void)snprintf(path, sizeof(path), "%s/ledger-000002", to);
	(void)snprintf(moved, sizeof(moved), "%s/ledger-000099", to);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(ledger_put_back(ledger, to), TL_EEXIST);
	assert_int_equal(rename(moved, path), 0);
	(void)snprintf(path, sizeof(path), "%s/ledger-000003", to);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(ledger_put_back(ledger, to), TL_OK);
	assert_true(is_whole(w));
	ledger_close(ledger);
}

static void a_ledger_that_was_begun_meanwhile_is_not_replaced(void **state)
{
	struct chain *w = *state;
	struct ledger_opts opts = w->opts;
	struct ledger_fault fault = { 0 };
	struct ledger *ledger, *other = NULL;

	w->opts.file_max_bytes = 128;
	chain_fill(w);
	ledger = chain_open(w);
	opts.folder = to;
	assert_int_equal(ledger_open(&opts, &other, &fault), TL_OK);
	chain_append(other, 7, chain_sealed);
	ledger_close(other);
	assert_int_equal(ledger_put_back(ledger, to), TL_EEXIST);
	assert_int_equal(ledger_open(&opts, &other, &fault), TL_OK);
	assert_int_equal(ledger_count(other), 1);
	ledger_close(other);
	/* on a file system without such a rename, too */
	bad_calls_fail(BAD_RENAMEAT2, 5, EINVAL);
	assert_int_equal(ledger_put_back(ledger, to), TL_EEXIST);
	(void)bad_calls_end();
	forget_copy();
	bad_calls_fail(BAD_RENAMEAT2, 2, EINVAL);
	assert_int_equal(ledger_put_back(ledger, to), TL_OK);
	assert_int_equal(bad_calls_end(), 1);
	assert_true(is_whole(w));
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_call_fails_and_what_is_called_a_copy_is_one, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_disk_is_full_and_the_copy_goes_on_later, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_could_not_be_synced_is_not_gone_on_with, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_longer_or_shorter_than_it_was_is_said, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_copy_of_another_ledger_stays_as_it_is, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_ledger_is_no_copy_of_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_full_disk_is_as_full_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nothing_is_begun_that_has_no_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_ledger_is_put_back_whole_or_not_at_all, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_was_cut_short_is_begun_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_cut_between_two_files_is_gone_on_with, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_left_of_another_ledger_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_ledger_that_was_begun_meanwhile_is_not_replaced, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name(
	    "queue/ledger copy", tests, NULL, NULL);
}
