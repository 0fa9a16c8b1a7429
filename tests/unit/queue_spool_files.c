/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool: the folder is ours alone, and whatever happened to the files,
 * what can be read of them is there again.
 */
#include "queue/spool.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/spool_world.h"
#include "tests/lib/tempdir.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

/* ---- the files ----------------------------------------------------------- */

static void the_log_has_a_longest_length_and_is_emptied_when_idle(void **state)
{
	struct spool_world *w = *state;

	world_keep(w, 0, 5, false);
	assert_true(world_file_bytes(w, "spool.db-wal") > 0);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_true(
	    world_file_bytes(w, "spool.db-wal") > 0); /* too little to bother */
	world_keep(w, 100, 100, false);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
	for (uint32_t i = 0; i < 120; i++) {
		world_keep(w, 1000 + i * 64, 64, false);
		assert_true(world_file_bytes(w, "spool.db-wal") <
		    (SPOOL_MOST_PAGES + 600) * 4120LL);
	}
	assert_true(world_file_bytes(w, "spool.db") > 20 * 1024 * 1024);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
}

/* What a tip would wait for is moved while nobody does. */
static void where_there_are_pauses_no_group_moves_the_log(void **state)
{
	const long long page = 4120; /* with its head in the log */
	struct spool_world *w = *state;
	long long before = world_file_bytes(w, "spool.db");

	world_keep(w, 0, 5, false);
	assert_int_equal(spool_pause(w->spool), TL_OK);
	assert_int_equal(world_file_bytes(w, "spool.db"), before);
	for (uint32_t i = 1; i < 1000; i++) {
		world_keep(w, i * 8, 8, false);
		assert_int_equal(spool_pause(w->spool), TL_OK);
	}
	/* all of them would be several times as much as a group moves at last,
	 * and yet it never came to that */
	assert_true(world_file_bytes(w, "spool.db") > SPOOL_MOST_PAGES * page);
	assert_true(world_file_bytes(w, "spool.db-wal") > 0);
	assert_true(world_file_bytes(w, "spool.db-wal") <
	    SPOOL_MOST_PAGES / SPOOL_PAUSE_PART * 2 * page);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
}

static void files_and_folder_are_closed_to_others(void **state)
{
	static const char *const names[] = { "spool.db", "spool.db-wal", "lock",
		"reserve" };
	struct spool_world *w = *state;
	struct stat st;
	char path[160];

	spool_close(w->spool);
	w->spool = NULL;
	world_path(w, "spool.db", path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(w->dir, 0755), 0);
	assert_int_equal(world_open(w), TL_OK);
	world_keep(w, 0, 1, false);
	assert_int_equal(stat(w->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		world_path(w, names[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_int_equal(world_file_bytes(w, "spool.db-shm"), -1);
}

static void a_symlink_in_place_of_a_file_is_refused(void **state)
{
	static const char *const names[] = { "spool.db", "lock" };
	struct spool_world *w = *state;

	for (size_t i = 0; i < 2; i++) {
		char path[160];
		char moved[160];

		spool_close(w->spool);
		w->spool = NULL;
		world_path(w, names[i], path);
		(void)snprintf(moved, sizeof(moved), "%s/moved", w->top);
		assert_int_equal(rename(path, moved), 0);
		assert_int_equal(symlink(moved, path), 0);
		assert_int_equal(world_open(w), TL_EPERM);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(rename(moved, path), 0);
		assert_int_equal(world_open(w), TL_OK);
	}
}

static void a_folder_behind_a_symlink_is_fine(void **state)
{
	struct spool_world *w = *state;
	char link[96];

	spool_close(w->spool);
	w->spool = NULL;
	(void)snprintf(link, sizeof(link), "%s/link", w->top);
	assert_int_equal(symlink("spool", link), 0);
	w->opts.dir = link;
	assert_int_equal(world_open(w), TL_OK);
	w->opts.dir = w->dir;
}

static void a_second_process_is_refused_and_harms_nothing(void **state)
{
	struct spool_world *w = *state;
	struct spool *second = NULL;
	int status;
	pid_t pid;

	assert_int_equal(spool_open(&w->opts, &second), TL_EBUSY);
	assert_null(second);
	pid = fork();
	if (pid == 0) {
		_exit(spool_open(&w->opts, &second) == TL_EBUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	world_keep(w, 0, 10, false);
	world_reopen(w);
	assert_true(world_has(w, 9));
}

static void overwrite(
    const struct spool_world *w, off_t at, const void *bytes, size_t len)
{
	char path[160];
	int fd;

	world_path(w, "spool.db", path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	(void)close(fd);
}

static void a_newer_or_foreign_file_is_refused_and_left_alone(void **state)
{
	static const uint8_t newer[] = { 0, 0, 0, 4 };
	static const uint8_t now[] = { 0, 0, 0, 3 };
	static const uint8_t other[] = { 'e', 'l', 's', 'e' };
	static const uint8_t ours[] = { 't', 'i', 'p', 's' };
	struct spool_world *w = *state;

	world_keep(w, 0, 3, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	overwrite(w, 60, newer, sizeof(newer)); /* user_version */
	assert_int_equal(world_open(w), TL_EFORMAT);
	overwrite(w, 60, now, sizeof(now));
	overwrite(w, 68, other, sizeof(other)); /* application_id */
	assert_int_equal(world_open(w), TL_EFORMAT);
	assert_null(w->spool);
	overwrite(w, 68, ours, sizeof(ours));
	assert_int_equal(world_open(w), TL_OK);
	assert_true(world_has(w, 2));
}

static void wrong_options_are_refused(void **state)
{
	struct spool_world *w = *state;
	struct spool *spool = NULL;
	struct spool_opts opts = w->opts;
	char path[160];

	opts.hash = NULL;
	assert_int_equal(spool_open(&opts, &spool), TL_EINVAL);
	opts = w->opts;
	opts.dir = NULL;
	assert_int_equal(spool_open(&opts, &spool), TL_EINVAL);
	opts.dir = "";
	assert_int_equal(spool_open(&opts, &spool), TL_EINVAL);
	opts.dir = w->dir;
	opts.min_free_bytes = 1;
	assert_int_equal(spool_open(&opts, &spool), TL_EINVAL);
	opts.min_free_bytes = 0;
	(void)snprintf(path, sizeof(path), "%s/missing/spool", w->top);
	opts.dir = path;
	assert_int_equal(spool_open(&opts, &spool), TL_ENOENT);
	world_path(w, "lock", path);
	assert_int_equal(spool_open(&opts, &spool), TL_EPERM); /* no folder */
	assert_null(spool);
}

static void each_start_is_counted_and_the_oldest_day_is_known(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES] = { 0 };
	const struct spool_record record = {
		.id = id,
		.urgent = true,
		.sealed = bytes_of(body, sizeof(body)),
	};
	bool known;

	spool_stats(w->spool, &stats);
	assert_int_equal(stats.starts, 1);
	assert_int_equal(stats.oldest_day, -1);
	world_keep(w, 0, 20, false);
	world_record(50, id, body);
	assert_int_equal(
	    spool_put(w->spool, &record, 1, WORLD_DAY - 7, &known), TL_OK);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	world_reopen(w);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.starts, 2);
	assert_int_equal(stats.records, 21);
	assert_int_equal(stats.urgent, 1);
	assert_int_equal(stats.oldest_day, WORLD_DAY - 7);
	assert_int_equal(world_forget(w, 50), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.urgent, 0);
	assert_int_equal(stats.oldest_day, WORLD_DAY);
}

/* ---- room ---------------------------------------------------------------- */

static void without_room_records_are_refused_and_receipts_are_not(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	bool known = true;

	world_keep(w, 0, 3, false);
	spool_close(w->spool);
	w->spool = NULL;
	w->opts.low_free_bytes = UINT64_MAX;
	assert_int_equal(world_open(w), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.room, SPOOL_ROOM_LOW);
	world_keep(w, 10, 1, false);
	spool_close(w->spool);
	w->spool = NULL;
	w->opts.min_free_bytes = UINT64_MAX;
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_FULL);
	assert_int_equal(world_put(w, 4, false, NULL, &known), TL_EFULL);
	assert_int_equal(world_forget(w, 1), TL_OK);
	assert_int_equal(world_put(w, 4, false, NULL, &known), TL_EFULL);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_false(world_has(w, 1));
	assert_true(world_has(w, 2));
	assert_false(world_has(w, 4));
}

/* ---- damage -------------------------------------------------------------- */

/* Break every byte of one page in the middle of the file. */
static void break_page(const struct spool_world *w, long long page)
{
	uint8_t noise[4096];

	memset(noise, 0x5a, sizeof(noise));
	overwrite(w, page * 4096, noise, sizeof(noise));
}

static void a_damaged_file_is_set_aside_and_the_rest_is_rescued(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	long long pages;
	char path[160];

	world_keep(w, 0, 500, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	pages = world_file_bytes(w, "spool.db") / 4096;
	/* any page at all, but the first ones, which have no rows */
	for (long long page = 8; page < pages; page += pages / 7) {
		size_t left = 0;

		spool_close(w->spool);
		w->spool = NULL;
		break_page(w, page);
		assert_int_equal(world_open(w), TL_OK);
		for (uint32_t n = 0; n < 500; n++) {
			left += world_has(w, n) ? 1 : 0;
		}
		spool_stats(w->spool, &stats);
		assert_int_equal(stats.records, left);
		assert_true(left > 300);
		assert_int_equal(spool_finish(w->spool), TL_OK);
	}
	assert_true(world_file_bytes(w, "damaged-1.db") > 0);
	world_path(w, "rescue.tmp", path);
	assert_int_equal(access(path, F_OK), -1);
	world_keep(w, 1000, 64, false);
	world_reopen(w);
	assert_true(world_has(w, 1063));
}

static void one_broken_page_costs_few_records(void **state)
{
	struct spool_world *w = *state;
	size_t left = 0;
	struct spool_stats stats;
	static const char key[SPOOL_DEDUP_BYTES] = "gateway-message";
	bool known;

	assert_int_equal(world_put(w, 2000, false, key, &known), TL_OK);
	world_keep(w, 0, 500, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	break_page(w, world_file_bytes(w, "spool.db") / 4096 / 2);
	assert_int_equal(world_open(w), TL_OK);
	for (uint32_t n = 0; n < 500; n++) {
		left += world_has(w, n) ? 1 : 0;
	}
	assert_true(left >= 485);
	spool_stats(w->spool, &stats);
	assert_in_range(stats.rescued, left, left + 1);
	assert_int_equal(world_put(w, 2001, false, key, &known), TL_OK);
	/* so are dedup keys, but where the record may be one that is lost */
	assert_int_equal(known, stats.lost == 0);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

static void what_is_no_database_at_all_is_set_aside(void **state)
{
	struct spool_world *w = *state;

	world_keep(w, 0, 5, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	break_page(w, 0);
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 0);
	assert_true(world_file_bytes(w, "damaged-1.db") > 0);
	world_keep(w, 0, 5, false);
}

static void a_rescue_that_was_cut_off_goes_on(void **state)
{
	static const char *const steps[][2] = {
		{ "spool.db-wal", "damaged-1.db-wal" },
		{ "spool.db", "damaged-1.db" },
	};
	struct spool_world *w = *state;
	char from[160];
	char to[160];

	/* after n of the renames: rescued.db is whole, the old one is not */
	for (size_t n = 0; n <= 2; n++) {
		world_keep(w, 0, 10, false);
		assert_int_equal(spool_finish(w->spool), TL_OK);
		spool_close(w->spool);
		w->spool = NULL;
		world_path(w, "spool.db", from);
		world_path(w, "rescued.db", to);
		assert_int_equal(rename(from, to), 0);
		assert_int_equal(close(creat(from, 0600)), 0);
		for (size_t i = 0; i < n; i++) {
			world_path(w, steps[i][0], from);
			world_path(w, steps[i][1], to);
			assert_int_equal(rename(from, to), 0);
		}
		assert_int_equal(world_open(w), TL_OK);
		assert_true(world_has(w, 9));
		assert_int_equal(world_file_bytes(w, "rescued.db"), -1);
		assert_true(world_file_bytes(w, "damaged-1.db") >= 0);
		spool_close(w->spool);
		w->spool = NULL;
		tempdir_remove_tree(w->dir);
		assert_int_equal(world_open(w), TL_OK);
	}
}

static void a_record_with_a_flipped_bit_is_kept_but_not_lent(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	struct spool_stats stats;
	char path[160];
	uint8_t *bytes;
	uint8_t *at;
	long long len;
	int fd;

	world_keep(w, 7, 1, false);
	world_keep(w, 8, 1, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	len = world_file_bytes(w, "spool.db");
	bytes = malloc((size_t)len);
	world_path(w, "spool.db", path);
	fd = open(path, O_RDWR);
	assert_int_equal(pread(fd, bytes, (size_t)len, 0), len);
	at = memmem(bytes, (size_t)len, "\7\7\7\7\7\7\7\7", 8);
	assert_non_null(at);
	assert_int_equal(pwrite(fd, "\6", 1, at - bytes), 1);
	(void)close(fd);
	free(bytes);
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(world_take(w, 10, &seen), 1);
	assert_int_equal(seen.numbers[0], 8);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.damaged, 1);
	assert_int_equal(stats.records, 2);
	assert_int_equal(world_take(w, 10, &seen), 0);
}

/* ---- numbers ------------------------------------------------------------- */

static void the_stats_survive_their_frame(void **state)
{
	const struct spool_stats stats = { 1, 2, 3, -1, 5, 6, 7,
		SPOOL_ROOM_FULL, 9, 10, 11, 12, 13, 14,
		{ { 15, 16 }, { 17, 18 }, { 19, 20 }, { 21, 22 } },
		{ 23, 24, 25, 26 }, 27, 28, -29, 30 };
	struct spool_stats read = { 0 };
	struct buf buf;
	struct buf again;

	(void)state;
	buf_init(&buf, 512);
	spool_stats_put(&buf, &stats);
	assert_int_equal(buf_err(&buf), TL_OK);
	for (size_t len = 0; len < buf.len; len++) {
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, buf.data, len);
		assert_int_equal(
		    spool_stats_get(bytes_of(cut, len), &read), TL_EFORMAT);
		assert_int_equal(read.records, 0);
		free(cut);
	}
	assert_int_equal(
	    spool_stats_get(bytes_of(buf.data, buf.len), &read), TL_OK);
	buf_init(&again, 512);
	spool_stats_put(&again, &read);
	assert_int_equal(again.len, buf.len);
	assert_memory_equal(again.data, buf.data, buf.len);
	buf_free(&again);
	buf_put_u8(&buf, 0);
	assert_int_equal(
	    spool_stats_get(bytes_of(buf.data, buf.len), &read), TL_EFORMAT);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(
		    the_log_has_a_longest_length_and_is_emptied_when_idle),
		SPOOL_TEST(where_there_are_pauses_no_group_moves_the_log),
		SPOOL_TEST(files_and_folder_are_closed_to_others),
		SPOOL_TEST(a_symlink_in_place_of_a_file_is_refused),
		SPOOL_TEST(a_folder_behind_a_symlink_is_fine),
		SPOOL_TEST(a_second_process_is_refused_and_harms_nothing),
		SPOOL_TEST(a_newer_or_foreign_file_is_refused_and_left_alone),
		SPOOL_TEST(wrong_options_are_refused),
		SPOOL_TEST(each_start_is_counted_and_the_oldest_day_is_known),
		SPOOL_TEST(
		    without_room_records_are_refused_and_receipts_are_not),
		SPOOL_TEST(a_damaged_file_is_set_aside_and_the_rest_is_rescued),
		SPOOL_TEST(one_broken_page_costs_few_records),
		SPOOL_TEST(what_is_no_database_at_all_is_set_aside),
		SPOOL_TEST(a_rescue_that_was_cut_off_goes_on),
		SPOOL_TEST(a_record_with_a_flipped_bit_is_kept_but_not_lent),
		cmocka_unit_test(the_stats_survive_their_frame),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool files", tests, NULL, NULL);
}
