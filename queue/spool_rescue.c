/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_rescue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/spool_db.h"

#define TMP_FILE     "rescue.tmp"
#define RESCUED_FILE "rescued.db"

/* Rows copied in one transaction: its pages are held in memory. */
#define ROWS_A_GROUP 128
/* The first step over an unreadable place; it grows by an eighth until rows
 * come again. Keys are spread over 63 bits: a million are 2^43 apart. */
#define FIRST_GAP (INT64_C(1) << 36)

static const char *const suffixes[] = { "-wal", "-journal", "" };

struct rescue {
	struct spool_db from;
	struct spool_db to;
	spool_hash_fn hash;
	sqlite3_stmt *fetch;  /* a row of from by its key */
	sqlite3_stmt *insert; /* into to */
	int64_t rescued;
	int64_t lost; /* rows of this pass that were seen but not whole */
	bool has_gap; /* nobody knows what stood on pages of the table */
	unsigned in_group;
};

/* Damage is what this is for; only a failing disk stops the copying. True if
 * there was damage. */
static bool forgive(struct rescue *r)
{
	if (!r->from.damaged) {
		return false;
	}
	r->from.err = TL_OK;
	r->from.damaged = false;
	return true;
}

static bool may_go_on(const struct rescue *r)
{
	return r->from.err == TL_OK && r->to.err == TL_OK;
}

/* Copy the row as it stands: from and to have the same columns. */
static void copy_row(struct rescue *r, sqlite3_stmt *row, sqlite3_stmt *insert)
{
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		spool_db_note(&r->to,
		    sqlite3_bind_value(
			insert, i + 1, sqlite3_column_value(row, i)));
	}
	(void)spool_db_step(&r->to, insert);
	(void)sqlite3_reset(insert);
	if (++r->in_group % ROWS_A_GROUP == 0) {
		spool_db_run(&r->to, "COMMIT");
		if (r->to.log_pages >= SPOOL_MOST_PAGES) {
			spool_db_checkpoint(&r->to, false);
		}
		spool_db_run(&r->to, "BEGIN IMMEDIATE");
	}
}

static bool is_whole(const struct rescue *r, sqlite3_stmt *row)
{
	const uint8_t *id = spool_db_blob(row, 1, SPOOL_ID_BYTES);
	const uint8_t *want = spool_db_blob(row, 4, SPOOL_HASH_BYTES);
	const void *body = sqlite3_column_blob(row, 5);
	uint8_t hash[SPOOL_HASH_BYTES];

	if (id == NULL || want == NULL || body == NULL) {
		return false;
	}
	r->hash(hash, body, (size_t)sqlite3_column_bytes(row, 5));
	return memcmp(hash, want, sizeof(hash)) == 0;
}

static void copy_key(struct rescue *r, int64_t key)
{
	int64_t before = sqlite3_total_changes(r->to.sql);
	bool whole = false;

	(void)sqlite3_bind_int64(r->fetch, 1, key);
	if (spool_db_step(&r->from, r->fetch)) {
		whole = is_whole(r, r->fetch);
	}
	if (whole) {
		copy_row(r, r->fetch, r->insert);
		r->rescued += sqlite3_total_changes(r->to.sql) - before;
	}
	(void)sqlite3_reset(r->fetch);
	if (!whole) {
		(void)forgive(r);
		r->lost++;
	}
}

/* By the index of ids, which knows every row whatever became of its page. */
static void copy_by_index(struct rescue *r, const char *sql)
{
	sqlite3_stmt *keys = spool_db_statement(&r->from, sql);

	r->lost = 0;
	while (may_go_on(r) && spool_db_step(&r->from, keys)) {
		copy_key(r, sqlite3_column_int64(keys, 0));
	}
	(void)sqlite3_finalize(keys);
	(void)forgive(r);
}

/* By the table itself, stepping over pages that cannot be read. */
static void copy_by_table(struct rescue *r)
{
	sqlite3_stmt *keys = spool_db_statement(&r->from,
	    "SELECT k FROM records NOT INDEXED WHERE k > ?1 ORDER BY k");
	int64_t from = 0;
	int64_t gap = FIRST_GAP;
	bool jumped;

	r->lost = 0;
	do {
		int64_t last = from;

		(void)sqlite3_bind_int64(keys, 1, from);
		while (may_go_on(r) && spool_db_step(&r->from, keys)) {
			last = sqlite3_column_int64(keys, 0);
			copy_key(r, last);
		}
		(void)sqlite3_reset(keys);
		gap = last > from ? FIRST_GAP : gap + gap / 8;
		from = last;
		jumped = forgive(r);
		r->has_gap = r->has_gap || jumped;
	} while (jumped && keys != NULL &&
	    !__builtin_add_overflow(from, gap, &from));
	(void)sqlite3_finalize(keys);
}

static void copy_records(struct rescue *r)
{
	int64_t lost;

	bool has_channel = spool_db_number(&r->from,
			       "SELECT count(*) FROM"
			       " pragma_table_info('records')"
			       " WHERE name = 'channel'") > 0;

	(void)forgive(r);
	r->fetch = spool_db_statement(&r->from,
	    has_channel ? "SELECT k, id, urgent, day, hash, body, channel"
			  " FROM records WHERE k = ?1"
			: "SELECT k, id, urgent, day, hash, body, 0"
			  " FROM records WHERE k = ?1");
	r->insert = spool_db_statement(&r->to,
	    "INSERT INTO records (k, id, urgent, day, hash, body, channel)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING");
	copy_by_index(r, "SELECT k FROM records ORDER BY id");
	lost = r->lost;
	copy_by_index(r, "SELECT k FROM records ORDER BY id DESC");
	lost = r->lost > lost ? r->lost : lost;
	copy_by_table(r);
	r->lost = r->lost > lost ? r->lost : lost;
	/* no leaf is empty but an empty spool's only one: something stood there
	 * that the index does not show either */
	r->lost = r->lost == 0 && r->has_gap ? 1 : r->lost;
	(void)sqlite3_finalize(r->fetch);
	(void)sqlite3_finalize(r->insert);
}

/* Rows whose column key is a blob of 16 bytes: dedup keys, ids of mail. */
static void copy_rows(
    struct rescue *r, const char *from, const char *to, int key)
{
	sqlite3_stmt *select = spool_db_statement(&r->from, from);
	sqlite3_stmt *insert = spool_db_statement(&r->to, to);

	while (may_go_on(r) && spool_db_step(&r->from, select)) {
		if (spool_db_blob(select, key, SPOOL_ID_BYTES) != NULL) {
			copy_row(r, select, insert);
		}
	}
	(void)sqlite3_finalize(select);
	(void)sqlite3_finalize(insert);
	(void)forgive(r);
}

/* Gateways repeat for two days at most. */
#define REPEAT_DAYS "3"

/*
 * A dedup key that is lost lets a gateway's repeat through: a duplicate. One
 * that is left of a record that is lost answers that repeat as if it were here,
 * and nobody has it. Which it was of nobody knows, so the latest go.
 */
static void copy_dedup(struct rescue *r)
{
	static const char insert[] = "INSERT INTO dedup (key, day)"
				     " VALUES (?1, ?2) ON CONFLICT DO NOTHING";

	copy_rows(r, "SELECT key, day FROM dedup ORDER BY key", insert, 0);
	copy_rows(r, "SELECT key, day FROM dedup ORDER BY key DESC", insert, 0);
	if (r->lost > 0) {
		spool_db_run(&r->to,
		    "DELETE FROM dedup WHERE day >"
		    " (SELECT max(day) FROM dedup) - " REPEAT_DAYS);
	}
}

/* Mail that is lost comes again from the desk's stream, while that has it.
 * The file may be of version 1. */
static void copy_mail(struct rescue *r)
{
	static const char insert[] =
	    "INSERT INTO mail (k, id, mailbox, day, body)"
	    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

	if (spool_db_number(&r->from,
		"SELECT count(*) FROM sqlite_master WHERE name = 'mail'") > 0) {
		copy_rows(r,
		    "SELECT k, id, mailbox, day, body FROM mail ORDER BY id",
		    insert, 1);
		copy_rows(r,
		    "SELECT k, id, mailbox, day, body FROM mail"
		    " ORDER BY id DESC",
		    insert, 1);
	}
	(void)forgive(r);
}

/* Which lists of the teams were seen, and what hour it is. */
static void copy_lists(struct rescue *r)
{
	sqlite3_stmt *select = spool_db_statement(&r->from,
	    "SELECT name, value FROM meta"
	    " WHERE name LIKE 'list %' OR name = 'hour'");

	while (may_go_on(r) && spool_db_step(&r->from, select)) {
		spool_db_set_meta(&r->to,
		    (const char *)sqlite3_column_text(select, 0),
		    sqlite3_column_int64(select, 1));
	}
	(void)sqlite3_finalize(select);
	(void)forgive(r);
}

static void copy_all(struct rescue *r)
{
	int64_t starts = spool_db_get_meta(&r->from, "starts");

	(void)forgive(r);
	spool_db_run(&r->to, "BEGIN IMMEDIATE");
	copy_records(r);
	copy_dedup(r);
	copy_mail(r);
	copy_lists(r);
	spool_db_set_meta(&r->to, "starts", starts);
	spool_db_set_meta(&r->to, "rescued", r->rescued);
	spool_db_set_meta(&r->to, "lost", r->lost);
	spool_db_run(&r->to, "COMMIT");
	spool_db_checkpoint(&r->to, false);
}

static enum tl_err remove_tmp(const struct spool_dir *dir)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < 3 && err == TL_OK; i++) {
		char name[32];

		(void)snprintf(
		    name, sizeof(name), "%s%s", TMP_FILE, suffixes[i]);
		err = spool_dir_remove(dir, name);
	}
	return err;
}

static enum tl_err copy_to_tmp(const struct spool_dir *dir, struct rescue *r)
{
	char *from = spool_dir_join(dir, SPOOL_FILE);
	char *to = spool_dir_join(dir, TMP_FILE);
	enum tl_err err;

	if (from == NULL || to == NULL) {
		err = TL_ENOMEM;
		goto out;
	}
	err = remove_tmp(dir);
	if (err == TL_OK) {
		err = spool_dir_own(dir, TMP_FILE);
	}
	if (err != TL_OK) {
		goto out;
	}
	spool_db_connect(&r->from, from);
	spool_db_connect(&r->to, to);
	spool_db_prepare_file(&r->to);
	(void)forgive(r);
	copy_all(r);
	err = r->from.err != TL_OK ? r->from.err : r->to.err;
out:
	spool_db_close(&r->from);
	spool_db_close(&r->to);
	free(from);
	free(to);
	return err;
}

enum tl_err spool_rescue(const struct spool_dir *dir, spool_hash_fn hash)
{
	struct rescue r = { .hash = hash };
	enum tl_err err = copy_to_tmp(dir, &r);

	if (err == TL_OK) {
		/* After the checkpoint its log is empty. */
		err = spool_dir_remove(dir, TMP_FILE "-wal");
	}
	if (err == TL_OK) {
		err = spool_dir_rename(dir, TMP_FILE, RESCUED_FILE);
	}
	if (err == TL_OK) {
		err = spool_dir_sync(dir);
	}
	return err == TL_OK ? spool_rescue_resume(dir) : err;
}

/*
 * The log first, the file last: cut off in between, the file is still there
 * under its old name and takes the same number at the next try. A log may
 * never be left behind for the new file.
 */
static enum tl_err set_aside(const struct spool_dir *dir)
{
	char number[24];
	char from[64];
	char to[64];
	unsigned n = 0;

	do {
		n++;
		(void)snprintf(number, sizeof(number), "damaged-%u.db", n);
	} while (spool_dir_has(dir, number));
	for (size_t i = 0; i < 3; i++) {
		enum tl_err err;

		(void)snprintf(
		    from, sizeof(from), "%s%s", SPOOL_FILE, suffixes[i]);
		(void)snprintf(to, sizeof(to), "%s%s", number, suffixes[i]);
		err = spool_dir_rename(dir, from, to);
		if (err != TL_OK && err != TL_ENOENT) {
			return err;
		}
	}
	return spool_dir_sync(dir);
}

enum tl_err spool_rescue_resume(const struct spool_dir *dir)
{
	enum tl_err err;

	if (!spool_dir_has(dir, RESCUED_FILE)) {
		return TL_OK;
	}
	err = set_aside(dir);
	if (err == TL_OK) {
		err = spool_dir_rename(dir, RESCUED_FILE, SPOOL_FILE);
	}
	if (err == TL_OK) {
		err = spool_dir_sync(dir);
	}
	return err;
}
