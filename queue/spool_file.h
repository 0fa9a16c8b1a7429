/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_file.h - the inside of struct spool, for queue/spool_*.c only.
 */
#ifndef TL_QUEUE_SPOOL_FILE_H
#define TL_QUEUE_SPOOL_FILE_H

#include "queue/spool.h"
#include "queue/spool_days.h"
#include "queue/spool_db.h"
#include "queue/spool_dir.h"
#include "queue/spool_lent.h"

enum spool_stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_PUT,
	STMT_PUT_DEDUP,
	STMT_KNOWN,
	STMT_FORGET,
	STMT_EXPIRE,
	STMT_FIND,
	STMT_OLD,
	STMT_MEND,
	STMT_FETCH,
	STMT_SCAN_URGENT,
	STMT_SCAN_ALL,
	STMT_FREE_PAGES,
	STMT_COPY,
	STMT_MAIL_FIND,
	STMT_MAIL_PUT,
	STMT_MAIL_SHORTEN,
	STMT_MAIL_REPLACE,
	STMT_MAIL_DELETE,
	STMT_MAIL_EXPIRE,
	STMT_MAIL_READ,
	STMT_COUNT,
};

/* What the open group does to the counts; applied when it is durable. */
struct spool_change {
	int64_t key;
	int64_t day;
	bool urgent;
	bool gone;   /* else new */
	bool mended; /* else either; of one of channel, with bytes */
	enum spool_channel channel; /* of one that is gone */
	uint64_t bytes;
};

struct spool {
	struct spool_dir dir;
	struct spool_db db;
	sqlite3_stmt *stmts[STMT_COUNT];
	spool_hash_fn hash;
	uint64_t low_free_bytes;
	uint64_t min_free_bytes;

	int most_pages;
	uint64_t keys[64]; /* random, for the next records */
	size_t n_keys;

	bool group_open;
	enum tl_err group_err; /* the open group is dropped already: TL_EFULL */
	struct spool_change changes[SPOOL_GROUP_MAX];
	size_t n_changes;

	uint64_t records;
	uint64_t of_rank[RANKS]; /* of them */
	struct spool_days days;
	struct spool_quota quota;
	uint64_t mails; /* rows, of what is gone too */
	/* of the open group */
	uint64_t mails_added, mails_expired;
	bool mail_gone;
	struct spool_lent_set lent;
	/* where the last lap over the ids stopped */
	uint8_t cursors[RANKS][SPOOL_ID_BYTES];

	bool has_reserve;
	/* The log could not be moved into the file for want of room: it is
	 * whole, grows no more by records, and waits for spool_try_again(). */
	bool log_stuck;
	uint64_t free_bytes; /* when last looked at */
	enum spool_room room;
	uint64_t starts;
	uint64_t file;
	uint64_t rescued;
	uint64_t lost;
	bool was_rescued;
	uint64_t damaged;
};

/* TL_OK if the open group, opened if need be, takes n more changes. */
TL_MUST_CHECK enum tl_err spool_group_open(struct spool *spool, size_t n);
/* Run a statement that was bound to its end, and make it ready for the next
 * time. */
void spool_group_step(struct spool *spool, enum spool_stmt which);
/* The error that ends a call: what failed in it drops the group. */
TL_MUST_CHECK enum tl_err spool_group_end(struct spool *spool);
/* A key that tells nothing, not even the order of arrival; never 0, and below
 * SPOOL_PIECE_KEY. */
int64_t spool_random_key(struct spool *spool);
/* The open group has ended, kept or not: what it did to mail. */
void spool_mail_settle(struct spool *spool, bool kept);

/* They are the bytes that came, whose hash (NULL: nobody knows) is want. */
bool spool_has_hash(
    const struct spool *spool, struct bytes sealed, const uint8_t *want);

/* The channel of that number; a damaged one counts as web. */
enum spool_channel spool_file_channel(int64_t number);

/* As spool_db_checkpoint(); on a full disk once more without the reserve. */
void spool_file_checkpoint(struct spool *spool, bool keep_log);

#endif
