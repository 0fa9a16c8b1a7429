/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_book.h - in memory: the newest change of each case that is in
 * this desk's ledger, and what is odd about them.
 *
 * Promise:   what Redis says of a case can be held against it, whoever writes
 *            to Redis: nothing gets in here but from the ledger.
 * Knows not: keys, Redis: what gets into the ledger was checked before.
 *
 * Grows with the cases, 400 bytes each; it outlives connections to Redis.
 */
#ifndef TL_QUEUE_CASE_BOOK_H
#define TL_QUEUE_CASE_BOOK_H

#include "queue/case_event.h"
#include "queue/ledger.h"

struct case_known {
	uint8_t id[CASE_ID_BYTES];
	uint64_t version;
	uint8_t event_id[CASE_ID_BYTES];
	/* an event that one of these names as the one before it, and that was
	 * not seen; zeros: none. It may be on its way */
	uint8_t lacks[CASE_ID_BYTES];
	/* the newest event as Redis had it, if it was not here; likewise, and
	 * whether it was counted as one that does not come */
	uint8_t ahead[CASE_ID_BYTES];
	bool is_missed;
	/* Redis had the case otherwise when this was its version; 0: it has
	 * not. is_told: the caller of cases_check() knows */
	uint64_t altered;
	bool is_told;
	/* so often something that no desk signed gave way to this version */
	unsigned put_back;
	size_t head_len;
	uint8_t head[CASE_HEAD_BYTES]; /* see case_event_put_head() */
};

/* So many, so far. */
struct case_odds {
	uint64_t forged;  /* were in Redis, and no desk has signed them */
	uint64_t old;     /* were in Redis as before, or not at all */
	uint64_t lacking; /* changes that this ledger has not got */
	uint64_t forked;  /* two changes of one version */
	uint64_t unread;  /* events of the ledger that cannot be read */
	/* keys that were of another type in Redis, and were taken out */
	uint64_t strange_cases, strange_lists;
	uint64_t events; /* were in the stream, and no desk has signed them */
	uint64_t upto_ms, upto_n; /* name of the last of these */
};

struct case_book;

/* NULL: memory is out, or the kernel gives no secret. End it with
 * case_book_free(). hash as the ledger's. */
struct case_book *case_book_new(ledger_hash_fn hash);
/* NULL is fine. */
void case_book_free(struct case_book *book);

/*
 * For ledger_each(): learn what record number says, once, whatever it is; arg
 * is the book. TL_ENOMEM: it was not learnt, and can be once more.
 */
TL_MUST_CHECK enum tl_err case_book_learn(
    uint64_t number, const struct ledger_record *record, void *arg);

/* NULL: the ledger has nothing of it. Good until something is learnt. */
struct case_known *case_book_find(
    const struct case_book *book, const uint8_t id[static CASE_ID_BYTES]);

/* One after the other, from 0 to case_book_count() - 1. */
size_t case_book_count(const struct case_book *book);
struct case_known *case_book_at(const struct case_book *book, size_t i);

struct case_odds *case_book_odds(struct case_book *book);

#endif
