/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases.h - the cases that several desks work on, in Redis.
 *
 * Promise:   of two who change one case at the same time exactly one wins, and
 *            the other is told who it was. A change that was answered with
 *            TL_OK is in this desk's ledger, synced: Redis can be wiped and
 *            made again from ledgers. Nothing is believed that no desk has
 *            signed, nor what is older than the ledger: of such a case the
 *            ledger's state counts, and is put back.
 * Knows not: keys, what is in a tip; what is to be secret in a change is sealed
 *            by a function of the caller, which also signs.
 * Runs in:   the desk, `tipline`. Every call may wait for Redis or the disk.
 *            A Redis that goes away raises SIGPIPE: ignore it before.
 * Disk:      the password file at cases_open(); the rest is the ledger's.
 *
 * Time is Redis' own, known by the names that it gives to entries, and between
 * them by this host's monotonic clock: clocks of desks may be as wrong as they
 * like. Keys and fields: docs/QUEUE.md, "Cases".
 */
#ifndef TL_QUEUE_CASES_H
#define TL_QUEUE_CASES_H

#include "queue/case_book.h"
#include "queue/case_event.h"
#include "queue/case_table.h"
#include "queue/ledger.h"
#include "queue/reader.h"

struct cases;

/*
 * Seal who, why and whatever else nobody but the team may read: append at most
 * CASE_SEALED_BYTES to ret_sealed. next is the case after the change. Anything
 * but TL_OK ends the change, of which nothing was done.
 */
typedef enum tl_err (*cases_seal_fn)(const uint8_t id[static CASE_ID_BYTES],
    const struct case_change *change, const struct case_now *next,
    struct buf *ret_sealed, void *arg);

/* The ledger has got this event, of whichever desk, for the first time: told
 * once, within the call that kept it. Borrows record. */
typedef void (*cases_kept_fn)(const struct case_record *record, void *arg);

/* Desks' signatures. */
struct cases_trust {
	ledger_hash_fn hash; /* of what is sealed */
	/* Anything but TL_OK ends the change. NULL: only look. */
	enum tl_err (*sign)(struct bytes said,
	    uint8_t ret_sig[static CASE_SIG_BYTES], void *arg);
	/* Has a desk of ours said this? */
	bool (*holds)(struct bytes said,
	    const uint8_t sig[static CASE_SIG_BYTES], void *arg);
	void *arg;
};

struct cases_opts {
	struct reader_opts redis; /* as for the reader */
	struct ledger *ledger;    /* kept; NULL: only look, never change */
	/* what the ledger says, kept; here it learns what is added */
	struct case_book *book;
	struct cases_trust trust;
	cases_seal_fn seal; /* NULL: nothing is sealed */
	void *arg;
	cases_kept_fn kept; /* NULL: nobody is told */
	void *kept_arg;
	uint64_t (*mono_ms)(void); /* NULL: clock_mono_ms() */
};

/* Gives *ret_cases: end it with cases_close(). Errors and *ret_why as
 * reader_open(). */
TL_MUST_CHECK enum tl_err cases_open(const struct cases_opts *opts,
    struct cases **ret_cases, const char **ret_why);
/* NULL is fine. */
void cases_close(struct cases *cases);

/*
 * After TL_ECLOSED, TL_EIO, TL_EFORMAT or TL_ETOOBIG of any call: close, open
 * again, call cases_follow(). A change that ended so may have happened or not.
 */

/* As it is, or as the ledger has it if Redis tells lies. TL_ENOENT if there is
 * no such case. */
TL_MUST_CHECK enum tl_err cases_get(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_now *ret_now);

struct cases_outcome {
	enum case_no no; /* CASE_YES: done */
	struct case_now
	    now; /* after it; else as it is: who has it, since when */
};

/*
 * Do what the table allows. What has an event_id that a desk has done already
 * is not done again: CASE_YES, and the case as it is. Returns TL_OK with an
 * outcome; TL_ENOENT if there is no such case and the change is not
 * CASE_DO_RECEIVE; TL_EPERM without a ledger or a key; TL_EBUSY if others
 * change it all the time; TL_EFULL and TL_EIO of the ledger: it happened and
 * could not be kept here, so it is said as an error, and the next
 * cases_follow() keeps it.
 */
TL_MUST_CHECK enum tl_err cases_change(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_change *change,
    struct cases_outcome *ret_outcome);

/*
 * The holder is at work on it: the lease runs from now. Writes only when a
 * third of it is over, and then to Redis alone. What was not opened yet nobody
 * works on: then nothing is prolonged. Same outcomes.
 */
TL_MUST_CHECK enum tl_err cases_renew(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const char *who,
    struct cases_outcome *ret_outcome);

enum cases_list {
	CASES_OPEN, /* RECEIVED first, then by priority, then by arrival */
	CASES_DONE, /* CLOSED and the side states, in the same order */
};
#define CASES_PAGE 256u

/* Ids from number first of the list on, at most CASES_PAGE of them. */
TL_MUST_CHECK enum tl_err cases_list(struct cases *cases, enum cases_list list,
    uint64_t first, uint8_t ret_ids[static CASES_PAGE][CASE_ID_BYTES],
    size_t *ret_n);

/*
 * Every few seconds, at any desk: cases that are CLAIMED and whose lease has
 * ended go back to NEW (no more than CASES_PAGE at once). *ret_n says how many.
 */
TL_MUST_CHECK enum tl_err cases_end_leases(struct cases *cases, size_t *ret_n);

/* End all leases of who on cases that were not opened yet: at log-out. */
TL_MUST_CHECK enum tl_err cases_release_unread(
    struct cases *cases, const char *who, size_t *ret_n);

/*
 * What was changed, by whichever desk, since the last call; the first time all
 * that the stream holds. What the ledger has not got is kept there, and told to
 * opts.kept. Ends after 100 ms, but for what it is at. *ret_n says how many
 * were new; *ret_all, whether there is no more. What is no record, is signed by
 * no desk of ours, or is larger than any answer may be, is passed over and
 * counted once in the book's odds: somebody writes there who should not.
 * TL_EPERM without a ledger.
 */
TL_MUST_CHECK enum tl_err cases_follow(
    struct cases *cases, size_t *ret_n, bool *ret_all);

/* The case is now as it says. Altered: Redis had it otherwise than desks did,
 * or two desks did two things at once; else it is newer than the ledger.
 * Borrows for the call. */
typedef void (*cases_checked_fn)(const uint8_t id[static CASE_ID_BYTES],
    const struct case_now *now, bool is_altered, void *arg);

/*
 * Hold up to n of the ledger's cases against Redis, the next ones each time,
 * for about 50 ms; put back what is not as it was (what no desk has signed
 * three times for each version of a case: see QUEUE.md), and tell. Events are
 * missed only while cases_follow() has said that there is no more. Counts in
 * the book's odds.
 */
TL_MUST_CHECK enum tl_err cases_check(
    struct cases *cases, size_t n, cases_checked_fn fn, void *arg);

struct cases_restored {
	uint64_t made;  /* were missing, older or forged in Redis */
	uint64_t right; /* were there as they should be, or newer */
	uint64_t left;  /* somebody else writes there all the time */
	uint64_t odd;   /* event records that could not be read */
};

/*
 * Make the cases again from the ledger's events: of each the newest. What is
 * newer in Redis, and signed, stays. May be repeated, and cut off, at any
 * point.
 */
TL_MUST_CHECK enum tl_err cases_restore(
    struct cases *cases, struct cases_restored *ret_restored);

/* Redis' time. */
uint64_t cases_now_ms(const struct cases *cases);

#endif
