/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/peer.c - what a tip cannot cost less than, alone: one seal and
 * one signature by libsodium, one row of a table by SQLite. As JSON.
 *
 *   peer record                       size of a sealed text in the spool
 *   peer seal SECONDS BYTES           CPU of crypto_box_seal, and of Ed25519
 *   peer rows SECONDS BYTES FOLDER    CPU of a row in groups of 64
 *   peer commit SECONDS BYTES FOLDER  time to commit one row, 100 a second
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>
#include <sqlite3.h>

#include "crypto/envelope.h"

#define BYTES_MAX   65536u
#define GROUP       64
#define COMMITS_MAX 10000
#define PAUSE_NS    10000000

static uint8_t body[BYTES_MAX];
static uint8_t sealed[BYTES_MAX + crypto_box_SEALBYTES];

static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "peer: %s failed\n", what);
		exit(1);
	}
}

static double clock_s(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double cpu_s(void)
{
	return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- libsodium ----------------------------------------------------------- */

static void seal(double seconds, size_t bytes)
{
	uint8_t public[crypto_box_PUBLICKEYBYTES];
	uint8_t secret[crypto_box_SECRETKEYBYTES];
	uint8_t verify[crypto_sign_PUBLICKEYBYTES];
	uint8_t sign[crypto_sign_SECRETKEYBYTES];
	uint8_t signature[crypto_sign_BYTES];
	double seals_s = 0;
	double signs_s = 0;
	unsigned n = 0;

	(void)crypto_box_keypair(public, secret);
	(void)crypto_sign_keypair(verify, sign);
	while (seals_s + signs_s < seconds) {
		double at_s = cpu_s();

		for (int i = 0; i < 50; i++) {
			must(crypto_box_seal(sealed, body, bytes, public) == 0,
			    "seal");
		}
		seals_s += cpu_s() - at_s;
		at_s = cpu_s();
		for (int i = 0; i < 50; i++) {
			(void)crypto_sign_detached(
			    signature, NULL, body, bytes, sign);
		}
		signs_s += cpu_s() - at_s;
		n += 50;
	}
	(void)printf("{\"seal_us\":%.3f,\"sign_us\":%.3f}\n", seals_s / n * 1e6,
	    signs_s / n * 1e6);
}

/* ---- SQLite -------------------------------------------------------------- */

static void run(sqlite3 *db, const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3 *open_table(const char *folder, sqlite3_stmt **ret_put)
{
	char path[512];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/peer.db", folder);
	must(sqlite3_open(path, &db) == SQLITE_OK, "open");
	run(db,
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192;"
	    "CREATE TABLE IF NOT EXISTS records (k INTEGER PRIMARY KEY,"
	    " id BLOB NOT NULL UNIQUE, body BLOB NOT NULL)");
	must(sqlite3_prepare_v2(db,
		 "INSERT INTO records (k, id, body) VALUES (?1, ?2, ?3)", -1,
		 ret_put, NULL) == SQLITE_OK,
	    "prepare");
	return db;
}

static void put(sqlite3_stmt *stmt, size_t bytes)
{
	uint8_t id[16];
	uint64_t key;

	randombytes_buf(id, sizeof(id));
	memcpy(&key, id, sizeof(key));
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)(key >> 1));
	(void)sqlite3_bind_blob(stmt, 2, id, sizeof(id), SQLITE_STATIC);
	(void)sqlite3_bind_blob(stmt, 3, body, (int)bytes, SQLITE_STATIC);
	must(sqlite3_step(stmt) == SQLITE_DONE, "insert");
	(void)sqlite3_reset(stmt);
}

static void close_table(sqlite3 *db, sqlite3_stmt *stmt)
{
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
}

static void rows(double seconds, size_t bytes, const char *folder, int group)
{
	sqlite3_stmt *stmt;
	sqlite3 *db = open_table(folder, &stmt);
	double end_s = clock_s(CLOCK_MONOTONIC) + seconds;
	double before_s = cpu_s();
	unsigned n = 0;

	while (clock_s(CLOCK_MONOTONIC) < end_s) {
		run(db, "BEGIN IMMEDIATE");
		for (int i = 0; i < group; i++) {
			put(stmt, bytes);
		}
		run(db, "COMMIT");
		n += (unsigned)group;
	}
	(void)printf("{\"row_us\":%.3f,\"rows_per_s\":%.0f}\n",
	    (cpu_s() - before_s) / n * 1e6, n / seconds);
	close_table(db, stmt);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void commits(double seconds, size_t bytes, const char *folder)
{
	static double took_ms[COMMITS_MAX];
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	sqlite3_stmt *stmt;
	sqlite3 *db = open_table(folder, &stmt);
	double end_s = clock_s(CLOCK_MONOTONIC) + seconds;
	unsigned n = 0;

	while (clock_s(CLOCK_MONOTONIC) < end_s && n < COMMITS_MAX) {
		double at_s;

		(void)nanosleep(&pause, NULL);
		at_s = clock_s(CLOCK_MONOTONIC);
		run(db, "BEGIN IMMEDIATE");
		put(stmt, bytes);
		run(db, "COMMIT");
		took_ms[n++] = (clock_s(CLOCK_MONOTONIC) - at_s) * 1e3;
	}
	qsort(took_ms, n, sizeof(took_ms[0]), by_size);
	(void)printf("{\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", took_ms[n / 2],
	    took_ms[(size_t)n * 99 / 100]);
	close_table(db, stmt);
}

int main(int argc, char **argv)
{
	double seconds;
	size_t bytes;

	if (argc == 2 && strcmp(argv[1], "record") == 0) {
		(void)printf(
		    "{\"bytes\":%zu}\n", envelope_bytes(envelope_class(1), 1));
		return 0;
	}
	must(argc >= 4 && sodium_init() >= 0, "usage");
	seconds = strtod(argv[2], NULL);
	bytes = strtoul(argv[3], NULL, 10);
	must(bytes > 0 && bytes <= BYTES_MAX, "BYTES");
	randombytes_buf(body, bytes);
	if (strcmp(argv[1], "seal") == 0) {
		seal(seconds, bytes);
		return 0;
	}
	must(argc == 5 || argc == 6, "FOLDER");
	if (strcmp(argv[1], "rows") == 0) {
		rows(seconds, bytes, argv[4],
		    argc == 6 ? (int)strtol(argv[5], NULL, 10) : GROUP);
	} else {
		commits(seconds, bytes, argv[4]);
	}
	return 0;
}
