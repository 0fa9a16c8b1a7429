/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_rescue: whatever page of the file is broken, what does not stand
 * on it is there again, and a rescue that fails itself has cost nothing.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/spool_clock.h"
#include "queue/spool_db.h"
#include "queue/spool_dir.h"
#include "queue/spool_mail.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/disk/bad_disk.h"
#include "tests/lib/tempdir.h"

#define RECORDS    100u
#define PAGE_BYTES 4096
#define POINTS_MAX 4000u

/* The first byte of a page says what it is; others are pages of long rows. */
enum {
	INDEX_INSIDE = 0x02,
	TABLE_INSIDE = 0x05,
	INDEX_LEAF = 0x0a,
	TABLE_LEAF = 0x0d,
};

static const uint8_t list[SPOOL_LIST_ID_BYTES] = "list";
static const uint8_t mailbox[SPOOL_MAILBOX_BYTES] = "mailbox";
static const char dedup[SPOOL_DEDUP_BYTES] = "gateway-message";

/* ---- helpers ------------------------------------------------------------- */

/* Too little for a reserve, which takes its time. */
static void leave_little(struct statvfs *fs)
{
	fs->f_bavail = SPOOL_RESERVE_BYTES * UINT64_C(2) / fs->f_frsize;
}

static void finish(struct spool_world *w)
{
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
}

/* A spool with records, mail, a dedup key and a list, after an orderly end. */
static void fill(struct spool_world *w)
{
	static const uint8_t body[100];
	const uint8_t id[16] = { 1 };
	const struct spool_mail mail = { .id = id,
		.mailbox = mailbox,
		.last_day = WORLD_DAY,
		.body = bytes_of(body, sizeof(body)) };
	uint32_t highest;
	bool known;

	disk_start_over(w);
	memset(&bad_calls, 0, sizeof(bad_calls));
	bad_calls.after_fstatvfs = leave_little;
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(world_put(w, 0, true, dedup, &known), TL_OK);
	world_keep(w, 1, RECORDS - 1, false);
	assert_int_equal(spool_mail_put(w->spool, &mail, WORLD_DAY), TL_OK);
	assert_int_equal(spool_see_list(w->spool, list, 5, &highest), TL_OK);
	assert_int_equal(spool_clock_save(w->spool, 24 * WORLD_DAY), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	finish(w);
}

static void edit(struct spool_world *w, const char *sql)
{
	char path[160];
	sqlite3 *other = NULL;

	world_path(w, "spool.db", path);
	assert_int_equal(
	    sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* The first page of what has that name. */
static long long root_of(struct spool_world *w, const char *name)
{
	char path[160];
	sqlite3 *other = NULL;
	sqlite3_stmt *stmt = NULL;
	long long root;

	world_path(w, "spool.db", path);
	assert_int_equal(
	    sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(other,
		"SELECT rootpage FROM sqlite_master WHERE name = ?1", -1, &stmt,
		NULL),
	    SQLITE_OK);
	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	root = sqlite3_column_int64(stmt, 0) - 1;
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	return root;
}

static long long pages_of(const struct spool_world *w)
{
	return world_file_bytes(w, "spool.db") / PAGE_BYTES;
}

/* What the page is, counted from 0. */
static uint8_t kind_of(const struct spool_world *w, long long page)
{
	char path[160];
	uint8_t kind;
	int fd;

	world_path(w, "spool.db", path);
	fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, &kind, 1, page * PAGE_BYTES), 1);
	(void)close(fd);
	return kind;
}

/* Break every byte of it. What it was. */
static uint8_t break_page(const struct spool_world *w, long long page)
{
	uint8_t kind = kind_of(w, page);
	uint8_t noise[PAGE_BYTES];
	char path[160];
	int fd;

	memset(noise, 0x5a, sizeof(noise));
	world_path(w, "spool.db", path);
	fd = open(path, O_WRONLY);
	assert_int_equal(
	    pwrite(fd, noise, sizeof(noise), page * PAGE_BYTES), sizeof(noise));
	(void)close(fd);
	return kind;
}

/* All that are of this kind. */
static void break_all(const struct spool_world *w, uint8_t kind)
{
	for (long long page = 1; page < pages_of(w); page++) {
		if (kind_of(w, page) == kind) {
			(void)break_page(w, page);
		}
	}
}

static unsigned count_left(struct spool_world *w, uint32_t records)
{
	unsigned left = 0;

	for (uint32_t n = 0; n < records; n++) {
		left += world_has(w, n) ? 1 : 0;
	}
	return left;
}

static void count_mail(struct bytes body, void *arg)
{
	assert_int_equal(body.len, 100);
	++*(size_t *)arg;
}

/* All that fill() has put in; and it is no longer what it was. */
static void all_is_there(struct spool_world *w)
{
	uint32_t highest = 0;
	bool known = false;
	size_t n = 0;

	assert_int_equal(count_left(w, RECORDS), RECORDS);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count_mail, &n),
	    TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(spool_see_list(w->spool, list, 4, &highest), TL_OK);
	assert_int_equal(highest, 5);
	assert_int_equal(spool_clock_load(w->spool), 24 * WORLD_DAY);
	assert_int_equal(world_put(w, 90, false, dedup, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_true(world_file_bytes(w, "damaged-1.db") > 0);
	assert_int_equal(world_file_bytes(w, "rescue.tmp"), -1);
	assert_int_equal(world_file_bytes(w, "rescued.db"), -1);
}

/* Damage that costs nothing: the index of the ids. */
static void break_index(struct spool_world *w)
{
	assert_int_equal(
	    break_page(w, root_of(w, "sqlite_autoindex_records_1")),
	    INDEX_LEAF);
}

/* ---- what is broken -------------------------------------------------------
 */

static void whatever_page_is_broken_only_what_is_on_it_is_lost(void **state)
{
	struct spool_world *w = *state;
	unsigned seen[256] = { 0 };

	/* keys are random: each file is a little different */
	for (long long page = 1; page < 1000; page++) {
		struct spool_stats stats;
		unsigned left;
		uint8_t kind;

		fill(w);
		if (page >= pages_of(w)) {
			break;
		}
		kind = break_page(w, page);
		assert_int_equal(world_open(w), TL_OK);
		left = count_left(w, RECORDS);
		spool_stats(w->spool, &stats);
		seen[kind]++;
		assert_int_equal(stats.records, left);
		if (!spool_was_rescued(w->spool)) {
			assert_int_equal(left, RECORDS); /* an empty page */
			continue;
		}
		assert_int_equal(stats.rescued, left);
		assert_int_equal(stats.lost, RECORDS - left);
		if (kind == INDEX_LEAF) {
			assert_int_equal(left, RECORDS);
		} else if (kind != TABLE_INSIDE) {
			assert_in_range(left, RECORDS - 9, RECORDS);
		}
		world_keep(w, 100, 9, false);
	}
	assert_true(seen[TABLE_LEAF] > 5 && seen[INDEX_LEAF] > 5);
	assert_int_equal(seen[TABLE_INSIDE], 1);
}

/* Whose record is lost brings it again, and is not told that it is here. What
 * is older nobody brings again, and it was passed on. */
static void of_days_of_which_something_is_lost_no_repeat_is_known(void **state)
{
	static const char latest[SPOOL_DEDUP_BYTES] = "latest-message!";
	struct spool_world *w = *state;
	struct spool_stats stats = { 0 };
	bool known;

	for (long long page = 1; stats.lost == 0; page++) {
		fill(w);
		edit(w,
		    "INSERT INTO dedup (key, day) SELECT"
		    " CAST('latest-message!' || x'00' AS BLOB), day + 3"
		    " FROM dedup");
		assert_true(page < pages_of(w));
		(void)break_page(w, page);
		assert_int_equal(world_open(w), TL_OK);
		spool_stats(w->spool, &stats);
		if (stats.lost == 0) {
			assert_int_equal(
			    world_put(w, 90, false, latest, &known), TL_OK);
			assert_true(known || spool_was_rescued(w->spool));
		}
	}
	assert_int_equal(world_put(w, 90, false, dedup, &known), TL_OK);
	assert_true(known);
	assert_int_equal(world_put(w, 91, false, latest, &known), TL_OK);
	assert_false(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

/* Each record with a key of its own, as gateways' messages have. */
static void fill_with_keys(struct spool_world *w)
{
	bool known;

	disk_start_over(w);
	memset(&bad_calls, 0, sizeof(bad_calls));
	bad_calls.after_fstatvfs = leave_little;
	assert_int_equal(world_open(w), TL_OK);
	for (uint32_t n = 0; n < RECORDS; n++) {
		char key[SPOOL_DEDUP_BYTES] = "gateway";

		memcpy(key + 8, &n, sizeof(n));
		assert_int_equal(world_put(w, n, false, key, &known), TL_OK);
		assert_int_equal(spool_commit(w->spool), TL_OK);
	}
	finish(w);
}

/* Who repeats a message, under another id, is told that it is here only where
 * it is. */
static void no_repeat_of_what_is_lost_is_known(struct spool_world *w)
{
	for (uint32_t n = 0; n < RECORDS; n++) {
		char key[SPOOL_DEDUP_BYTES] = "gateway";
		bool is_here = world_has(w, n);
		bool known;

		memcpy(key + 8, &n, sizeof(n));
		assert_int_equal(
		    world_put(w, 1000 + n, false, key, &known), TL_OK);
		assert_int_equal(spool_commit(w->spool), TL_OK);
		assert_true(is_here || !known);
	}
}

/* Their rows are seen in no place, and are lost all the same. */
static void what_neither_table_nor_index_shows_may_come_again(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	unsigned leaves = 0;

	for (long long page = 1; page < 1000; page++) {
		fill_with_keys(w);
		if (page >= pages_of(w)) {
			break;
		}
		if (kind_of(w, page) != TABLE_LEAF) {
			continue;
		}
		break_index(w);
		(void)break_page(w, page);
		assert_int_equal(world_open(w), TL_OK);
		spool_stats(w->spool, &stats);
		leaves += stats.records < RECORDS ? 1 : 0;
		assert_true(stats.records == RECORDS || stats.lost > 0);
		no_repeat_of_what_is_lost_is_known(w);
	}
	assert_true(leaves > 5);
	fill_with_keys(w);
	break_index(w);
	(void)break_page(w, root_of(w, "records"));
	break_all(w, TABLE_LEAF);
	assert_int_equal(world_open(w), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 0);
	assert_int_equal(stats.lost, 1);
	no_repeat_of_what_is_lost_is_known(w);
}

static void without_its_index_a_table_is_walked_over_broken_places(void **state)
{
	struct spool_world *w = *state;
	unsigned leaves = 0;

	for (long long page = 1; page < 1000; page++) {
		unsigned left;

		fill(w);
		if (page >= pages_of(w)) {
			break;
		}
		break_index(w);
		if (break_page(w, page) != TABLE_LEAF) {
			continue;
		}
		leaves++;
		assert_int_equal(world_open(w), TL_OK);
		left = count_left(w, RECORDS);
		/* those on it, and the few that the last step goes beyond it */
		assert_in_range(left, RECORDS - 20, RECORDS);
	}
	assert_true(leaves > 5);
	/* all of them: it comes to an end all the same */
	fill(w);
	break_index(w);
	break_all(w, TABLE_LEAF);
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(count_left(w, RECORDS), 0);
	world_keep(w, 100, 9, false);
}

/* The page that the first entry of an index with several pages is on. */
static long long first_leaf_of(const struct spool_world *w, long long root)
{
	uint8_t inside[PAGE_BYTES];
	const uint8_t *cell;
	char path[160];
	int fd;

	world_path(w, "spool.db", path);
	fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, inside, sizeof(inside), root * PAGE_BYTES),
	    sizeof(inside));
	(void)close(fd);
	assert_int_equal(inside[0], INDEX_INSIDE);
	/* behind the head: where the first cell is; it begins with a page */
	cell = inside + ((size_t)inside[12] << 8 | inside[13]);
	return ((long long)cell[2] << 8 | cell[3]) - 1;
}

/* An operator shall hear of each record that was there and is no more. */
static void what_the_index_shows_only_from_its_end_is_counted_lost(void **state)
{
	enum { MANY = 400 };
	struct spool_world *w = *state;
	struct spool_stats stats;

	world_keep(w, 0, MANY, false);
	finish(w);
	(void)break_page(
	    w, first_leaf_of(w, root_of(w, "sqlite_autoindex_records_1")));
	break_all(w, TABLE_LEAF);
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(count_left(w, MANY), 0);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.rescued, 0);
	assert_in_range(stats.lost, MANY / 4, MANY - 1);
}

static void rows_that_are_no_records_are_left_behind(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;

	fill(w);
	edit(w,
	    "INSERT INTO records VALUES"
	    " (1, x'01', 0, 1, zeroblob(32), x'01', 0),"
	    " (2, x'00112233445566778899aabbccddeeff', 0, 1, x'01', x'01', 0),"
	    " (3, zeroblob(16), 0, 1, zeroblob(32), x'', 0);"
	    "INSERT INTO dedup VALUES (x'0102', 20000);"
	    "INSERT INTO mail VALUES (9, x'0102', NULL, 20000, NULL);");
	break_index(w);
	assert_int_equal(world_open(w), TL_OK);
	all_is_there(w);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.rescued, RECORDS);
	assert_int_equal(stats.lost, 3);
	assert_int_equal(stats.mail, 1);
}

static long long longest_log;
static struct spool_world *watched;

static void watch_log(void)
{
	long long len = world_file_bytes(watched, "rescue.tmp-wal");

	longest_log = len > longest_log ? len : longest_log;
}

static void a_rescue_needs_no_longer_log_than_a_spool(void **state)
{
	enum { MANY = 9000 };
	const long long page = PAGE_BYTES + 24;
	struct spool_world *w = *state;

	world_keep(w, 0, MANY, false);
	finish(w);
	break_all(w, INDEX_LEAF);
	watched = w;
	longest_log = 0;
	disk.before_call = watch_log;
	disk.on = true;
	assert_int_equal(world_open(w), TL_OK);
	disk.on = false;
	assert_int_equal(count_left(w, MANY), MANY);
	assert_in_range(longest_log, SPOOL_MOST_PAGES * page,
	    (SPOOL_MOST_PAGES + 600) * page);
	assert_true(world_file_bytes(w, "spool.db") > longest_log);
}

/* ---- a rescue that fails ---------------------------------------------------
 */

/* Once more without failures: all of it is there. */
static void go_on(struct spool_world *w, enum tl_err err)
{
	assert_int_equal(w->spool != NULL, err == TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	assert_int_equal(world_open(w), TL_OK);
	all_is_there(w);
}

static void a_call_that_fails_in_a_rescue_costs_nothing(void **state)
{
	static const int errors[] = { EIO, EACCES };
	struct spool_world *w = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned points = 0;
		unsigned failed;

		do {
			enum tl_err err;

			fill(w);
			break_index(w);
			bad_calls_fail_any(++points, errors[i]);
			bad_calls.after_fstatvfs = leave_little;
			err = world_open(w);
			failed = bad_calls_end();
			if (world_file_bytes(w, "rescued.db") > 0) {
				/* it is whole, and not in its place: nor is it
				 * at the next start */
				bad_calls_fail(BAD_RENAMEAT2, 1, errors[i]);
				err = world_open(w);
				assert_int_equal(bad_calls_end(), 1);
				assert_int_not_equal(err, TL_OK);
			}
			go_on(w, err);
		} while (failed > 0);
		assert_in_range(points, 30, POINTS_MAX);
	}
}

static void a_disk_that_fails_in_a_rescue_costs_nothing(void **state)
{
	static const int errors[] = { EIO, ENOSPC };
	struct spool_world *w = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned points = 0;
		unsigned failed;

		do {
			enum tl_err err;

			fill(w);
			break_index(w);
			disk.fail_at = 1 + 3 * points++;
			disk.error = errors[i];
			disk.on = true;
			err = world_open(w);
			disk.on = false;
			failed = disk.failed;
			assert_true(err == TL_OK || err == TL_EIO ||
			    (err == TL_EFULL && errors[i] == ENOSPC));
			go_on(w, err);
		} while (failed > 0);
		assert_in_range(points, 30, POINTS_MAX);
	}
}

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(whatever_page_is_broken_only_what_is_on_it_is_lost),
		SPOOL_TEST(
		    of_days_of_which_something_is_lost_no_repeat_is_known),
		SPOOL_TEST(what_neither_table_nor_index_shows_may_come_again),
		SPOOL_TEST(
		    without_its_index_a_table_is_walked_over_broken_places),
		SPOOL_TEST(
		    what_the_index_shows_only_from_its_end_is_counted_lost),
		SPOOL_TEST(rows_that_are_no_records_are_left_behind),
		SPOOL_TEST(a_rescue_needs_no_longer_log_than_a_spool),
		SPOOL_TEST(a_call_that_fails_in_a_rescue_costs_nothing),
		SPOOL_TEST(a_disk_that_fails_in_a_rescue_costs_nothing),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool rescue", tests, NULL, NULL);
}
