/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring_text.h - the inside of a ring, for the file that has its life
 * and the file that reads and prints it.
 *
 * Runs in:   where crypto/ring.h does.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_RING_TEXT_H
#define TL_CRYPTO_RING_TEXT_H

#include "crypto/ring.h"
#include "crypto/wrap.h"

#define RING_KIND       "team-ring"
#define RING_TIME_MAX_S 253402300799

struct ring_officer {
	char name[RING_NAME_BYTES + 1];
	/* from before there were officers: its wrap is bound to no name */
	bool is_nameless;
	struct wrap wrap;
};

struct ring {
	struct ring_officer officers[RING_OFFICERS_MAX];
	size_t n_officers;
	uint64_t list_number;
	size_t n;
	struct ring_epoch epochs[RING_EPOCHS_MAX];
	struct team_key *teams[RING_EPOCHS_MAX]; /* made when asked for */
	uint8_t *key; /* secret memory; NULL while locked */
};

/* Append what stands before an officer's wrap where it is bound: the file's
 * first line and the officer's. */
void ring_put_bound(struct buf *out, const struct ring_officer *officer);

#endif
