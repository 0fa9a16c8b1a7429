/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/standing.h - what the page behind the receipt code is to say of how a
 * tip stands: one of five sentences, and by which change of the case.
 *
 * Promise:   it follows from what is written on the case alone, so that each
 *            desk comes to the same. It goes back from "helpers" to "read", and
 *            from "read" to "received", by an officer's word only. Of a
 *            duplicate it is what its target's reporter is told, and never a
 *            question: that one was asked of somebody else.
 * Knows not: mailboxes; what was sent.
 * Runs in:   the desk's web process. Pure.
 * Disk:      none.
 *
 * States and sentences: docs/QUEUE.md, "What a reporter is told".
 */
#ifndef TL_DESK_STANDING_H
#define TL_DESK_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "queue/case_table.h"

enum standing_status {
	STANDING_NONE = 0, /* nobody has read it: nothing is told yet */
	STANDING_RECEIVED = 1,
	STANDING_READ = 2,
	STANDING_QUESTION = 3,
	STANDING_HELPERS = 4,
	STANDING_FINISHED = 5,
};

struct standing {
	unsigned status;  /* enum standing_status */
	uint64_t version; /* of the case: by this change it is so */
	uint64_t of;      /* of a duplicate: the same of its target; else 0 */
	uint64_t at_ms;   /* to the minute */
	uint64_t seen;    /* the newest version among the entries */
	const char *text; /* an officer's, in its place; borrowed, never NULL */
	bool is_chosen;   /* an officer said so, and nothing moved since */
	bool is_forced;   /* although the reporter wants no contact */
	bool is_duplicate;
	unsigned floor; /* it falls no lower by itself */
	bool is_known;  /* something better than "received" was told before */
};

/* After this event another sentence may be the one. */
bool standing_may_move(enum case_event event);

/* By the entries of the case, as entry_list() gives them. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err standing_of(
    const json_t *entries, struct standing *ret);

/* Of a duplicate, with what its target comes to; else own. */
struct standing standing_joined(
    const struct standing *own, const struct standing *target);

/* Both tell the same, by the same change. */
bool standing_is_same(const struct standing *one, const struct standing *other);

#endif
