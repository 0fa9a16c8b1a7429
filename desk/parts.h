/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/parts.h - the records that belong to a tip: later words and answers,
 * wishes, further reply keys.
 *
 * Promise:   what tips_settle() has put to a tip is given with it, and no more;
 *            that is only what an intake of ours has signed, like the tip.
 * Knows not: what they are for.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_PARTS_H
#define TL_DESK_PARTS_H

#include <jansson.h>

#include "desk/facts.h"
#include "desk/web.h"
#include "text/report_thread.h"

/* Borrows both for the call: the record, and what it says of whose it is. The
 * thread may hold a key; it is wiped afterwards. */
typedef void (*parts_fn)(
    const struct tip *part, const struct report_thread *thread, void *arg);

/* The tip itself first, and then what belongs to it, in the order in which it
 * came. False: the tip is not open, not signed, or no report. */
bool parts_each(const struct tip *tip, parts_fn fn, void *arg);

/* What the answers come to, later ones in the place of earlier. Gives
 * *ret_answers, one object: json_decref(). Of an unsigned tip its own. NULL in
 * it: memory is out. */
void parts_answers(
    const struct tip *tip, struct facts *ret_facts, json_t **ret_answers);

/* What the reporter wishes, in the form and later. */
struct parts_wishes {
	bool no_contact; /* or "0": in a message from this number */
	bool stop;       /* STOP came from this number */
	bool deletion, withdrawal;
};
struct parts_wishes parts_wishes(const struct web *web, const struct tip *tip);

#endif
