/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_db, spool_lent, spool_days: what the spool is made of.
 */
#include "queue/spool_db.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/spool_days.h"
#include "queue/spool_lent.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/spool_world.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

/* ---- the connection ------------------------------------------------------ */

static void each_code_of_sqlite_has_its_error(void **state)
{
	static const struct {
		int code;
		enum tl_err err;
		bool damaged;
	} rows[] = {
		{ SQLITE_FULL, TL_EFULL, false },
		{ SQLITE_NOMEM, TL_ENOMEM, false },
		{ SQLITE_IOERR_NOMEM, TL_EIO, false },
		{ SQLITE_BUSY, TL_EBUSY, false },
		{ SQLITE_BUSY_SNAPSHOT, TL_EBUSY, false },
		{ SQLITE_CANTOPEN, TL_EIO, false },
		{ SQLITE_CANTOPEN_SYMLINK, TL_EPERM, false },
		{ SQLITE_PERM, TL_EPERM, false },
		{ SQLITE_READONLY_DBMOVED, TL_EPERM, false },
		{ SQLITE_CORRUPT_INDEX, TL_EIO, true },
		{ SQLITE_NOTADB, TL_EIO, true },
		{ SQLITE_IOERR_FSYNC, TL_EIO, false },
		{ SQLITE_CONSTRAINT_PRIMARYKEY, TL_EIO, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spool_db db = { 0 };

		spool_db_note(&db, SQLITE_OK);
		spool_db_note(&db, SQLITE_ROW);
		spool_db_note(&db, SQLITE_DONE);
		assert_int_equal(db.err, TL_OK);
		spool_db_note(&db, rows[i].code);
		spool_db_note(&db, SQLITE_FULL); /* the first one sticks */
		assert_int_equal(db.err, rows[i].err);
		assert_int_equal(db.code, rows[i].code);
		assert_int_equal(db.damaged, rows[i].damaged);
	}
}

static void where_there_is_no_statement_nothing_is_done(void **state)
{
	struct spool_db db = { 0 };

	(void)state;
	assert_false(spool_db_step(&db, NULL));
	assert_int_equal(db.err, TL_OK);
	spool_db_connect(&db, "/nowhere/at-all.db");
	assert_int_equal(db.err, TL_EIO);
	assert_false(spool_db_step(&db, NULL));
	assert_int_equal(db.code & 0xff, SQLITE_CANTOPEN);
	spool_db_close(&db);
}

/* Change the file behind the spool's back. */
static void edit(struct spool_world *w, const char *sql)
{
	char path[160];
	sqlite3 *other = NULL;

	spool_close(w->spool);
	w->spool = NULL;
	world_path(w, "spool.db", path);
	assert_int_equal(sqlite3_open_v2(path, &other,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static void any_trace_of_another_program_is_foreign(void **state)
{
	static const char *const traces[] = {
		"CREATE TABLE other (x)",
		"PRAGMA application_id = 7",
		"PRAGMA user_version = 7",
		"PRAGMA user_version = 2",
		/* ours, but from before there was a first version */
		"PRAGMA application_id = 0x74697073",
		"CREATE TABLE other (x); PRAGMA application_id = 0x74697073",
		"PRAGMA application_id = 0x74697073; PRAGMA user_version = 9",
	};
	struct spool_world *w = *state;
	char path[160];

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		long long before;

		spool_close(w->spool);
		w->spool = NULL;
		world_path(w, "spool.db", path);
		assert_int_equal(unlink(path), 0);
		world_path(w, "spool.db-wal", path);
		(void)unlink(path);
		edit(w, traces[i]);
		before = world_file_bytes(w, "spool.db");
		assert_int_equal(world_open(w), TL_EFORMAT);
		assert_null(w->spool);
		/* and it is left as it is */
		assert_int_equal(world_file_bytes(w, "spool.db"), before);
		assert_int_equal(world_file_bytes(w, "damaged-1.db"), -1);
	}
}

static void a_file_of_version_two_keeps_its_records_and_its_mail(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;

	world_keep(w, 0, 5, true);
	edit(w,
	    "INSERT INTO mail VALUES (1, x'00', NULL, 30000, NULL);"
	    "ALTER TABLE records DROP COLUMN channel;"
	    "PRAGMA user_version = 2");
	assert_int_equal(world_open(w), TL_OK);
	assert_false(spool_was_rescued(w->spool));
	for (uint32_t n = 0; n < 5; n++) {
		assert_true(world_has(w, n));
	}
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 5);
	assert_int_equal(stats.mail, 1);
	/* of what was there nobody knows the channel */
	assert_int_equal(stats.channels[SPOOL_WEB].records, 5);
}

/* An operator who looks into the file keeps the spool from starting, and from
 * nothing else. */
static void a_file_that_somebody_reads_is_busy(void **state)
{
	struct spool_world *w = *state;
	sqlite3 *other = NULL;
	char path[160];

	world_keep(w, 0, 3, false);
	spool_close(w->spool);
	w->spool = NULL;
	world_path(w, "spool.db", path);
	assert_int_equal(
	    sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(other,
			     "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE;"
			     "SELECT count(*) FROM records",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(world_open(w), TL_EBUSY);
	assert_null(w->spool);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	assert_int_equal(world_open(w), TL_OK);
	assert_false(spool_was_rescued(w->spool));
	assert_true(world_has(w, 2));
}

/* ---- what is lent -------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* Keys whose homes are few and lie around the end of the slots, so that they
 * push each other on and over it. */
static int64_t crowded_key(unsigned n)
{
	int64_t home =
	    (int64_t)((SPOOL_LENT_SLOTS - 4 + n % 8) % SPOOL_LENT_SLOTS);

	return home + (int64_t)(n / 8 + 1) * SPOOL_LENT_SLOTS;
}

static void what_is_lent_is_found_whoever_goes_before_it(void **state)
{
	enum { KEYS = 64 };
	struct spool_lent_set set = { 0 };
	bool there[KEYS] = { false };
	uint32_t seed = 1;
	size_t n = 0;

	(void)state;
	set.slots = calloc(SPOOL_LENT_SLOTS, sizeof(set.slots[0]));
	assert_non_null(set.slots);
	spool_lent_clear(&set); /* of nothing */
	for (int turn = 0; turn < 20000; turn++) {
		unsigned k = next_random(&seed) % KEYS;

		if (there[k]) {
			spool_lent_remove(&set, crowded_key(k));
		} else if (next_random(&seed) % 2 == 0) {
			spool_lent_remove(&set, crowded_key(k)); /* fine */
			continue;
		} else {
			spool_lent_add(&set, crowded_key(k), k % 3 == 0);
		}
		n = there[k] ? n - 1 : n + 1;
		there[k] = !there[k];
		assert_int_equal(set.n, n);
		assert_int_equal(
		    set.n_of[RANK_URGENT] + set.n_of[RANK_TEXT], n);
		for (unsigned i = 0; i < KEYS; i++) {
			assert_int_equal(
			    spool_lent_has(&set, crowded_key(i)), there[i]);
		}
	}
	spool_lent_clear(&set);
	assert_int_equal(set.n + set.n_of[RANK_URGENT], 0);
	for (unsigned i = 0; i < KEYS; i++) {
		assert_false(spool_lent_has(&set, crowded_key(i)));
	}
	free(set.slots);
}

/* ---- days ---------------------------------------------------------------- */

static void a_day_for_which_there_is_no_memory_is_not_counted(void **state)
{
	struct spool_days days = { 0 };

	(void)state;
	assert_int_equal(spool_days_oldest(&days), -1);
	for (int64_t day = 100; day > 0; day--) {
		assert_int_equal(spool_days_add(&days, day), TL_OK);
		assert_int_equal(spool_days_add(&days, 100), TL_OK);
		if (days.n == days.cap) {
			bad_calls_fail(BAD_REALLOCARRAY, 1, 0);
			assert_int_equal(spool_days_add(&days, 0), TL_ENOMEM);
			assert_int_equal(bad_calls_end(), 1);
		}
		assert_int_equal(spool_days_oldest(&days), day);
	}
	/* in whatever order they go */
	for (int64_t day = 2; day <= 100; day += 2) {
		spool_days_remove(&days, day);
		assert_int_equal(spool_days_oldest(&days), 1);
	}
	spool_days_remove(&days, 1);
	assert_int_equal(spool_days_oldest(&days), 3);
	spool_days_free(&days);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_of_sqlite_has_its_error),
		cmocka_unit_test(where_there_is_no_statement_nothing_is_done),
		SPOOL_TEST(any_trace_of_another_program_is_foreign),
		SPOOL_TEST(
		    a_file_of_version_two_keeps_its_records_and_its_mail),
		SPOOL_TEST(a_file_that_somebody_reads_is_busy),
		cmocka_unit_test(what_is_lent_is_found_whoever_goes_before_it),
		cmocka_unit_test(
		    a_day_for_which_there_is_no_memory_is_not_counted),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool parts", tests, NULL, NULL);
}
