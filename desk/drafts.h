/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/drafts.h - what one officer has begun to write, in one session: sealed
 * the moment it comes, under a key that nobody else has.
 *
 * Promise:   a text is in clear only while it is handed in or out. The key goes
 *            with drafts_free(), and with it all of them. Never more than
 *            DRAFTS_BYTES.
 * Knows not: tips, sessions.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_DRAFTS_H
#define TL_DESK_DRAFTS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define DRAFT_NAME_BYTES 40u
#define DRAFT_TEXT_BYTES (48u * 1024u)
/* Of one session, sealed. */
#define DRAFTS_BYTES (256u * 1024u)
#define DRAFTS_MAX   64u

struct drafts;

/* NULL: memory is out. End it with drafts_free(). */
struct drafts *drafts_new(void);

/* Keep text under this name, in the place of what was there. TL_ETOOBIG: the
 * text or its name; TL_EFULL: all of them; TL_ENOMEM. What was there stays
 * then.
 */
TL_MUST_CHECK enum tl_err drafts_put(
    struct drafts *drafts, struct bytes name, struct bytes text);

/* Append it to out. TL_ENOENT; TL_ETOOBIG and TL_ENOMEM of out. */
TL_MUST_CHECK enum tl_err drafts_get(
    const struct drafts *drafts, struct bytes name, struct buf *out);

void drafts_drop(struct drafts *drafts, struct bytes name);

/* Wipe and free. NULL is fine. */
void drafts_free(struct drafts *drafts);

#endif
