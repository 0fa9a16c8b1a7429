/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/wishes.h - reporters who want their messages gone: passed on to all
 * intake hosts. The one where they said so has deleted them already.
 *
 * Promise:   each wish is carried out once, also if a run was cut off: the
 *            deletion has the id of the record with the wish, and is in the
 *            ledger when it was sent.
 * Runs in:   the tipline command.
 * Disk:      reads and appends to the ledger.
 */
#ifndef TL_CLI_WISHES_H
#define TL_CLI_WISHES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "cli/reply_out.h"

struct wish;

/* Starts zeroed; end it with wishes_free(). */
struct wishes {
	struct wish *at;
	size_t n, room;
};

/* Remember what the report of record id wants. It was signed by an intake of
 * ours: nobody else deletes. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err wishes_add(struct wishes *wishes,
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes report);

/* Carry out what was not yet; not within ledger_each(). What is wrong was
 * said. */
TL_MUST_CHECK enum tl_err wishes_carry_out(
    struct wishes *wishes, struct reply_out *out);

void wishes_free(struct wishes *wishes);

#endif
