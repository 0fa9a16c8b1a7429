/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/taken.h - tips that their reporters took back at the desk, by the events
 * of this ledger.
 *
 * Promise:   of such a tip only what was written since is shown, as at the desk
 *            itself.
 * Knows not: keys, what is in a tip.
 * Runs in:   the tipline command.
 * Disk:      reads the ledger.
 */
#ifndef TL_CLI_TAKEN_H
#define TL_CLI_TAKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/case_table.h"
#include "queue/ledger.h"

struct taken_event;

/* Starts zeroed; end it with taken_free(). */
struct taken {
	struct taken_event *events; /* of all cases, while it is learnt */
	size_t n, room;
};

/* Learn of all events. TL_ENOMEM, and what the ledger says. */
TL_MUST_CHECK enum tl_err taken_learn(
    struct taken *taken, struct ledger *ledger);

/* The tip of this id was taken back. */
bool taken_is(
    const struct taken *taken, const uint8_t id[static CASE_ID_BYTES]);

/* The record of this id, with doc in it, came to the tip since then. */
bool taken_is_since(const struct taken *taken,
    const uint8_t tip[static CASE_ID_BYTES],
    const uint8_t id[static CASE_ID_BYTES], struct bytes doc);

void taken_free(struct taken *taken);

#endif
