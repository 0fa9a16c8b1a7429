/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_lent.h - which records are lent: a set of keys, in memory only.
 *
 * Keys are positive 63-bit numbers, random by birth, so they are their own
 * hash. The size is fixed: nothing is allocated after the start.
 */
#ifndef TL_QUEUE_SPOOL_LENT_H
#define TL_QUEUE_SPOOL_LENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/rank.h"

/* Keys from here on are those of pieces of files: one look at a key, which
 * indexes have, tells that its row is none that goes before. */
#define SPOOL_PIECE_KEY (INT64_C(1) << 62)

/* Twice SPOOL_LENT_MAX: a free slot is always near. */
#define SPOOL_LENT_SLOTS 131072u

struct spool_lent_set {
	uint64_t *slots; /* key << 1 | urgent; 0 is free; owned by the spool */
	size_t n;
	size_t n_of[RANKS]; /* of them */
};

static inline enum rank spool_rank(int64_t key, bool urgent)
{
	return urgent                ? RANK_URGENT
	    : key >= SPOOL_PIECE_KEY ? RANK_PIECE
				     : RANK_TEXT;
}

bool spool_lent_has(const struct spool_lent_set *set, int64_t key);

/* The key is not in the set, and n is below half of SPOOL_LENT_SLOTS. */
void spool_lent_add(struct spool_lent_set *set, int64_t key, bool urgent);

/* That the key is not in the set is fine. */
void spool_lent_remove(struct spool_lent_set *set, int64_t key);

void spool_lent_clear(struct spool_lent_set *set);

#endif
