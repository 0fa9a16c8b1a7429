/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_sqlite.c - groups: records in, records forgotten, durable.
 */
#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "queue/spool_file.h"

/* Only failures of spool_db_step() count: reset repeats them. None of them has
 * a row left to give. */
void spool_group_step(struct spool *spool, enum spool_stmt which)
{
	sqlite3_stmt *stmt = spool->stmts[which];

	(void)spool_db_step(&spool->db, stmt);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

/*
 * The open group cannot be kept. A full disk is forgiven once everything of
 * the group is rolled back: nothing was synced that could be half there, and
 * with the reserve given back the next group may only forget.
 */
static void drop_group(struct spool *spool)
{
	struct spool_db *db = &spool->db;

	spool->n_changes = 0;
	spool_quota_settle(&spool->quota, false);
	spool_mail_settle(spool, false);
	if (sqlite3_get_autocommit(db->sql) == 0 &&
	    sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK &&
	    db->err == TL_EFULL) {
		db->err = TL_EIO;
	}
	if (db->err == TL_EFULL) {
		db->err = TL_OK;
		db->code = 0;
		spool->group_err = TL_EFULL;
		spool->room = SPOOL_ROOM_FULL;
		(void)spool_dir_drop_reserve(&spool->dir);
		spool->has_reserve = false;
	}
}

/*
 * Move the log into the file while records come and go. A write for which
 * there was no room has changed nothing that counts: the log is whole and is
 * synced, and is read in place of what the file has not got. So the spool
 * stays up on it, refuses records as with any full disk, lets receipts be
 * worked off, and tries again later. At a start and at an orderly end nothing
 * of this holds: there the log has to be in the file.
 */
static void move_log(struct spool *spool, bool keep_log)
{
	struct spool_db *db = &spool->db;

	spool_file_checkpoint(spool, keep_log);
	if (db->err == TL_EFULL) {
		db->err = TL_OK;
		db->code = 0;
		spool->room = SPOOL_ROOM_FULL;
	}
}

enum tl_err spool_group_open(struct spool *spool, size_t n)
{
	if (spool->db.err != TL_OK) {
		return spool->db.err;
	}
	if (spool->group_err != TL_OK) {
		return spool->group_err;
	}
	if (spool->n_changes + n > SPOOL_GROUP_MAX) {
		return TL_EBUSY;
	}
	if (spool->group_open) {
		return TL_OK;
	}
	if (spool->db.log_pages >= spool->most_pages && !spool->log_stuck) {
		move_log(spool, true);
	}
	(void)spool_room(spool);
	spool_group_step(spool, STMT_BEGIN);
	spool->group_open = spool->db.err == TL_OK;
	return spool->db.err;
}

enum tl_err spool_group_end(struct spool *spool)
{
	if (spool->db.err != TL_OK) {
		drop_group(spool);
	}
	return spool->db.err != TL_OK ? spool->db.err : spool->group_err;
}

static enum tl_err check_records(const struct spool_record *records, size_t n)
{
	if (n < 1 || n > SPOOL_BATCH_MAX) {
		return TL_EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		if (records[i].sealed.len == 0) {
			return TL_EINVAL;
		}
		if (records[i].sealed.len > SPOOL_RECORD_BYTES_MAX) {
			return TL_ETOOBIG;
		}
		if (records[i].channel >= SPOOL_CHANNELS ||
		    (records[i].channel == SPOOL_FILES && records[i].urgent)) {
			return TL_EINVAL;
		}
	}
	return TL_OK;
}

static bool is_new_dedup(struct spool *spool, const uint8_t *key, int64_t day)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_PUT_DEDUP];

	(void)sqlite3_bind_blob(stmt, 1, key, SPOOL_DEDUP_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, day);
	spool_group_step(spool, STMT_PUT_DEDUP);
	return spool->db.err == TL_OK && sqlite3_changes(spool->db.sql) != 0;
}

static bool is_known(struct spool *spool, const uint8_t *key)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_KNOWN];
	bool found;

	(void)sqlite3_bind_blob(stmt, 1, key, SPOOL_DEDUP_BYTES, SQLITE_STATIC);
	found = spool_db_step(&spool->db, stmt);
	(void)sqlite3_reset(stmt);
	return found;
}

/* A nonce of one of the records has come with another body. */
static bool is_forged(
    struct spool *spool, const struct spool_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t *nonce = records[i].nonce;

		if (nonce != NULL && is_known(spool, nonce) &&
		    !is_known(spool, nonce + SPOOL_DEDUP_BYTES)) {
			return true;
		}
	}
	return false;
}

/* True if neither the message nor its nonce has been here. The nonce is used
 * up even where the message is known: it may be sent anew with another. */
static bool is_new(
    struct spool *spool, const struct spool_record *record, int64_t day)
{
	bool fresh = true;

	if (record->nonce != NULL) {
		fresh = is_new_dedup(spool, record->nonce, day);
		(void)is_new_dedup(
		    spool, record->nonce + SPOOL_DEDUP_BYTES, day);
	}
	if (record->dedup != NULL) {
		fresh = is_new_dedup(spool, record->dedup, day) && fresh;
	}
	return fresh;
}

int64_t spool_random_key(struct spool *spool)
{
	uint64_t key = 0;

	while (key == 0) {
		if (spool->n_keys == 0 &&
		    getrandom(spool->keys, sizeof(spool->keys), 0) !=
			(ssize_t)sizeof(spool->keys)) {
			spool_db_note(&spool->db, SQLITE_IOERR);
			return 1;
		}
		if (spool->n_keys == 0) {
			spool->n_keys =
			    sizeof(spool->keys) / sizeof(spool->keys[0]);
		}
		key = spool->keys[--spool->n_keys] & (SPOOL_PIECE_KEY - 1);
	}
	return (int64_t)key;
}

/* True if the record was not known. */
static bool put_new(
    struct spool *spool, const struct spool_record *record, int64_t day)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_PUT];
	uint8_t hash[SPOOL_HASH_BYTES];
	int64_t key = spool_random_key(spool);

	if (record->channel == SPOOL_FILES) {
		key |= SPOOL_PIECE_KEY;
	}
	spool->hash(hash, record->sealed.at, record->sealed.len);
	(void)sqlite3_bind_int64(stmt, 1, key);
	(void)sqlite3_bind_blob(
	    stmt, 2, record->id, SPOOL_ID_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_int(stmt, 3, record->urgent ? 1 : 0);
	(void)sqlite3_bind_int64(stmt, 4, day);
	(void)sqlite3_bind_blob(stmt, 5, hash, sizeof(hash), SQLITE_STATIC);
	(void)sqlite3_bind_blob(
	    stmt, 6, record->sealed.at, (int)record->sealed.len, SQLITE_STATIC);
	(void)sqlite3_bind_int(stmt, 7, (int)record->channel);
	/* Two equal keys of 62 random bits are a failure like any other. */
	spool_group_step(spool, STMT_PUT);
	if (spool->db.err != TL_OK || sqlite3_changes(spool->db.sql) == 0) {
		return false;
	}
	spool->changes[spool->n_changes++] = (struct spool_change){
		.key = key,
		.day = day,
		.urgent = record->urgent,
	};
	spool_quota_add(&spool->quota, record->channel,
	    spool_quota_bytes(record->sealed.len));
	return true;
}

/*
 * The record is known. Where the disk has changed what it kept of it, and these
 * are the bytes that came then, they take their place. True if they did.
 */
static bool mend(struct spool *spool, const struct spool_record *record)
{
	sqlite3_stmt *old = spool->stmts[STMT_OLD];
	sqlite3_stmt *stmt = spool->stmts[STMT_MEND];
	struct spool_change change = { .mended = true };
	const uint8_t *want;
	struct bytes body;
	bool can = false;

	(void)sqlite3_bind_blob(
	    old, 1, record->id, SPOOL_ID_BYTES, SQLITE_STATIC);
	if (spool_db_step(&spool->db, old)) {
		want = spool_db_blob(old, 1, SPOOL_HASH_BYTES);
		body = bytes_of(sqlite3_column_blob(old, 2),
		    (size_t)sqlite3_column_bytes(old, 2));
		can = !spool_has_hash(spool, body, want) &&
		    spool_has_hash(spool, record->sealed, want);
		change.key = sqlite3_column_int64(old, 0);
		change.channel =
		    spool_file_channel(sqlite3_column_int64(old, 3));
		change.bytes = spool_quota_bytes(body.len);
	}
	(void)sqlite3_reset(old);
	if (!can || spool->db.err != TL_OK) {
		return false;
	}
	(void)sqlite3_bind_int64(stmt, 1, change.key);
	(void)sqlite3_bind_blob(
	    stmt, 2, record->sealed.at, (int)record->sealed.len, SQLITE_STATIC);
	spool_group_step(spool, STMT_MEND);
	if (spool->db.err != TL_OK) {
		return false;
	}
	spool->changes[spool->n_changes++] = change;
	spool_quota_add(&spool->quota, change.channel,
	    spool_quota_bytes(record->sealed.len));
	return true;
}

/* There is room for all of them in the shares of their channels. */
static bool has_share(
    struct spool *spool, const struct spool_record *records, size_t n)
{
	struct spool_use more[SPOOL_CHANNELS] = { 0 };
	enum spool_channel files = SPOOL_FILES;

	for (size_t i = 0; i < n && files == SPOOL_FILES; i++) {
		files = records[i].channel;
	}
	for (size_t i = 0; i < n; i++) {
		struct spool_use *use = records[i].channel == SPOOL_FILES
		    ? &more[files]
		    : &more[records[i].channel];

		use->records++;
		use->bytes += spool_quota_bytes(records[i].sealed.len);
	}
	return spool_quota_fits(
	    &spool->quota, more, spool->free_bytes - spool->min_free_bytes);
}

enum tl_err spool_put(struct spool *spool, const struct spool_record *records,
    size_t n, int64_t day, bool *ret_known)
{
	bool known = true;
	enum tl_err err = check_records(records, n);

	if (err != TL_OK || day < 0) {
		return err != TL_OK ? err : TL_EINVAL;
	}
	err = spool_group_open(spool, n);
	if (err != TL_OK) {
		return err;
	}
	if (spool->room == SPOOL_ROOM_FULL || !has_share(spool, records, n)) {
		return TL_EFULL;
	}
	if (is_forged(spool, records, n)) {
		err = spool_group_end(spool);
		return err == TL_OK ? TL_EPROOF : err;
	}
	for (size_t i = 0; i < n; i++) {
		if (is_new(spool, &records[i], day) &&
		    (put_new(spool, &records[i], day) ||
			mend(spool, &records[i]))) {
			known = false;
		}
	}
	err = spool_group_end(spool);
	if (err == TL_OK) {
		*ret_known = known;
	}
	return err;
}

enum tl_err spool_forget(
    struct spool *spool, const uint8_t id[static SPOOL_ID_BYTES])
{
	sqlite3_stmt *stmt = spool->stmts[STMT_FORGET];
	enum tl_err err = spool_group_open(spool, 1);
	bool found = false;

	if (err != TL_OK) {
		return err;
	}
	(void)sqlite3_bind_blob(stmt, 1, id, SPOOL_ID_BYTES, SQLITE_STATIC);
	if (spool_db_step(&spool->db, stmt)) {
		found = true;
		spool->changes[spool->n_changes++] = (struct spool_change){
			.key = sqlite3_column_int64(stmt, 0),
			.urgent = sqlite3_column_int(stmt, 1) != 0,
			.day = sqlite3_column_int64(stmt, 2),
			.gone = true,
			.channel =
			    spool_file_channel(sqlite3_column_int64(stmt, 3)),
			.bytes = spool_quota_bytes(
			    (size_t)sqlite3_column_int64(stmt, 4)),
		};
	}
	spool_group_step(spool, STMT_FORGET);
	err = spool_group_end(spool);
	if (err != TL_OK) {
		return err;
	}
	return found ? TL_OK : TL_ENOENT;
}

enum tl_err spool_expire(struct spool *spool, int64_t day, size_t *ret_n)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_EXPIRE];
	enum tl_err err = spool_group_open(spool, 0);

	if (err != TL_OK) {
		return err;
	}
	(void)sqlite3_bind_int64(stmt, 1, day - SPOOL_DEDUP_DAYS);
	(void)sqlite3_bind_int(stmt, 2, SPOOL_GROUP_MAX);
	spool_group_step(spool, STMT_EXPIRE);
	err = spool_group_end(spool);
	if (err == TL_OK) {
		*ret_n = (size_t)sqlite3_changes(spool->db.sql);
	}
	return err;
}

/* The group is on the disk: now it counts. */
static void apply(struct spool *spool, const struct spool_change *change)
{
	if (change->mended) {
		/* it counted as lent, so that it was not met again and again */
		spool->damaged -= spool->damaged > 0 &&
			spool_lent_has(&spool->lent, change->key)
		    ? 1
		    : 0;
		spool_lent_remove(&spool->lent, change->key);
		spool_quota_forget(
		    &spool->quota, change->channel, change->bytes);
		return;
	}
	if (change->gone) {
		spool->records--;
		spool->of_rank[spool_rank(change->key, change->urgent)]--;
		spool_days_remove(&spool->days, change->day);
		spool_lent_remove(&spool->lent, change->key);
		spool_quota_forget(
		    &spool->quota, change->channel, change->bytes);
		return;
	}
	spool->records++;
	spool->of_rank[spool_rank(change->key, change->urgent)]++;
	if (spool_days_add(&spool->days, change->day) != TL_OK) {
		spool_db_note(&spool->db, SQLITE_NOMEM);
	}
}

enum tl_err spool_commit(struct spool *spool)
{
	enum tl_err err;

	if (spool->db.err == TL_OK && spool->group_err == TL_OK &&
	    spool->group_open) {
		spool_group_step(spool, STMT_COMMIT);
		if (spool->db.err != TL_OK) {
			drop_group(spool);
		}
	}
	err = spool->db.err != TL_OK ? spool->db.err : spool->group_err;
	spool->group_open = false;
	spool->group_err = TL_OK;
	/* before what is gone: that may have come with this group */
	spool_quota_settle(&spool->quota, err == TL_OK);
	for (size_t i = 0;
	     i < spool->n_changes && err == TL_OK && spool->db.err == TL_OK;
	     i++) {
		apply(spool, &spool->changes[i]);
	}
	spool->n_changes = 0;
	spool_mail_settle(spool, err == TL_OK);
	return err;
}

enum tl_err spool_see_damage(struct spool *spool)
{
	enum tl_err err =
	    spool->group_open ? TL_EBUSY : spool_group_open(spool, 0);

	if (err != TL_OK) {
		return err;
	}
	spool_db_set_meta(&spool->db, "rescued", 0);
	spool_db_set_meta(&spool->db, "lost", 0);
	err = spool_group_end(spool);
	if (err == TL_OK || err == TL_EFULL) {
		err = spool_commit(spool);
	}
	if (err == TL_OK) {
		spool->rescued = 0;
		spool->lost = 0;
	}
	return err;
}

enum tl_err spool_idle(struct spool *spool)
{
	assert(!spool->group_open);
	if (!spool->log_stuck &&
	    (spool->db.log_pages >= SPOOL_IDLE_PAGES || spool->db.log_kept)) {
		move_log(spool, false);
	}
	return spool->db.err;
}

enum tl_err spool_pause(struct spool *spool)
{
	assert(!spool->group_open);
	if (!spool->log_stuck &&
	    spool->db.log_pages >= spool->most_pages / SPOOL_PAUSE_PART) {
		move_log(spool, true);
	}
	return spool->db.err;
}

enum tl_err spool_try_again(struct spool *spool)
{
	assert(!spool->group_open);
	if (spool->log_stuck) {
		move_log(spool, false);
	}
	return spool->db.err;
}

uint64_t spool_waiting(const struct spool *spool, enum rank last)
{
	uint64_t n = 0;

	for (size_t rank = 0; rank <= last; rank++) {
		n += spool->of_rank[rank] - spool->lent.n_of[rank];
	}
	return n;
}
