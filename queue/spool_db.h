/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_db.h - one connection to a spool file, with sticky errors.
 *
 * Steps return nothing: after the first failure later steps do nothing, and
 * whoever runs a list of steps asks db.err once at the end. Inside of the
 * spool, for queue/spool_*.c only.
 */
#ifndef TL_QUEUE_SPOOL_DB_H
#define TL_QUEUE_SPOOL_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* 2: mail. A file of version 1 is taken over. */
#define SPOOL_DB_VERSION 3
/* "tips": what PRAGMA application_id and file(1) see. */
#define SPOOL_DB_APPLICATION 0x74697073

struct spool_db {
	sqlite3 *sql;
	enum tl_err err; /* the first failure */
	int code;        /* SQLite's extended code of it */
	bool damaged;    /* the content of the file is wrong; err is TL_EIO */
	int log_pages;   /* in the write-ahead log after the last commit */
	bool log_kept;   /* behind them the log has old pages */
};

/* Note the failure rc; SQLITE_OK, SQLITE_ROW and SQLITE_DONE are none. */
void spool_db_note(struct spool_db *db, int rc);

/* Connect to an existing file and lock it. db is zeroed. */
void spool_db_connect(struct spool_db *db, const char *path);

/*
 * Apply the settings of docs/FORMAT.md and compare SQLite's answers, make the
 * tables in an empty file, those that are missing in an older one, refuse a
 * foreign or newer one (TL_EFORMAT).
 */
void spool_db_prepare_file(struct spool_db *db);

/* Read the whole file and look for damage; deep holds the indexes against
 * the tables too. */
void spool_db_check(struct spool_db *db, bool deep);

void spool_db_run(struct spool_db *db, const char *sql);

/* The one number that sql gives; 0 after a failure. */
int64_t spool_db_number(struct spool_db *db, const char *sql);

/* Remember value under name, in the open transaction. */
void spool_db_set_meta(struct spool_db *db, const char *name, int64_t value);
/* 0 if there is none. */
int64_t spool_db_get_meta(struct spool_db *db, const char *name);

/* NULL after a failure. Ended with sqlite3_finalize(). */
sqlite3_stmt *spool_db_statement(struct spool_db *db, const char *sql);

/* Step; true for a row. Whoever steps resets. */
bool spool_db_step(struct spool_db *db, sqlite3_stmt *stmt);

/* The blob in column, if it is one of exactly len bytes; else NULL. */
const uint8_t *spool_db_blob(sqlite3_stmt *stmt, int column, size_t len);

/*
 * Move the log into the file, sync it, and empty the log; or keep it at its
 * length to be written over: between two groups that saves the disk from
 * giving and taking the same blocks, but old pages stay until they are
 * written over or the log is emptied.
 */
void spool_db_checkpoint(struct spool_db *db, bool keep_log);

/* Drop an open transaction; close without touching the log. NULL inside is
 * fine. */
void spool_db_close(struct spool_db *db);

#endif
