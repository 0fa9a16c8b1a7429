/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_lend.c - records on their way out, and what the spool says of
 * itself. Nothing here writes to the file.
 */
#include <string.h>

#include "queue/spool_file.h"

struct take {
	struct spool *spool;
	size_t most;
	size_t left_bytes;
	spool_lend_fn fn;
	void *arg;
	size_t n;
	bool done;
};

bool spool_has_hash(
    const struct spool *spool, struct bytes sealed, const uint8_t *want)
{
	uint8_t hash[SPOOL_HASH_BYTES];

	if (want == NULL || sealed.len == 0) {
		return false;
	}
	spool->hash(hash, sealed.at, sealed.len);
	return memcmp(hash, want, sizeof(hash)) == 0;
}

/* True if the take goes on behind this record. */
static bool lend(struct take *take, int64_t key, uint8_t *cursor)
{
	struct spool *spool = take->spool;
	sqlite3_stmt *row = spool->stmts[STMT_FETCH];
	struct spool_lent lent = { 0 };
	const uint8_t *want;
	bool urgent;

	(void)sqlite3_bind_int64(row, 1, key);
	if (!spool_db_step(&spool->db, row)) {
		take->done = true;
		goto out;
	}
	lent.id = spool_db_blob(row, 0, SPOOL_ID_BYTES);
	urgent = sqlite3_column_int(row, 1) != 0;
	lent.rank = spool_rank(key, urgent);
	want = spool_db_blob(row, 2, SPOOL_HASH_BYTES);
	lent.sealed = bytes_of(
	    sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3));
	take->done = take->n > 0 && lent.sealed.len > take->left_bytes;
	if (take->done) {
		goto out;
	}
	spool_lent_add(&spool->lent, key, urgent);
	if (lent.id == NULL || !spool_has_hash(spool, lent.sealed, want)) {
		/* Counts as lent, so that it is not read again and again. */
		spool->damaged++;
		goto out;
	}
	memcpy(cursor, lent.id, SPOOL_ID_BYTES);
	take->left_bytes -= lent.sealed.len < take->left_bytes
	    ? lent.sealed.len
	    : take->left_bytes;
	take->n++;
	take->fn(&lent, take->arg);
out:
	(void)sqlite3_reset(row);
	return !take->done;
}

/* Lend what is in (above, to] and not lent, while there is something left. */
static void lend_between(
    struct take *take, enum rank rank, struct bytes above, struct bytes to)
{
	struct spool *spool = take->spool;
	struct spool_lent_set *set = &spool->lent;
	bool urgent = rank == RANK_URGENT;
	sqlite3_stmt *stmt =
	    spool->stmts[urgent ? STMT_SCAN_URGENT : STMT_SCAN_ALL];

	/* a copy could fail for want of memory, and would be NULL then */
	(void)sqlite3_bind_blob(
	    stmt, 1, above.at, (int)above.len, SQLITE_STATIC);
	(void)sqlite3_bind_blob(stmt, 2, to.at, (int)to.len, SQLITE_STATIC);
	while (!take->done) {
		int64_t key;

		/* Nothing left: do not walk over all that is lent. */
		if (take->n == take->most || set->n == SPOOL_LENT_MAX ||
		    set->n_of[rank] == spool->of_rank[rank] ||
		    !spool_db_step(&spool->db, stmt)) {
			break;
		}
		key = sqlite3_column_int64(stmt, 0);
		if ((urgent || spool_rank(key, false) == rank) &&
		    !spool_lent_has(set, key)) {
			(void)lend(take, key, spool->cursors[rank]);
		}
	}
	(void)sqlite3_reset(stmt);
}

/* One lap over all ids, from where the last one stopped. */
static void lend_lap(struct take *take, enum rank rank)
{
	uint8_t start[SPOOL_ID_BYTES];
	uint8_t last[SPOOL_ID_BYTES];

	memcpy(start, take->spool->cursors[rank], sizeof(start));
	memset(last, 0xff, sizeof(last));
	lend_between(take, rank, bytes_of(start, sizeof(start)),
	    bytes_of(last, sizeof(last)));
	lend_between(
	    take, rank, bytes_of("", 0), bytes_of(start, sizeof(start)));
}

enum tl_err spool_take(struct spool *spool, enum rank last, size_t most,
    size_t max_bytes, spool_lend_fn fn, void *arg, size_t *ret_n)
{
	struct take take = {
		.spool = spool,
		.most = most,
		.left_bytes = max_bytes,
		.fn = fn,
		.arg = arg,
	};

	if (spool->db.err != TL_OK || spool->group_open) {
		return spool->db.err != TL_OK ? spool->db.err : TL_EBUSY;
	}
	for (unsigned rank = 0; rank <= last; rank++) {
		lend_lap(&take, (enum rank)rank);
	}
	if (spool->db.err == TL_OK) {
		*ret_n = take.n;
	}
	return spool->db.err;
}

enum tl_err spool_copy(struct spool *spool, int64_t *from, size_t most,
    size_t max_bytes, spool_lend_fn fn, void *arg, size_t *ret_n)
{
	sqlite3_stmt *row = spool->stmts[STMT_COPY];
	int64_t at = *from;
	size_t bytes = 0;
	size_t n = 0;

	if (spool->db.err != TL_OK || spool->group_open) {
		return spool->db.err != TL_OK ? spool->db.err : TL_EBUSY;
	}
	(void)sqlite3_bind_int64(row, 1, at);
	while (n < most && spool_db_step(&spool->db, row)) {
		struct spool_lent lent = {
			.id = spool_db_blob(row, 1, SPOOL_ID_BYTES),
			.rank = spool_rank(sqlite3_column_int64(row, 0),
			    sqlite3_column_int(row, 2) != 0),
			.channel =
			    spool_file_channel(sqlite3_column_int64(row, 3)),
			.sealed = bytes_of(sqlite3_column_blob(row, 4),
			    (size_t)sqlite3_column_bytes(row, 4)),
		};

		bytes += lent.sealed.len;
		if (n > 0 && bytes > max_bytes) {
			break;
		}
		at = sqlite3_column_int64(row, 0);
		n++;
		if (!spool_has_hash(spool, lent.sealed,
			spool_db_blob(row, 5, SPOOL_HASH_BYTES))) {
			lent.sealed.len = 0;
		}
		if (lent.id != NULL) {
			fn(&lent, arg);
		}
	}
	(void)sqlite3_reset(row);
	if (spool->db.err == TL_OK) {
		*from = at;
		*ret_n = n;
	}
	return spool->db.err;
}

/* The row of id, which the caller keeps until it resets it. */
static bool find(struct spool *spool, const uint8_t *id)
{
	sqlite3_stmt *stmt = spool->stmts[STMT_FIND];

	(void)sqlite3_bind_blob(stmt, 1, id, SPOOL_ID_BYTES, SQLITE_STATIC);
	return spool_db_step(&spool->db, stmt);
}

enum tl_err spool_lend_again(
    struct spool *spool, const uint8_t id[static SPOOL_ID_BYTES])
{
	sqlite3_stmt *stmt = spool->stmts[STMT_FIND];
	bool found;

	if (spool->group_open) {
		return TL_EBUSY;
	}
	found = find(spool, id);
	if (found) {
		spool_lent_remove(&spool->lent, sqlite3_column_int64(stmt, 0));
	}
	(void)sqlite3_reset(stmt);
	if (spool->db.err != TL_OK) {
		return spool->db.err;
	}
	return found ? TL_OK : TL_ENOENT;
}

enum tl_err spool_get_hash(struct spool *spool,
    const uint8_t id[static SPOOL_ID_BYTES],
    uint8_t ret_hash[static SPOOL_HASH_BYTES])
{
	sqlite3_stmt *stmt = spool->stmts[STMT_FIND];
	const uint8_t *hash = NULL;

	if (find(spool, id)) {
		hash = spool_db_blob(stmt, 1, SPOOL_HASH_BYTES);
	}
	if (hash != NULL) {
		memcpy(ret_hash, hash, SPOOL_HASH_BYTES);
	}
	(void)sqlite3_reset(stmt);
	if (spool->db.err != TL_OK) {
		return spool->db.err;
	}
	return hash != NULL ? TL_OK : TL_ENOENT;
}

void spool_unlend_all(struct spool *spool)
{
	spool_lent_clear(&spool->lent);
	spool->damaged = 0;
}

/*
 * Free is what the file system still gives and what is free inside the file.
 * The log needs the first kind, so below the reserve's size a record is
 * refused whatever is free inside.
 */
enum spool_room spool_room(struct spool *spool)
{
	uint64_t outside = spool_dir_free_bytes(&spool->dir);
	uint64_t free_bytes = outside;
	sqlite3_stmt *stmt = spool->stmts[STMT_FREE_PAGES];

	if (spool_db_step(&spool->db, stmt)) {
		free_bytes += (uint64_t)sqlite3_column_int64(stmt, 0) * 4096;
	}
	(void)sqlite3_reset(stmt);
	if (spool->has_reserve && outside < SPOOL_RESERVE_BYTES) {
		(void)spool_dir_drop_reserve(&spool->dir);
		spool->has_reserve = false;
	} else if (!spool->has_reserve &&
	    outside >= 4 * (uint64_t)SPOOL_RESERVE_BYTES) {
		spool->has_reserve = spool_dir_make_reserve(&spool->dir);
	}
	spool->free_bytes = free_bytes;
	spool->room = SPOOL_ROOM_OK;
	if (spool->log_stuck || free_bytes < spool->min_free_bytes ||
	    (outside < SPOOL_RESERVE_BYTES &&
		outside < spool->min_free_bytes)) {
		spool->room = SPOOL_ROOM_FULL;
	} else if (free_bytes < spool->low_free_bytes) {
		spool->room = SPOOL_ROOM_LOW;
	}
	return spool->room;
}

void spool_stats(struct spool *spool, struct spool_stats *ret_stats)
{
	*ret_stats = (struct spool_stats){
		.records = spool->records,
		.urgent = spool->of_rank[RANK_URGENT],
		.lent = spool->lent.n,
		.oldest_day = spool_days_oldest(&spool->days),
		.room = spool_room(spool),
		.free_bytes = spool->free_bytes,
		.low_bytes = spool->low_free_bytes,
		.min_bytes = spool->min_free_bytes,
		.starts = spool->starts,
		.file = spool->file,
		.rescued = spool->rescued,
		.lost = spool->lost,
		.damaged = spool->damaged,
		.sqlite = (uint64_t)sqlite3_libversion_number(),
	};
	ret_stats->mail = spool->mails;
	memcpy(ret_stats->channels, spool->quota.kept,
	    sizeof(ret_stats->channels));
	memcpy(ret_stats->refused, spool->quota.refused,
	    sizeof(ret_stats->refused));
}

bool spool_was_rescued(const struct spool *spool)
{
	return spool->was_rescued;
}

int spool_sqlite_code(const struct spool *spool)
{
	return spool->db.code;
}
