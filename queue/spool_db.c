/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_db.h"

#include <string.h>

#define PAGE_BYTES 4096

struct pragma {
	const char *sql;
	const char *answer; /* NULL: it gives none */
};

/*
 * SQLite is silent when it ignores a pragma: each answer is compared. Where a
 * pragma does not answer when it sets, it is asked in a second row.
 */
static const struct pragma pragmas[] = {
	{ "PRAGMA journal_mode = WAL", "wal" },
	/* NORMAL stays consistent but forgets the last commits. */
	{ "PRAGMA synchronous = FULL", NULL },
	{ "PRAGMA synchronous", "2" },
	/* An automatic checkpoint hides its errors: ours do not. */
	{ "PRAGMA wal_autocheckpoint = 0", "0" },
	{ "PRAGMA secure_delete = ON", "1" },
	/* Nothing beside the file. */
	{ "PRAGMA temp_store = MEMORY", NULL },
	{ "PRAGMA temp_store", "2" },
	/* An I/O error through a mapping would be a signal, not a code. */
	{ "PRAGMA mmap_size = 0", "0" },
	/* Our checkpoints empty the log when it is quiet. Under load it keeps
	 * its blocks (0 would take them away at the next commit), so that a
	 * sync need not change the size of the file. */
	{ "PRAGMA journal_size_limit = 41943040", "41943040" },
	{ "PRAGMA trusted_schema = OFF", NULL },
	{ "PRAGMA trusted_schema", "0" },
	/* A group is written at its commit and not before: until then a full
	 * disk has done nothing that would have to be undone. */
	{ "PRAGMA cache_spill = OFF", NULL },
	{ "PRAGMA cache_spill", "0" },
	/* Small, so that it stays in the processor's: 16 MiB cost 5 %. */
	{ "PRAGMA cache_size = -2048", NULL },
	{ "PRAGMA cache_size", "-2048" },
	{ "PRAGMA page_size", "4096" },
};
_Static_assert(PAGE_BYTES == 4096, "the last pragma asks for it");

/*
 * k is random, so that neither it nor the order of rows tells the order of
 * arrival. The partial index is small: few records are urgent.
 */
static const char create_1_sql[] =
    "PRAGMA application_id = 0x74697073;"
    "CREATE TABLE records ("
    " k INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL UNIQUE,"
    " urgent INTEGER NOT NULL,"
    " day INTEGER NOT NULL,"
    " hash BLOB NOT NULL,"
    " body BLOB NOT NULL) STRICT;"
    "CREATE INDEX records_urgent ON records (urgent, id) WHERE urgent = 1;"
    "CREATE TABLE dedup ("
    " key BLOB PRIMARY KEY NOT NULL,"
    " day INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX dedup_day ON dedup (day);"
    "CREATE TABLE meta ("
    " name TEXT PRIMARY KEY NOT NULL,"
    " value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* Mail that is gone has neither mailbox nor body. */
static const char create_2_sql[] =
    "PRAGMA user_version = 2;"
    "CREATE TABLE mail ("
    " k INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL UNIQUE,"
    " mailbox BLOB,"
    " day INTEGER NOT NULL,"
    " body BLOB) STRICT;"
    "CREATE INDEX mail_mailbox ON mail (mailbox, day)"
    " WHERE mailbox IS NOT NULL;"
    "CREATE INDEX mail_day ON mail (day);";

/* Of what was there before, nobody knows the channel: it counts as web. */
static const char create_3_sql[] =
    "PRAGMA user_version = 3;"
    "ALTER TABLE records ADD COLUMN channel INTEGER NOT NULL DEFAULT 0;";

void spool_db_note(struct spool_db *db, int rc)
{
	int kind = rc & 0xff;

	if (db->err != TL_OK || rc == SQLITE_OK || rc == SQLITE_ROW ||
	    rc == SQLITE_DONE) {
		return;
	}
	db->code = rc;
	db->damaged = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
	if (kind == SQLITE_FULL) {
		db->err = TL_EFULL;
	} else if (kind == SQLITE_NOMEM) {
		db->err = TL_ENOMEM;
	} else if (kind == SQLITE_BUSY) {
		db->err = TL_EBUSY;
	} else if (rc == SQLITE_CANTOPEN_SYMLINK || kind == SQLITE_PERM ||
	    kind == SQLITE_READONLY) {
		db->err = TL_EPERM;
	} else {
		db->err = TL_EIO;
	}
}

/* True if it answers as it should, or is not to answer. */
static bool answers(struct spool_db *db, const struct pragma *pragma)
{
	sqlite3_stmt *stmt = spool_db_statement(db, pragma->sql);
	bool same = true;

	(void)spool_db_step(db, stmt);
	if (pragma->answer != NULL) {
		const char *answer = (const char *)sqlite3_column_text(stmt, 0);

		same = answer != NULL && strcmp(answer, pragma->answer) == 0;
		/* a number becomes a text, which needs memory */
		if (sqlite3_errcode(db->sql) == SQLITE_NOMEM) {
			spool_db_note(db, SQLITE_NOMEM);
		}
	}
	(void)sqlite3_finalize(stmt);
	return same;
}

static void expect(struct spool_db *db, const struct pragma *pragma)
{
	if (!answers(db, pragma)) {
		spool_db_note(db, SQLITE_ERROR);
	}
}

/* SQLite tells after each commit how long the log is. */
static int on_commit_cb(void *arg, sqlite3 *sql, const char *name, int pages)
{
	struct spool_db *db = arg;

	(void)sql;
	(void)name;
	db->log_pages = pages;
	return SQLITE_OK;
}

void spool_db_connect(struct spool_db *db, const char *path)
{
	const struct pragma lock = {
		"PRAGMA locking_mode = EXCLUSIVE",
		"exclusive",
	};

	spool_db_note(db,
	    sqlite3_open_v2(path, &db->sql,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
		    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX,
		NULL));
	if (db->err != TL_OK) {
		return;
	}
	/* Closing after an error must not write: the next start decides. */
	spool_db_note(db,
	    sqlite3_db_config(
		db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL));
	spool_db_note(
	    db, sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL));
	/*
	 * Before anything is read: a second connection, even one that only
	 * looks, is refused, and no shared memory file is made. Two of them
	 * could meet the WAL-reset bug of SQLite before 3.51.3.
	 */
	expect(db, &lock);
	(void)spool_db_number(db, "SELECT count(*) FROM sqlite_master");
}

/* The log keeps its entry in the folder: no start depends on a directory
 * sync that SQLite would not check. Where that is not known it is an error. */
static void keep_log_file(struct spool_db *db)
{
	int on = 1;

	spool_db_note(db,
	    sqlite3_file_control(db->sql, NULL, SQLITE_FCNTL_PERSIST_WAL, &on));
}

/* From an earlier version, 0 for an empty file, to ours: all or nothing. */
static void take_over(struct spool_db *db, int64_t version)
{
	spool_db_run(db, "BEGIN IMMEDIATE");
	if (version < 1) {
		spool_db_run(db, create_1_sql);
	}
	if (version < 2) {
		spool_db_run(db, create_2_sql);
	}
	spool_db_run(db, create_3_sql);
	spool_db_run(db, "COMMIT");
}

void spool_db_prepare_file(struct spool_db *db)
{
	int64_t tables =
	    spool_db_number(db, "SELECT count(*) FROM sqlite_master");
	int64_t magic = spool_db_number(db, "PRAGMA application_id");
	int64_t version = spool_db_number(db, "PRAGMA user_version");
	bool empty = tables == 0 && magic == 0 && version == 0;

	if (db->err != TL_OK) {
		return;
	}
	if (!empty &&
	    (magic != SPOOL_DB_APPLICATION || version < 1 ||
		version > SPOOL_DB_VERSION)) {
		db->err = TL_EFORMAT; /* and nothing was changed in it */
		return;
	}
	for (size_t i = 0;
	     i < sizeof(pragmas) / sizeof(pragmas[0]) && db->err == TL_OK;
	     i++) {
		expect(db, &pragmas[i]);
	}
	if (db->err != TL_OK) {
		return;
	}
	keep_log_file(db);
	(void)sqlite3_wal_hook(db->sql, on_commit_cb, db);
	if (version < SPOOL_DB_VERSION) {
		take_over(db, version);
	}
}

void spool_db_check(struct spool_db *db, bool deep)
{
	const struct pragma check = {
		.sql = deep ? "PRAGMA integrity_check(1)"
			    : "PRAGMA quick_check(1)",
		.answer = "ok",
	};

	/* A page for which there was no memory is called broken, too. What is
	 * broken is so at a second look. */
	if (!answers(db, &check) && !answers(db, &check)) {
		spool_db_note(db, SQLITE_CORRUPT);
	}
}

void spool_db_run(struct spool_db *db, const char *sql)
{
	if (db->err == TL_OK) {
		spool_db_note(db, sqlite3_exec(db->sql, sql, NULL, NULL, NULL));
	}
}

sqlite3_stmt *spool_db_statement(struct spool_db *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (db->err == TL_OK) {
		spool_db_note(db,
		    sqlite3_prepare_v3(db->sql, sql, -1,
			SQLITE_PREPARE_PERSISTENT, &stmt, NULL));
	}
	return stmt;
}

bool spool_db_step(struct spool_db *db, sqlite3_stmt *stmt)
{
	int rc;

	if (db->err != TL_OK || stmt == NULL) {
		return false;
	}
	rc = sqlite3_step(stmt);
	spool_db_note(db, rc);
	return rc == SQLITE_ROW;
}

int64_t spool_db_number(struct spool_db *db, const char *sql)
{
	sqlite3_stmt *stmt = spool_db_statement(db, sql);
	int64_t number = 0;

	if (spool_db_step(db, stmt)) {
		number = sqlite3_column_int64(stmt, 0);
	}
	(void)sqlite3_finalize(stmt);
	return number;
}

void spool_db_set_meta(struct spool_db *db, const char *name, int64_t value)
{
	sqlite3_stmt *stmt = spool_db_statement(db,
	    "INSERT INTO meta (name, value) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, value);
	(void)spool_db_step(db, stmt);
	(void)sqlite3_finalize(stmt);
}

int64_t spool_db_get_meta(struct spool_db *db, const char *name)
{
	sqlite3_stmt *stmt =
	    spool_db_statement(db, "SELECT value FROM meta WHERE name = ?1");
	int64_t value = 0;

	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (spool_db_step(db, stmt)) {
		value = sqlite3_column_int64(stmt, 0);
	}
	(void)sqlite3_finalize(stmt);
	return value;
}

const uint8_t *spool_db_blob(sqlite3_stmt *stmt, int column, size_t len)
{
	const uint8_t *blob = sqlite3_column_blob(stmt, column);

	return sqlite3_column_bytes(stmt, column) == (int)len ? blob : NULL;
}

void spool_db_checkpoint(struct spool_db *db, bool keep_log)
{
	int how =
	    keep_log ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE;

	if (db->err != TL_OK) {
		return;
	}
	spool_db_note(
	    db, sqlite3_wal_checkpoint_v2(db->sql, NULL, how, NULL, NULL));
	if (db->err == TL_OK) {
		db->log_pages = 0;
		db->log_kept = keep_log;
	}
}

void spool_db_close(struct spool_db *db)
{
	(void)sqlite3_close_v2(db->sql);
	*db = (struct spool_db){ 0 };
}
