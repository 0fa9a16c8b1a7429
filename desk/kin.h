/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/kin.h - what the other cases of a reporter say against getting in touch.
 *
 * Promise:   NO CONTACT that an officer wrote on a duplicate, or on another
 * case of the same number, is heard; so is that it cannot be known. Knows not:
 * what is to be done with it. Runs in:   the desk. Disk:      none; the store
 * reads the ledger.
 */
#ifndef TL_DESK_KIN_H
#define TL_DESK_KIN_H

#include <jansson.h>
#include <stdbool.h>

#include "desk/web.h"

/* stops: one of them says NO CONTACT, or cannot be read, or there are too many
 * to look at. */
typedef void (*kin_fn)(struct web *web, bool stops, void *arg);

/* entries: the tip's own, borrowed for the call. fn is called once, at once or
 * later. */
void kin_ask(struct web *web, const struct tip *tip, const json_t *entries,
    kin_fn fn, void *arg);

#endif
