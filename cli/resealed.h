/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/resealed.h - which record of the ledger is shown in the place of a tip
 * whose epoch was destroyed, or that was sealed to others.
 *
 * Promise:   a record that was sealed again stands for one that cannot be
 *            opened any more, has the same id and came before it; for nothing
 *            else.
 * Knows not: envelopes, the ledger.
 * Runs in:   the tipline command.
 * Disk:      none.
 */
#ifndef TL_CLI_RESEALED_H
#define TL_CLI_RESEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RESEALED_ID_BYTES 16u

struct resealed_row;

/* Starts zeroed; end it with resealed_free(). */
struct resealed {
	struct resealed_row *rows;
	size_t n, room;
};

/* A tip as it came, which cannot be opened any more; whether an intake of ours
 * has signed it. One that is strange came from nobody knows whom, under an id
 * that it may have taken from a tip. */
TL_MUST_CHECK enum tl_err resealed_add_gone(struct resealed *set,
    const uint8_t id[static RESEALED_ID_BYTES], uint64_t number,
    bool is_strange, bool is_signed);

/* One that was sealed again. */
TL_MUST_CHECK enum tl_err resealed_add_again(struct resealed *set,
    const uint8_t id[static RESEALED_ID_BYTES], uint64_t number);

/* All have been added. */
void resealed_settle(struct resealed *set);

struct resealed_pair {
	uint64_t gone;  /* number of the one that cannot be opened */
	uint64_t again; /* number of the newest that stands for it */
	bool is_signed; /* the one that is gone was */
};

/* Find pairs from *at on, which starts at 0 and is moved. False: no more. */
bool resealed_next(
    const struct resealed *set, size_t *at, struct resealed_pair *ret_pair);

/* Whether what was sealed again under this id stands for one that was signed.
 */
bool resealed_is_signed(
    const struct resealed *set, const uint8_t id[static RESEALED_ID_BYTES]);

void resealed_free(struct resealed *set);

#endif
