/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/further.h - further reply keys, found among the records of the ledger,
 * for the tips that they belong to. docs/FORMAT.md, "A further reply key".
 *
 * Promise:   a key is given to the tips with its form and to no others.
 * Knows not: envelopes, the ledger.
 * Runs in:   the tipline command.
 * Disk:      none.
 */
#ifndef TL_CLI_FURTHER_H
#define TL_CLI_FURTHER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "text/report.h"

struct further_key;

/* Starts zeroed; end it with further_free(). */
struct further {
	struct further_key *keys;
	uint8_t (*mailboxes)[REPORT_MAILBOX_BYTES];
	size_t n, room;
};

/* Remember one: reply has form and mailbox. Before further_sort() only. */
TL_MUST_CHECK enum tl_err further_add(
    struct further *further, const struct report_reply *reply);

/* All have been added. */
TL_MUST_CHECK enum tl_err further_sort(struct further *further);

/* Set the further mailboxes of a tip with reply in *context, which borrows
 * them. A tip without a form has none. */
void further_give(struct further *further, const struct report_reply *reply,
    struct report_context *context);

/* How many were never given to a tip. */
size_t further_left(const struct further *further);

void further_free(struct further *further);

#endif
