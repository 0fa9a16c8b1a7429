/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/links.h - which other tips officers have linked a tip to, and how.
 *
 * Promise:   what was linked and not unlinked after that, once each. A link
 *            merges nothing: both tips stay what they are.
 * Knows not: tips, the ledger; whether the other one is there.
 * Runs in:   the desk's web process. Pure.
 * Disk:      none.
 *
 * Each link is an entry on both cases: {kind: "link", target, link}, and
 * {kind: "unlink", target}. docs/QUEUE.md, "Cases".
 */
#ifndef TL_DESK_LINKS_H
#define TL_DESK_LINKS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"

/* "same event", "same place", "same offender", "update". */
bool links_is_kind(struct bytes word);

/* [{id, kind, who, at}] of the entries of a case, in their order. The caller's:
 * json_decref(). NULL: memory is out. */
json_t *links_of(const json_t *entries);

#endif
