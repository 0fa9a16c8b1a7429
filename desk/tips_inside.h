/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips_inside.h - the inside of desk/tips.h. Only desk/tips*.c include
 * it.
 *
 *	tips.c        which records and cases there are, what to open next
 *	tips_open.c   what is kept of an opened report
 *	tips_learn.c  by what it may belong to others
 *	tips_group.c  what belongs together
 *	tips_lone.c   words whose tip is not here
 *	tips_taken.c  what was taken back by its reporter
 *	tips_query.c  views, filters, search, order
 */
#ifndef TL_DESK_TIPS_INSIDE_H
#define TL_DESK_TIPS_INSIDE_H

#include <jansson.h>

#include "desk/alike.h"
#include "desk/threads.h"
#include "desk/tips.h"
#include "desk/twins.h"
#include "desk/vault.h"

struct tips {
	struct vault *vault;
	struct tip **all; /* records, in the order of the ledger */
	size_t n, room;
	struct tip **slots; /* by id, also cases whose record is not here */
	size_t n_slots, used;
	size_t absent;     /* of used: cases without a record */
	struct tip **plan; /* to be opened, in this order */
	size_t plan_n, plan_at;
	size_t planned; /* of all: those that the plan knows */
	bool again;     /* some were sealed since: make a new plan */
	bool waits;     /* see tips_wait_for_cases() */
	struct tip **selected;
	size_t room_selected;
	struct threads threads; /* by which more finds its tip */
	struct twins twins;
	struct alike alike;
	struct tip **lines; /* those whose sender has a name */
	size_t n_lines, room_lines;
	bool has_new;      /* some are not settled */
	bool has_twins;    /* some record has the id of another */
	bool has_faults;   /* some could not be opened */
	bool has_wanting;  /* of some, events since they were taken back */
	size_t wanting_at; /* of all: where to look for the next of these */
	const char *canary;
};

/* Room for n of size bytes; keeps what is there. */
TL_MUST_CHECK enum tl_err tips_grow(
    void **at, size_t n, size_t *room, size_t size);

/* Append text as it is searched: folded, Zawgyi as Unicode too, and Latin
 * letters without their marks too; each on a line of its own. */
TL_MUST_CHECK enum tl_err tips_fold(struct bytes text, struct buf *out);

/* What somebody searches for: one of these. */
TL_MUST_CHECK enum tl_err tips_fold_query(struct bytes text, struct buf *out);

/* Learn by what the open tip may belong to others, or they to it. json is its
 * report. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err tips_learn(
    struct tips *tips, struct tip *tip, const json_t *json);

/* Keep a report and what is searched of it. TL_EFULL, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err tips_keep(
    struct tips *tips, struct tip *tip, struct bytes report, json_t *json);

/* It is a twin from now on: it is joined to nothing, and what was joined to it
 * looks for its tip anew. */
void tips_leave(struct tips *tips, struct tip *tip);

/* Leave of what is open only what may be, if its tip was taken back; of all
 * that is shown with it, too. */
void tips_take_back(struct tips *tips, struct tip *tip);

/* It was opened just now. */
void tips_take_back_opened(struct tips *tips, struct tip *tip);

/* Forget all of that. */
void tips_unlearn(struct tips *tips);

#endif
