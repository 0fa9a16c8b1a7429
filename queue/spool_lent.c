/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_lent.h"

#include <assert.h>
#include <string.h>

#define MASK (SPOOL_LENT_SLOTS - 1u)

static size_t home_of(uint64_t slot)
{
	return (size_t)(slot >> 1) & MASK;
}

/* The slot that holds key, or the free one where it would go. */
static size_t find(const struct spool_lent_set *set, int64_t key)
{
	size_t at = (size_t)key & MASK;

	while (set->slots[at] != 0 && set->slots[at] >> 1 != (uint64_t)key) {
		at = (at + 1) & MASK;
	}
	return at;
}

bool spool_lent_has(const struct spool_lent_set *set, int64_t key)
{
	return set->slots[find(set, key)] != 0;
}

void spool_lent_add(struct spool_lent_set *set, int64_t key, bool urgent)
{
	size_t at = find(set, key);

	assert(key > 0 && set->slots[at] == 0);
	assert(set->n < SPOOL_LENT_SLOTS / 2);
	set->slots[at] = (uint64_t)key << 1 | (urgent ? 1u : 0u);
	set->n++;
	set->n_of[spool_rank(key, urgent)]++;
}

void spool_lent_remove(struct spool_lent_set *set, int64_t key)
{
	size_t hole = find(set, key);

	if (set->slots[hole] == 0) {
		return;
	}
	set->n--;
	set->n_of[spool_rank(key, (set->slots[hole] & 1u) != 0)]--;
	/* Close the gap: who could not sit at home because of us moves up. */
	for (size_t at = (hole + 1) & MASK; set->slots[at] != 0;
	     at = (at + 1) & MASK) {
		size_t home = home_of(set->slots[at]);

		if (((at - home) & MASK) >= ((at - hole) & MASK)) {
			set->slots[hole] = set->slots[at];
			hole = at;
		}
	}
	set->slots[hole] = 0;
}

void spool_lent_clear(struct spool_lent_set *set)
{
	if (set->n > 0) { /* a mebibyte, and whoever asks may ask often */
		memset(set->slots, 0, SPOOL_LENT_SLOTS * sizeof(set->slots[0]));
	}
	set->n = 0;
	memset(set->n_of, 0, sizeof(set->n_of));
}
