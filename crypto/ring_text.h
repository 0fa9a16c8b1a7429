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

#define RING_KIND        "team-ring"
#define RING_FRONT_BYTES 320u
#define RING_TIME_MAX_S  253402300799

struct ring {
	/* the first four lines; they change with the passphrase only */
	uint8_t front[RING_FRONT_BYTES];
	size_t front_len;
	size_t bound; /* how much of them is bound to the wrap */
	struct wrap wrap;
	uint64_t list_number;
	size_t n;
	struct ring_epoch epochs[RING_EPOCHS_MAX];
	struct team_key *teams[RING_EPOCHS_MAX]; /* made when asked for */
	uint8_t *key; /* secret memory; NULL while locked */
};

#endif
