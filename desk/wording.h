/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/wording.h - is a text that an officer wrote neutral enough for a
 * telephone that somebody else may hold?
 *
 * Promise:   links, codes and numbers, and the words by which tips are known
 *            to be urgent, are found in any alphabet. What gives a reporter
 * away in other words is not: people judge that. Knows not: who gets it. Runs
 * in:   the desk. Pure. Disk:      none.
 */
#ifndef TL_DESK_WORDING_H
#define TL_DESK_WORDING_H

#include <stdbool.h>

#include "base/bytes.h"
#include "text/keywords.h"

/* What is wrong with text, as a sentence, or NULL. keywords: the list by which
 * tips are judged. */
const char *wording_fault(const struct keywords *keywords, struct bytes text);

/* Is name in the text, however it is written? An empty one is not. */
bool wording_names(struct bytes text, const char *name);

#endif
