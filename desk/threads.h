/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/threads.h - which tip the records with more words, answers and wishes
 * belong to, and what the reporter of a tip wants. docs/FORMAT.md, "More to a
 * tip".
 *
 * Promise:   a record is given to the tip with its form, or with its mailbox
 *            or a further one, and to no other; in whatever order they came.
 * Knows not: envelopes, the ledger. Only what an intake of ours signed is
 *            added.
 * Runs in:   the tipline command, the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_THREADS_H
#define TL_DESK_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"
#include "text/report_thread.h"

struct thread_link;
struct thread_more;

/* Starts zeroed; end it with threads_free(). */
struct threads {
	struct thread_link *links;
	size_t n_links, room_links;
	bool is_sorted;
	struct thread_more *more;
	size_t n_more, room_more;
};

/* Learn where others find the tip id, or the further key, of record number.
 * What says more of a tip says nothing of that. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err threads_learn(struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], uint64_t number,
    const struct report_thread *says);

/* The tip that more, or a further key, belongs to; borrowed until the next is
 * learnt. NULL: it has not come. */
const uint8_t *threads_tip(
    struct threads *threads, const struct report_thread *says);

/* ---- for who has all records at once, and shows them --------------------- */

/* Learn from the report of record id. Before threads_settle() only. */
TL_MUST_CHECK enum tl_err threads_add(struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], uint64_t number,
    struct bytes report);

/* All have been added. */
void threads_settle(struct threads *threads);

/* Find records with more, from *at on, which starts at 0 and is moved, and
 * those of their tips. False: there are no more. */
bool threads_next(const struct threads *threads, size_t *at, uint64_t *ret_more,
    uint64_t *ret_tip);

/* Set in *context the tip that a record with more belongs to, or what the
 * reporter of the tip wants. Borrowed from threads. */
void threads_give(const struct threads *threads,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes report,
    struct report_context *context);

void threads_free(struct threads *threads);

#endif
