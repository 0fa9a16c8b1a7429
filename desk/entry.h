/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/entry.h - what is written on a case: notes, plans, replies, referrals
 * and every change, each a sealed JSON document in an event of the case.
 *
 * Promise:   what was answered with CASE_YES is in the ledger and on its way to
 *            every desk. Nothing is ever changed or taken out.
 * Knows not: what the kinds mean: the rooms do.
 * Runs in:   the desk's web process.
 * Disk:      none.
 *
 * A document has `kind`, `tip`, `at` (Unix seconds) and `who`; the rest is the
 * kind's. QUEUE.md, Cases: what is read of it, and what is not.
 */
#ifndef TL_DESK_ENTRY_H
#define TL_DESK_ENTRY_H

#include <jansson.h>

#include "desk/web.h"

/* Longer ones would not fit beside the seal. */
#define ENTRY_TEXT_BYTES 16000u

/* Add who, when and on which tip to doc, which is borrowed, and seal it:
 * append the envelope to out. As web_seal(). */
TL_MUST_CHECK enum tl_err entry_seal(struct web *web, const struct tip *tip,
    const char *who, json_t *doc, struct buf *out);

/* done->result and done->why say what came of it. */
typedef void (*entry_done_fn)(
    struct web *web, const struct store_done *done, void *arg);

/*
 * Write doc, which is taken over and gets the rest, on the case of tip,
 * by an event that moves nothing. fn is called once, perhaps inside the call.
 */
void entry_add(struct web *web, struct tip *tip, const char *who, json_t *doc,
    entry_done_fn fn, void *arg);

/*
 * The same, but once: event_id names it. Where it was written before, by this
 * desk or another, done has no case: `!done->has_now`, and nothing is written.
 * version: of the case as it was read; where it is another by now nothing is
 * written either (CASE_NO_CHANGED). 0: whatever it is. who "": the machine.
 */
void entry_add_once(struct web *web, struct tip *tip, const char *who,
    json_t *doc, const uint8_t event_id[static CASE_ID_BYTES], uint64_t version,
    entry_done_fn fn, void *arg);

/*
 * The same for what asks the reporter something, in words and by a way that
 * were found safe: where the case can, it waits for the reporter from now on
 * (ASK). supervisor: who is one.
 */
void entry_ask(struct web *web, struct tip *tip, const char *who,
    bool supervisor, json_t *doc, entry_done_fn fn, void *arg);

/* The list is taken over by fn: one object for each event of the case, in their
 * order: {event, id, version, at_ms, state, priority, owner} and what its
 * document says; `sealed` if it cannot be read, `forged` if it is none of
 * this event of this tip, `withdrawn` if the reporter took the tip back since,
 * and then without what was written. NULL: the store or keyd has failed. */
typedef void (*entry_list_fn)(struct web *web, json_t *list, void *arg);

/* The newest version of the case among these: what another desk did may lie in
 * this one's ledger behind what came after it. 0: there are none. */
uint64_t entry_version(const json_t *entries);

void entry_list(struct web *web, const uint8_t id[static TIP_ID_BYTES],
    entry_list_fn fn, void *arg);

/* May who read this one? Notes can be private, or for supervisors. */
bool entry_is_for(const json_t *entry, const struct session *session);

#endif
