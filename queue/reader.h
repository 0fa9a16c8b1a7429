/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/reader.h - the desk's end of the queue: sealed records out of Redis
 * and into the ledger, receipts back.
 *
 * Promise:   a record is receipted and acknowledged only after the ledger
 *            has synced it. Whatever comes is stored: what is no tip goes to
 *            quarantine. What comes twice is stored once, receipted twice.
 * Knows not: keys; what is inside a record. Checking and signing are
 *            functions of the caller.
 * Runs in:   `tipline inbox`, the desk. Every call may wait for Redis or for
 *            the disk.
 *            A Redis that goes away raises SIGPIPE: ignore it before.
 * Disk:      the password file at reader_open(); the rest is the ledger's.
 */
#ifndef TL_QUEUE_READER_H
#define TL_QUEUE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/ledger.h"
#include "queue/sentinel.h"

#define READER_ENTRY_BYTES 42u /* two numbers of 64 bits, "-", end */
#define READER_SIG_BYTES   64u

struct reader;

/* All strings and lists are kept. */
struct reader_opts {
	const char *socket; /* "/path" or "ADDRESS:PORT" of Redis; */
	struct sentinel_opts sentinels; /* of no use where there are any */
	const char *user;               /* the desk's user of the ACL file */
	const char *password_file;      /* mode 0600 or 0400 */
	const char *group;    /* of readers; each group gets every entry once.
	                       * NULL: "officers" */
	const char *consumer; /* name of this desk in the group */
	unsigned replicas;    /* that should confirm a receipt */
};

/*
 * Connect, log in, see that the server is a master and that the group
 * "officers" is there. Gives *ret_reader: end it with reader_close(). On any
 * error *ret_why is a sentence that says what the operator can do, valid
 * for ever. Returns TL_EIO (not reachable, not found), TL_EPERM (password or
 * mode), TL_ENOENT (no group: Redis is new or was wiped), TL_ESTALE (a
 * replica), TL_EAGAIN (it is loading), TL_EFORMAT (not Redis), TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err reader_open(const struct reader_opts *opts,
    struct reader **ret_reader, const char **ret_why);

struct reader_entry {
	char entry[READER_ENTRY_BYTES]; /* Redis' name for it */
	/* LEDGER_FINE, or LEDGER_FIELDS: then id is zero and sealed holds all
	 * fields and values, each behind its length (u32). */
	enum ledger_reason reason;
	uint8_t id[LEDGER_ID_BYTES];
	struct bytes sealed; /* borrowed until the next call of reader_next() */
	unsigned deliveries; /* how often it was handed to a desk, from 1 */
};

/*
 * The next entry: first what this desk was given and did not acknowledge,
 * then what is new, and once a minute what a dead desk left for ten minutes.
 * Waits up to wait_ms for something new (0: not at all). Returns TL_EAGAIN
 * if nothing came; TL_EIO, TL_ECLOSED, TL_ENOENT, TL_EFORMAT, or TL_ESTALE
 * (the Sentinels name another master): close, and open again later - nothing
 * is lost by it. An entry that is too big to be kept comes with the reason
 * LEDGER_FIELDS and a sentence instead of its bytes.
 */
TL_MUST_CHECK enum tl_err reader_next(
    struct reader *reader, int wait_ms, struct reader_entry *ret_entry);

/* The entry that was handed out last comes again with the next call, as it is
 * and without Redis counting it as handed out once more. */
void reader_again(struct reader *reader);

/* Tell the spool, through the receipts stream, that the desk has these bytes
 * on disk. How many replicas have it is measured by the next call of
 * reader_next() for all receipts before it; nothing is held up by it. TL_EFULL:
 * Redis has no room for it, or takes none. */
TL_MUST_CHECK enum tl_err reader_receipt(struct reader *reader,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    const uint8_t sig[static READER_SIG_BYTES]);

/* Take the entry from this desk's pending list. It says "stored here", and
 * deletes nothing. */
TL_MUST_CHECK enum tl_err reader_ack(struct reader *reader, const char *entry);

struct reader_counts {
	uint64_t entries;     /* handed out */
	uint64_t claimed;     /* taken over from a dead desk */
	uint64_t trimmed;     /* were pending and are gone from Redis: the
	                       * spool sends them again, but find out why */
	uint64_t unconfirmed; /* receipts that not all replicas confirmed */
};
void reader_counts(
    const struct reader *reader, struct reader_counts *ret_counts);

/* Close and free. NULL is fine. */
void reader_close(struct reader *reader);

/* ---- one entry from end to end --------------------------------------- */

struct reader_keep {
	struct reader *reader; /* borrowed, like all below */
	struct ledger *ledger;
	ledger_hash_fn hash;
	/*
	 * What the bytes are: LEDGER_FINE for an envelope of this id, signed by
	 * an intake we know; else the reason for quarantine. Never opens.
	 */
	enum ledger_reason (*check)(const uint8_t id[static LEDGER_ID_BYTES],
	    struct bytes sealed, void *arg);
	/* crypto's receipt_sign() with the desk's key */
	enum tl_err (*sign)(const uint8_t id[static LEDGER_ID_BYTES],
	    const uint8_t hash[static LEDGER_HASH_BYTES],
	    uint8_t ret_sig[static READER_SIG_BYTES], void *arg);
	void *arg;
};

enum reader_kept {
	READER_KEPT_TIP,        /* new in the ledger */
	READER_KEPT_AGAIN,      /* was there; receipted once more */
	READER_KEPT_QUARANTINE, /* new in the ledger's quarantine */
	READER_LEFT, /* quarantine is full: it stays pending in Redis, without a
	              * receipt, so that the spool keeps what it may have */
	READER_FULL, /* the ledger's disk has no room: nothing of it was done.
	              * After reader_again() try it once more, when there is */
	READER_UNSAID, /* in the ledger, and Redis takes no receipt of it: it
	                * stays pending, and gets one when it comes again */
};

/*
 * Store, receipt and acknowledge one entry, in the one order that loses
 * nothing: look it up, append and sync, receipt, acknowledge. Each step may
 * be repeated after a crash. What people are shown is read from the ledger,
 * since a crash may come between any two steps. An error of the ledger or of
 * sign ends before anything is receipted.
 */
TL_MUST_CHECK enum tl_err reader_keep(const struct reader_keep *keep,
    const struct reader_entry *entry, enum reader_kept *ret_kept);

/* ---- set-up ----------------------------------------------------------- */

/*
 * Make the group "officers" at the very beginning of the stream "tips", and
 * the stream too, through a user with that right ("admin"). opts->consumer
 * and replicas are not used. A group that is there already is TL_OK.
 */
TL_MUST_CHECK enum tl_err reader_create_group(
    const struct reader_opts *opts, const char **ret_why);

/* All that Redis still has comes once more, as the user of opts, who may do
 * that: to a desk whose ledger is an older one again. */
TL_MUST_CHECK enum tl_err reader_rewind_group(
    const struct reader_opts *opts, const char **ret_why);

#endif
