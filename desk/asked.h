/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/asked.h - what of a case waits for a second officer.
 *
 * Promise:   what was agreed to, asked for anew or overtaken by an event is
 *            not among it.
 * Knows not: who may agree, keyd, the ledger.
 * Runs in:   the desk's web process. Pure.
 * Disk:      none.
 *
 * A question is an entry {kind: "ask-second", asks}: docs/QUEUE.md, "Cases".
 */
#ifndef TL_DESK_ASKED_H
#define TL_DESK_ASKED_H

#include <jansson.h>
#include <stdbool.h>

#include "desk/tips.h"
#include "queue/case_table.h"

/* What a P1 that was sent at once still waits for: asks of an ask-second. */
#define ASKED_AFTERWARDS   "post-approve"
#define ASKED_AFTERWARDS_S 3600

/* Something has happened since, by whoever: it was agreed to, the reporter has
 * written; or it was asked for anew. entries are all of its case. */
bool asked_is_over(const json_t *entries, const json_t *asked);

/* Those that are not over, as they stand in entries. The caller's:
 * json_decref(). NULL: memory is out. */
json_t *asked_of(const json_t *entries);

/* The same in short, with a referral that waits for its approval in a case of
 * this state. */
void asked_sum(
    const json_t *entries, enum case_state state, struct tip_asked *ret);

#endif
