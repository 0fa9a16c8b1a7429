/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/kin.h - what the other cases of a reporter say against getting in touch.
 *
 * Promise:   NO CONTACT on a duplicate, or on another case of the same number,
 *            is heard, be it an officer's, the reporter's wish, STOP, or the
 *            word for "I am watched"; so is that it cannot be known. That
 *            another case was taken back says nothing of this one.
 * Knows not: what is to be done with it.
 * Runs in:   the desk.
 * Disk:      none; the store reads the ledger.
 */
#ifndef TL_DESK_KIN_H
#define TL_DESK_KIN_H

#include <jansson.h>
#include <stdbool.h>

#include "desk/web.h"

/* From what stops least to what stops most: of several it is the last. */
enum kin_word {
	KIN_SILENT,
	KIN_NO_CONTACT, /* one of them says so */
	KIN_SEALED,     /* something written on one cannot be read here */
	KIN_MANY,       /* more than can be looked at */
	KIN_UNKNOWN,    /* not just now: try again */
};

typedef void (*kin_fn)(struct web *web, enum kin_word word, void *arg);

/* entries: the tip's own, borrowed for the call. fn is called once, at once or
 * later. */
void kin_ask(struct web *web, const struct tip *tip, const json_t *entries,
    kin_fn fn, void *arg);

#endif
