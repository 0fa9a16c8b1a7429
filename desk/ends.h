/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/ends.h - why a tip is closed and what came of it: the codes, and what
 * each of them asks for.
 *
 * Promise:   what passes has a code of the list that fits where the case is,
 *            with what the code needs.
 * Knows not: sessions, the store, words of the tip.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_ENDS_H
#define TL_DESK_ENDS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "queue/case_table.h"

/* What an officer gave; empty where nothing was. */
struct ends_given {
	struct bytes disposition, outcome, reason, reporter_text;
	bool has_target;
};

/* NULL: the event may be tried; else a sentence for the officer. Of events
 * that end nothing it is NULL. */
const char *ends_judge(enum case_event event, enum case_state state,
    const struct ends_given *given);

#endif
