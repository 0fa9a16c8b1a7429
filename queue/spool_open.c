/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_open.c - from a folder to a spool that may be trusted, and back.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "queue/spool_file.h"
#include "queue/spool_mail.h"
#include "queue/spool_rescue.h"

static const char *const sql_of[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_PUT] = "INSERT INTO records"
		     " (k, id, urgent, day, hash, body, channel)"
		     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		     " ON CONFLICT (id) DO NOTHING",
	[STMT_PUT_DEDUP] = "INSERT INTO dedup (key, day) VALUES (?1, ?2)"
			   " ON CONFLICT (key) DO NOTHING",
	[STMT_KNOWN] = "SELECT 1 FROM dedup WHERE key = ?1",
	[STMT_FORGET] = "DELETE FROM records WHERE id = ?1"
			" RETURNING k, urgent, day, channel, length(body)",
	[STMT_EXPIRE] = "DELETE FROM dedup WHERE key IN"
			" (SELECT key FROM dedup WHERE day < ?1 LIMIT ?2)",
	[STMT_FIND] = "SELECT k, hash FROM records WHERE id = ?1",
	[STMT_OLD] = "SELECT k, hash, body, channel FROM records"
		     " WHERE id = ?1",
	[STMT_MEND] = "UPDATE records SET body = ?2 WHERE k = ?1",
	[STMT_FETCH] = "SELECT id, urgent, hash, body FROM records"
		       " WHERE k = ?1",
	/* both read an index only, in the order of the ids, which is random */
	[STMT_SCAN_URGENT] = "SELECT k FROM records WHERE urgent = 1"
			     " AND id > ?1 AND id <= ?2 ORDER BY id",
	[STMT_SCAN_ALL] = "SELECT k FROM records"
			  " WHERE id > ?1 AND id <= ?2 ORDER BY id",
	[STMT_MAIL_FIND] = "SELECT 1 FROM mail WHERE id = ?1",
	[STMT_MAIL_PUT] = "INSERT INTO mail (k, id, mailbox, day, body)"
			  " VALUES (?1, ?2, ?3, ?4, ?5)",
	/* leaves room for one: 15 stay, the status, and those that last
	 * longest; without it the page would fall back to the first sentence */
	[STMT_MAIL_SHORTEN] =
	    "UPDATE mail SET mailbox = NULL, body = NULL WHERE k IN"
	    " (SELECT k FROM mail WHERE mailbox = ?1"
	    " ORDER BY substr(body, 9, 1) = x'03' DESC, day DESC, k"
	    " LIMIT -1 OFFSET 15)",
	/* by the kind in its head: docs/FORMAT.md, Mail; not what was written
	 * on a later day, for desks may send theirs again one by one */
	[STMT_MAIL_REPLACE] = "UPDATE mail SET mailbox = NULL, body = NULL"
			      " WHERE mailbox = ?1 AND day <= ?2"
			      " AND substr(body, 9, 1) = x'03'",
	[STMT_MAIL_DELETE] = "UPDATE mail SET mailbox = NULL, body = NULL"
			     " WHERE mailbox = ?1",
	[STMT_MAIL_EXPIRE] = "DELETE FROM mail WHERE k IN"
			     " (SELECT k FROM mail WHERE day < ?1 LIMIT ?2)",
	[STMT_MAIL_READ] = "SELECT body FROM mail WHERE mailbox = ?1"
			   " AND day >= ?2 LIMIT 16",
	[STMT_COPY] = "SELECT k, id, urgent, channel, body, hash FROM records"
		      " WHERE k > ?1 ORDER BY k",
	[STMT_FREE_PAGES] = "PRAGMA freelist_count",
};

_Static_assert(SPOOL_MAILBOX_MOST == 16, "the statements above say so");

enum spool_channel spool_file_channel(int64_t number)
{
	return number > SPOOL_WEB && number < SPOOL_CHANNELS
	    ? (enum spool_channel)number
	    : SPOOL_WEB;
}

void spool_file_checkpoint(struct spool *spool, bool keep_log)
{
	struct spool_db *db = &spool->db;

	spool_db_checkpoint(db, keep_log);
	if (db->err == TL_EFULL && spool_dir_drop_reserve(&spool->dir)) {
		/* No sync has failed: there was no room to write at all. */
		spool->has_reserve = false;
		db->err = TL_OK;
		db->code = 0;
		spool_db_checkpoint(db, keep_log);
	}
	spool->log_stuck = db->err == TL_EFULL;
}

static enum tl_err connect_file(struct spool *spool)
{
	char *path = spool_dir_join(&spool->dir, SPOOL_FILE);
	enum tl_err err;

	if (path == NULL) {
		return TL_ENOMEM;
	}
	err = spool_dir_own(&spool->dir, SPOOL_FILE);
	if (err == TL_OK) {
		spool_db_connect(&spool->db, path);
		spool_db_prepare_file(&spool->db);
		/* An end without spool_finish() is looked at more closely. */
		spool_db_check(
		    &spool->db, spool_db_get_meta(&spool->db, "clean") == 0);
		err = spool->db.err;
	}
	free(path);
	return err;
}

/*
 * One real write, then the whole log into the file: after a failed sync in an
 * earlier life the kernel may hold pages that it believes to be on the disk
 * and that are not. Written again they are dirty again, and this sync counts.
 */
static void first_write(struct spool *spool)
{
	struct spool_db *db = &spool->db;

	spool_db_run(db, "BEGIN IMMEDIATE");
	spool->starts = (uint64_t)spool_db_get_meta(db, "starts") + 1;
	spool_db_set_meta(db, "starts", (int64_t)spool->starts);
	spool_db_set_meta(db, "clean", 0);
	if (spool_db_get_meta(db, "file") == 0) {
		spool_db_set_meta(db, "file",
		    spool_db_number(db, "SELECT 1 + abs(random() / 2)"));
	}
	spool_db_run(db, "COMMIT");
	/* When an empty file cannot be turned to WAL, SQLite may say that it
	 * is and go on with a rollback journal: then nothing is in the log. */
	if (db->err == TL_OK && db->log_pages == 0) {
		spool_db_note(db, SQLITE_IOERR);
	}
	spool_file_checkpoint(spool, false);
	spool->rescued = (uint64_t)spool_db_get_meta(db, "rescued");
	spool->lost = (uint64_t)spool_db_get_meta(db, "lost");
	spool->file = (uint64_t)spool_db_get_meta(db, "file");
}

static enum tl_err open_file(struct spool *spool)
{
	enum tl_err err = spool_rescue_resume(&spool->dir);

	if (err == TL_OK) {
		err = connect_file(spool);
	}
	if (spool->db.damaged) {
		spool_db_close(&spool->db);
		err = spool_rescue(&spool->dir, spool->hash);
		spool->was_rescued = true;
		if (err == TL_OK) {
			err = connect_file(spool);
		}
	}
	if (err == TL_OK) {
		first_write(spool);
		err = spool->db.err;
	}
	if (err == TL_OK) {
		/* SQLite syncs the folder too, but hides if that fails. */
		err = spool_dir_sync(&spool->dir);
	}
	return err;
}

static enum tl_err count_records(struct spool *spool)
{
	sqlite3_stmt *stmt = spool_db_statement(&spool->db,
	    "SELECT day, urgent, channel, length(body), k"
	    " FROM records NOT INDEXED");
	enum tl_err err = TL_OK;

	while (err == TL_OK && spool_db_step(&spool->db, stmt)) {
		spool->records++;
		spool->of_rank[spool_rank(sqlite3_column_int64(stmt, 4),
		    sqlite3_column_int(stmt, 1) != 0)]++;
		err =
		    spool_days_add(&spool->days, sqlite3_column_int64(stmt, 0));
		spool_quota_add(&spool->quota,
		    spool_file_channel(sqlite3_column_int64(stmt, 2)),
		    spool_quota_bytes((size_t)sqlite3_column_int64(stmt, 3)));
	}
	spool_quota_settle(&spool->quota, true);
	(void)sqlite3_finalize(stmt);
	return err == TL_OK ? spool->db.err : err;
}

static enum tl_err get_ready(struct spool *spool)
{
	spool->lent.slots =
	    calloc(SPOOL_LENT_SLOTS, sizeof(spool->lent.slots[0]));
	if (spool->lent.slots == NULL) {
		return TL_ENOMEM;
	}
	/* So that a restart does not begin with the same records again. */
	if (getrandom(spool->cursors, sizeof(spool->cursors), 0) !=
	    (ssize_t)sizeof(spool->cursors)) {
		return TL_EIO;
	}
	for (int i = 0; i < STMT_COUNT; i++) {
		spool->stmts[i] = spool_db_statement(&spool->db, sql_of[i]);
	}
	spool->mails =
	    (uint64_t)spool_db_number(&spool->db, "SELECT count(*) FROM mail");
	return count_records(spool);
}

enum tl_err spool_open(const struct spool_opts *opts, struct spool **ret_spool)
{
	struct spool *spool = NULL;
	enum tl_err err;

	if (opts->dir == NULL || opts->dir[0] == '\0' || opts->hash == NULL ||
	    opts->min_free_bytes > opts->low_free_bytes) {
		return TL_EINVAL;
	}
	spool = calloc(1, sizeof(*spool));
	if (spool == NULL) {
		return TL_ENOMEM;
	}
	spool->hash = opts->hash;
	spool->most_pages =
	    opts->log_pages > 0 ? opts->log_pages : SPOOL_MOST_PAGES;
	memcpy(spool->quota.shares, opts->shares, sizeof(opts->shares));
	spool->quota.max_records = opts->max_records;
	spool->low_free_bytes = opts->low_free_bytes;
	spool->min_free_bytes = opts->min_free_bytes;
	err = spool_dir_open(opts->dir, &spool->dir);
	if (err != TL_OK) {
		goto out;
	}
	err = open_file(spool);
	if (err == TL_EFULL && spool_dir_drop_reserve(&spool->dir)) {
		spool_db_close(&spool->db);
		err = open_file(spool);
	}
	if (err != TL_OK) {
		goto out;
	}
	err = get_ready(spool);
	if (err != TL_OK) {
		goto out;
	}
	(void)spool_room(spool);

	*ret_spool = spool;
	spool = NULL;
out:
	spool_close(spool);
	return err;
}

enum tl_err spool_finish(struct spool *spool)
{
	struct spool_db *db = &spool->db;
	enum tl_err err = spool_commit(spool);

	if (err != TL_OK) {
		return err;
	}
	spool_db_run(db, "BEGIN IMMEDIATE");
	spool_db_set_meta(db, "clean", 1);
	spool_db_run(db, "COMMIT");
	spool_file_checkpoint(spool, false);
	return db->err;
}

void spool_close(struct spool *spool)
{
	if (spool == NULL) {
		return;
	}
	for (int i = 0; i < STMT_COUNT; i++) {
		(void)sqlite3_finalize(spool->stmts[i]);
	}
	spool_db_close(&spool->db);
	spool_dir_close(&spool->dir);
	spool_days_free(&spool->days);
	free(spool->lent.slots);
	free(spool);
}
