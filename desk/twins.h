/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/twins.h - messages that a desk has found in a gateway's log, and whose
 * webhook came all the same, later.
 *
 * Promise:   only what is the same message word for word counts as its twin:
 *            gateway, id and text.
 * Runs in:   the tipline command, the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_TWINS_H
#define TL_DESK_TWINS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct twin;

/* Starts zeroed; end it with twins_free(). */
struct twins {
	struct twin *items;
	size_t n, room;
};

/* Remember record number with the document doc, if a gateway gave it an id.
 * TL_ENOMEM. */
TL_MUST_CHECK enum tl_err twins_add(
    struct twins *twins, uint64_t number, struct bytes doc);

/* The same of a document that was read. */
TL_MUST_CHECK enum tl_err twins_add_report(
    struct twins *twins, uint64_t number, const json_t *report);

/* Once all are there: the records that need not be shown, since the webhook's
 * own is there, *ret_own. *at starts at 0. False: there are no more. */
void twins_sort(struct twins *twins);
bool twins_next(const struct twins *twins, size_t *at, uint64_t *ret_number,
    uint64_t *ret_own);

/* Was this report found in a gateway's log? */
bool twins_is_recovered(const json_t *report);

void twins_free(struct twins *twins);

#endif
