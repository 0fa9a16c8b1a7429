/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Records a second into queue/spool against SQLite with nothing round it: a
 * table with a random key, the same bytes, WAL, synchronous=FULL, an
 * automatic checkpoint as it comes. The two take turns after every few
 * groups, so a disk that is slow for a while is slow for both; the time of
 * each turn is added up, checkpoints included.
 *
 * Usage: spool [FOLDER]; the folder decides which disk is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include <sqlite3.h>

#include "crypto/hash.h"
#include "crypto/start.h"
#include "queue/spool.h"
#include "tests/lib/tempdir.h"

#define BODY_BYTES 4400u
/* For each size of group; several checkpoints fall into it. */
#define SECONDS 12.0
/* Records before the other side has its turn. */
#define TURN 64u

static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "bench spool: %s failed\n", what);
		exit(1);
	}
}

static double now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void fill(uint8_t id[static SPOOL_ID_BYTES])
{
	must(getrandom(id, SPOOL_ID_BYTES, 0) == (ssize_t)SPOOL_ID_BYTES,
	    "getrandom");
}

static uint8_t body[BODY_BYTES];

/* ---- ours ---------------------------------------------------------------- */

static struct spool *spool;

static void ours_open(const char *dir)
{
	const struct spool_opts opts = { .dir = dir, .hash = hash_bytes };

	must(spool_open(&opts, &spool) == TL_OK, "spool_open");
}

static void ours_group(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t id[SPOOL_ID_BYTES];
		const struct spool_record record = {
			.id = id,
			.sealed = bytes_of(body, sizeof(body)),
		};
		bool known;

		fill(id);
		must(spool_put(spool, &record, 1, 20000, &known) == TL_OK,
		    "spool_put");
	}
	must(spool_commit(spool) == TL_OK, "spool_commit");
}

static void ours_close(void)
{
	spool_close(spool);
}

/* ---- SQLite -------------------------------------------------------------- */

static sqlite3 *db;
static sqlite3_stmt *put;

static void run(const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void raw_open(const char *dir)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/raw.db", dir);
	must(mkdir(dir, 0700) == 0 && sqlite3_open(path, &db) == SQLITE_OK,
	    "open");
	run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA wal_autocheckpoint = 8192;"
	    "CREATE TABLE records (k INTEGER PRIMARY KEY,"
	    " id BLOB NOT NULL UNIQUE, body BLOB NOT NULL)");
	must(sqlite3_prepare_v2(db,
		 "INSERT INTO records (k, id, body) VALUES (?1, ?2, ?3)", -1,
		 &put, NULL) == SQLITE_OK,
	    "prepare");
}

static void raw_group(unsigned n)
{
	run("BEGIN IMMEDIATE");
	for (unsigned i = 0; i < n; i++) {
		uint8_t id[SPOOL_ID_BYTES];
		uint64_t key;

		fill(id);
		memcpy(&key, id, sizeof(key));
		(void)sqlite3_bind_int64(put, 1, (int64_t)(key >> 1));
		(void)sqlite3_bind_blob(put, 2, id, sizeof(id), SQLITE_STATIC);
		(void)sqlite3_bind_blob(
		    put, 3, body, sizeof(body), SQLITE_STATIC);
		must(sqlite3_step(put) == SQLITE_DONE, "insert");
		(void)sqlite3_reset(put);
	}
	run("COMMIT");
}

static void raw_close(void)
{
	(void)sqlite3_finalize(put);
	(void)sqlite3_close(db);
}

/* ---- both ---------------------------------------------------------------- */

static double turn(void (*group)(unsigned n), unsigned n)
{
	double start = now_s();

	for (unsigned done = 0; done < TURN; done += n) {
		group(n);
	}
	return now_s() - start;
}

static void compare(const char *top, unsigned n)
{
	char mine[200];
	char theirs[200];
	double my_s = 0;
	double their_s = 0;
	unsigned turns = 0;

	(void)snprintf(mine, sizeof(mine), "%s/spool", top);
	(void)snprintf(theirs, sizeof(theirs), "%s/raw", top);
	ours_open(mine);
	raw_open(theirs);
	while (my_s + their_s < SECONDS) {
		my_s += turn(ours_group, n);
		their_s += turn(raw_group, n);
		turns++;
	}
	ours_close();
	raw_close();
	tempdir_remove_tree(mine);
	tempdir_remove_tree(theirs);
	(void)printf("%8u %12.0f %12.0f %8.2f\n", n, turns * TURN / my_s,
	    turns * TURN / their_s, their_s / my_s);
}

int main(int argc, char **argv)
{
	static const unsigned groups[] = { 1, 16, 64 };
	char top[160];

	(void)snprintf(top, sizeof(top), "%.120s/spool-bench-XXXXXX",
	    argc > 1 ? argv[1] : "/var/tmp");
	must(crypto_start() == TL_OK && mkdtemp(top) != NULL, "start");
	must(getrandom(body, sizeof(body), 0) == (ssize_t)sizeof(body),
	    "getrandom");
	(void)printf("spool: records of %u bytes\n%8s %12s %12s %8s\n",
	    BODY_BYTES, "group", "spool/s", "SQLite/s", "ratio");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		compare(top, groups[i]);
	}
	(void)remove(top);
	return 0;
}
