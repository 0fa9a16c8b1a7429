/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool.h - sealed records on local disk, until the desk has them.
 *
 * Promise:   what spool_commit() answered with TL_OK survives a power cut.
 *            Nothing weaker may be told to anyone as "received". Nothing is
 *            deleted but by spool_forget() (records) and age (dedup keys).
 * Knows not: what is inside a record, who sent it, keys, sockets, Redis.
 * Runs in:   tipline-spool alone, through one connection. Every call may
 *            wait for the disk, so nothing with a stranger's socket has it.
 * Disk:      a folder with one SQLite file; format in docs/FORMAT.md.
 *
 * Work comes in groups: spool_put(), spool_forget(), spool_see_list() and
 * spool_expire() add to the open group, spool_commit() makes all of it durable
 * at once. The rest is
 * called between groups.
 *
 * The first failure of the disk or of memory sticks: from then on every call
 * returns it and the process must end, because a second fsync of the same
 * file may succeed after the first one lost pages. A full disk does not
 * stick: the group is dropped and the spool goes on, and takes records again
 * when there is room.
 */
#ifndef TL_QUEUE_SPOOL_H
#define TL_QUEUE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/rank.h"
#include "queue/spool_stats.h"

#define SPOOL_ID_BYTES         16u
#define SPOOL_HASH_BYTES       32u
#define SPOOL_DEDUP_BYTES      16u
#define SPOOL_NONCE_BYTES      32u
#define SPOOL_RECORD_BYTES_MAX (1024u * 1024u + 4096u)
/* Records of one spool_put(). */
#define SPOOL_BATCH_MAX 128u
/* Records put and forgotten in one group, at most. */
#define SPOOL_GROUP_MAX 1024u
/* Records lent at one time, at most; the relay's credit is below it. */
#define SPOOL_LENT_MAX 65536u
/* How long a gateway's repeat is known. */
#define SPOOL_DEDUP_DAYS 90
/* Pages in the log at which an idle moment, and at which the next group, is
 * used to move them into the file; a pause at this part of the latter. */
#define SPOOL_IDLE_PAGES 64
#define SPOOL_MOST_PAGES 8192
#define SPOOL_PAUSE_PART 16

struct spool;

/* Write the BLAKE2b-256 of len bytes to out (SPOOL_HASH_BYTES). */
typedef void (*spool_hash_fn)(uint8_t *out, const void *bytes, size_t len);

struct spool_opts {
	const char *dir;         /* borrowed for the call; made if missing */
	uint64_t low_free_bytes; /* below it the room is SPOOL_ROOM_LOW */
	uint64_t min_free_bytes; /* below it spool_put() returns TL_EFULL */
	spool_hash_fn hash;
	/* Percent of the room, and of max_records, for each channel; 0: all. */
	unsigned shares[SPOOL_CHANNELS];
	uint64_t max_records; /* 0: any number */
	int log_pages;        /* instead of SPOOL_MOST_PAGES, if not 0 */
};

/* One record to be kept. All borrowed for the call. */
struct spool_record {
	const uint8_t *id;    /* SPOOL_ID_BYTES */
	const uint8_t *dedup; /* SPOOL_DEDUP_BYTES, or NULL */
	/* NULL, or what may come once: SPOOL_NONCE_BYTES, a key of the nonce
	 * and behind it a key of the nonce with the body it came with. */
	const uint8_t *nonce;
	bool urgent; /* never of SPOOL_FILES */
	enum spool_channel channel;
	struct bytes sealed; /* 1 to SPOOL_RECORD_BYTES_MAX */
};

/* A record on its way out. Borrowed for the call of spool_lend_fn. */
struct spool_lent {
	const uint8_t *id;
	enum rank rank;
	enum spool_channel channel; /* by spool_copy() only */
	struct bytes sealed;
};

typedef void (*spool_lend_fn)(const struct spool_lent *lent, void *arg);

/*
 * Take the folder for this process, prove the file (a damaged one is set
 * aside and what can be read of it rescued), write once and bring all of it
 * to the disk; see docs/FORMAT.md. Gives *ret_spool: the caller ends it with
 * spool_close(). Returns
 *   TL_EBUSY    another process has the folder
 *   TL_EPERM    the folder or the file is not ours alone, or a symlink
 *   TL_EFORMAT  not a spool, or a newer program wrote it
 *   TL_EFULL    no room even for the first write
 *   TL_EINVAL, TL_ENOMEM, TL_EIO.
 */
TL_MUST_CHECK enum tl_err spool_open(
    const struct spool_opts *opts, struct spool **ret_spool);

/*
 * Add n records (1 to SPOOL_BATCH_MAX) to the open group: all of them or
 * none. A record whose id or dedup key is known, be it from this group, is
 * not stored again; *ret_known says that this was so for all n. Where the id is
 * known, the bytes of then no longer have their hash and these have it, they
 * take their place, and the record counts as new. In every case
 * the answer is due only after spool_commit(). day is days since 1970.
 * A nonce that is known with the same body makes its record a known one; with
 * another body nothing of all n is added, and TL_EPROOF comes back.
 * Pieces of files that come together with a text count in its channel's share,
 * not in theirs: a text is not refused for what hangs on it.
 * Returns TL_EINVAL or TL_ETOOBIG for what breaks the limits above, TL_EFULL
 * without room on the disk or in the share of a channel, TL_EBUSY if the group
 * has to be committed first: the group stays open without these records, and is
 * worth a commit.
 */
TL_MUST_CHECK enum tl_err spool_put(struct spool *spool,
    const struct spool_record *records, size_t n, int64_t day, bool *ret_known);

/*
 * Add to the open group: forget the record id. The caller has verified the
 * desk's receipt. Returns TL_ENOENT if there is no such record, TL_EBUSY as
 * spool_put() does.
 */
TL_MUST_CHECK enum tl_err spool_forget(
    struct spool *spool, const uint8_t id[static SPOOL_ID_BYTES]);

/*
 * Add to the open group: forget up to SPOOL_GROUP_MAX dedup keys older than
 * SPOOL_DEDUP_DAYS. *ret_n says how many; SPOOL_GROUP_MAX: call again later.
 */
TL_MUST_CHECK enum tl_err spool_expire(
    struct spool *spool, int64_t day, size_t *ret_n);

/*
 * Make the open group durable; TL_OK at once if none is open. On any error
 * nothing of the group counts as received. After TL_EFULL the spool goes on;
 * after any other error the process must end.
 */
TL_MUST_CHECK enum tl_err spool_commit(struct spool *spool);

/*
 * Lend up to most records of together up to max_bytes that are not lent, of
 * ranks up to last: rank after rank, and within each in random order. At least
 * one is lent, however big, if there is one. fn is called for each; it may not
 * call the spool. What is lent is remembered in memory only. A record whose
 * bytes no longer have their hash is not lent, but kept and counted. TL_EBUSY
 * while a group is open. *ret_n says how many were lent.
 */
TL_MUST_CHECK enum tl_err spool_take(struct spool *spool, enum rank last,
    size_t most, size_t max_bytes, spool_lend_fn fn, void *arg, size_t *ret_n);

/* The record id may be lent again. TL_ENOENT if there is no such record,
 * TL_EBUSY while a group is open. */
TL_MUST_CHECK enum tl_err spool_lend_again(
    struct spool *spool, const uint8_t id[static SPOOL_ID_BYTES]);

/* Nothing is lent any more. */
void spool_unlend_all(struct spool *spool);

/* Records that are committed and not lent, of ranks up to last. */
uint64_t spool_waiting(const struct spool *spool, enum rank last);

/*
 * For a backup: show up to most records of together up to max_bytes, at least
 * one, with keys above *from, and move *from on; *ret_n of 0: that was all.
 * Those whose bytes no longer have their hash are shown without them, and those
 * without an id in *ret_n alone.
 * Whoever begins at 0 and goes on to the end has met each record that was there
 * all the time, whatever came and went meanwhile. fn as with spool_take().
 */
TL_MUST_CHECK enum tl_err spool_copy(struct spool *spool, int64_t *from,
    size_t most, size_t max_bytes, spool_lend_fn fn, void *arg, size_t *ret_n);

/* The hash of the sealed bytes of record id, for holding a receipt against
 * it. TL_ENOENT if there is no such record. */
TL_MUST_CHECK enum tl_err spool_get_hash(struct spool *spool,
    const uint8_t id[static SPOOL_ID_BYTES],
    uint8_t ret_hash[static SPOOL_HASH_BYTES]);

/*
 * For a moment without work: move the log into the file and empty it, if it
 * holds SPOOL_IDLE_PAGES or has old pages. Any error sticks, but that there
 * was no room for it: then the room is SPOOL_ROOM_FULL until
 * spool_try_again() has found some.
 */
TL_MUST_CHECK enum tl_err spool_idle(struct spool *spool);

/*
 * For a pause that may end at any time: move the log into the file while that
 * is little, so that no group has to do it when it has become much. The log
 * keeps its blocks. Errors as with spool_idle().
 */
TL_MUST_CHECK enum tl_err spool_pause(struct spool *spool);

/* Every few seconds, between groups: if the log could not be moved into the
 * file for want of room, try that again. Errors as with spool_idle(). */
TL_MUST_CHECK enum tl_err spool_try_again(struct spool *spool);

/* Look at the free space now, and make the reserve again when there is
 * plenty. SPOOL_ROOM_FULL is what makes spool_put() return TL_EFULL. */
enum spool_room spool_room(struct spool *spool);

/* Counts; see queue/spool_stats.h. */
void spool_stats(struct spool *spool, struct spool_stats *ret_stats);

/*
 * Add to the open group: a worker seals by the list with this number, of the
 * team with this key id. *ret_highest is the highest that was ever said of it,
 * to be told after spool_commit(). TL_EFULL: there are too many teams, or no
 * room; the group is worth a commit.
 */
#define SPOOL_LIST_ID_BYTES 8u
#define SPOOL_LISTS_MAX     64
TL_MUST_CHECK enum tl_err spool_see_list(struct spool *spool,
    const uint8_t id[static SPOOL_LIST_ID_BYTES], uint32_t number,
    uint32_t *ret_highest);

/*
 * People know what the last rescue saved and lost: both counts are 0 from now
 * on. Commits by itself. TL_EBUSY while a group is open; else as
 * spool_commit(), and on any error they stay.
 */
TL_MUST_CHECK enum tl_err spool_see_damage(struct spool *spool);

/* The file was damaged at this start; spool_stats() says what was saved. */
bool spool_was_rescued(const struct spool *spool);

/* SQLite's extended code of the first failure, 0 if there was none. */
int spool_sqlite_code(const struct spool *spool);

/*
 * For an orderly end: commit what is open, bring the log into the file, mark
 * that the next start may look less closely. spool_close() is still due. An
 * error loses nothing that was committed.
 */
TL_MUST_CHECK enum tl_err spool_finish(struct spool *spool);

/* Drop what was not committed, close, free. NULL and half-open are fine. */
void spool_close(struct spool *spool);

#endif
