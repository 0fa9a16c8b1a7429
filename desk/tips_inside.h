/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips_inside.h - the inside of desk/tips.h. Only desk/tips*.c include
 * it.
 *
 *	tips.c        which records and cases there are, what to open next
 *	tips_open.c   what is kept of an opened report
 *	tips_query.c  views, filters, search, order
 */
#ifndef TL_DESK_TIPS_INSIDE_H
#define TL_DESK_TIPS_INSIDE_H

#include "desk/tips.h"
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
	struct tip **selected;
	size_t room_selected;
};

/* Room for n of size bytes; keeps what is there. */
TL_MUST_CHECK enum tl_err tips_grow(
    void **at, size_t n, size_t *room, size_t size);

/* Append text as it is searched: folded, Zawgyi as Unicode too, and Latin
 * letters without their marks too; each on a line of its own. */
TL_MUST_CHECK enum tl_err tips_fold(struct bytes text, struct buf *out);

/* What somebody searches for: one of these. */
TL_MUST_CHECK enum tl_err tips_fold_query(struct bytes text, struct buf *out);

#endif
