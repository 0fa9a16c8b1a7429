/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/texts.h - texts to telephones as they stand on a case: orders, and what
 * came of them.
 *
 * Promise:   an order without an outcome that no process of ours is at work on
 *            is unknown, and never anything better.
 * Runs in:   the desk's web process.
 * Disk:      none.
 *
 * An order is an entry {kind: sms, once, ...}, its outcome {kind: sms-outcome,
 * once, outcome, ...}; see docs/desk-openapi.yaml.
 */
#ifndef TL_DESK_TEXTS_H
#define TL_DESK_TEXTS_H

#include <jansson.h>

#include "desk/contact.h"
#include "desk/web.h"

/* Fill of contact what it says of hours and of this day's texts. */
void texts_when(struct web *web, const char *number, unsigned country,
    struct contact_case *contact);

/* taken, later, refused, never, unknown. */
const char *texts_word(enum send_said said);

/* Give each order in a list of entries its `outcome`: that of its outcome, else
 * sending or unknown. */
void texts_tell(const struct web *web, json_t *entries);

/* The outcome of the order called once, after texts_tell(); NULL: there is no
 * such order. Borrows from entries. */
const char *texts_outcome(const json_t *entries, const char *once);

/* This process is at work on an order, until texts_end(). False: memory is
 * out. */
bool texts_begin(struct web *web, const char *once);
/* What came of it; called once its outcome is written, or could not be. */
void texts_end(struct web *web, const char *once, enum send_said said);

/* It was not ordered after all. */
void texts_forget(struct web *web, const char *once);

/* What this process knows of it: sending, or what came of it, for a while;
 * NULL: nothing. */
const char *texts_known(const struct web *web, const char *once);

/* What is left at the end of the process. */
void texts_free(struct web *web);

#endif
