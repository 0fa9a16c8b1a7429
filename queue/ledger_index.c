/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/ledger_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_ITEMS 256u

enum tl_err ledger_index_begin(struct ledger_index *index, ledger_hash_fn hash)
{
	*index = (struct ledger_index){ .hash = hash };
	return getrandom(index->seed, sizeof(index->seed), 0) ==
		(ssize_t)sizeof(index->seed)
	    ? TL_OK
	    : TL_EIO;
}

static uint64_t place_of(
    const struct ledger_index *index, const uint8_t id[static LEDGER_ID_BYTES])
{
	uint8_t msg[LEDGER_SEED_BYTES + LEDGER_ID_BYTES];
	uint8_t hash[LEDGER_HASH_BYTES];
	uint64_t place;

	memcpy(msg, index->seed, LEDGER_SEED_BYTES);
	memcpy(msg + LEDGER_SEED_BYTES, id, LEDGER_ID_BYTES);
	index->hash(hash, msg, sizeof(msg));
	memcpy(&place, hash, sizeof(place));
	return place;
}

static void put_slot(struct ledger_index *index, size_t number)
{
	size_t slot = (size_t)index->items[number].place & (index->n_slots - 1);

	while (index->slots[slot] != 0) {
		slot = (slot + 1) & (index->n_slots - 1);
	}
	index->slots[slot] = (uint32_t)(number + 1);
}

enum tl_err ledger_index_room(struct ledger_index *index)
{
	size_t cap = index->cap == 0 ? FIRST_ITEMS : index->cap * 2;
	struct ledger_item *items;
	uint32_t *slots;

	if (index->n < index->cap) {
		return TL_OK;
	}
	if (cap > UINT32_MAX / 4) {
		return TL_EFULL;
	}
	slots = calloc(cap * 2, sizeof(*slots));
	items = realloc(index->items, cap * sizeof(*items));
	if (items != NULL) {
		index->items = items;
	}
	if (slots == NULL || items == NULL) {
		free(slots);
		return TL_ENOMEM;
	}
	free(index->slots);
	index->slots = slots;
	index->n_slots = cap * 2;
	index->cap = cap;
	for (size_t i = 0; i < index->n; i++) {
		put_slot(index, i);
	}
	return TL_OK;
}

void ledger_index_add(
    struct ledger_index *index, const struct ledger_item *item)
{
	assert(index->n < index->cap);
	index->items[index->n] = *item;
	index->items[index->n].place = place_of(index, item->id);
	put_slot(index, index->n);
	index->n++;
}

enum ledger_known ledger_index_find(const struct ledger_index *index,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES])
{
	enum ledger_known known = LEDGER_NEW;
	size_t slot;

	if (index->n == 0) {
		return LEDGER_NEW;
	}
	slot = (size_t)place_of(index, id) & (index->n_slots - 1);
	for (; index->slots[slot] != 0;
	     slot = (slot + 1) & (index->n_slots - 1)) {
		const struct ledger_item *item =
		    &index->items[index->slots[slot] - 1];

		/* What was made here did not come: nothing is its repeat. */
		if (memcmp(item->id, id, LEDGER_ID_BYTES) != 0 ||
		    (item->kind != LEDGER_TIP &&
			item->kind != LEDGER_QUARANTINE)) {
			continue;
		}
		if (memcmp(item->hash, hash, LEDGER_HASH_BYTES) == 0) {
			return LEDGER_SAME;
		}
		/* An id that is only in quarantine does not count: whoever
		 * injects could take a tip's id before the tip comes. */
		if (item->kind == LEDGER_TIP) {
			known = LEDGER_OTHER;
		}
	}
	return known;
}

bool ledger_index_has(const struct ledger_index *index, enum ledger_kind kind,
    const uint8_t id[static LEDGER_ID_BYTES])
{
	size_t slot;

	if (index->n == 0) {
		return false;
	}
	slot = (size_t)place_of(index, id) & (index->n_slots - 1);
	for (; index->slots[slot] != 0;
	     slot = (slot + 1) & (index->n_slots - 1)) {
		const struct ledger_item *item =
		    &index->items[index->slots[slot] - 1];

		if (item->kind == kind &&
		    memcmp(item->id, id, LEDGER_ID_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

void ledger_index_free(struct ledger_index *index)
{
	free(index->items);
	free(index->slots);
	*index = (struct ledger_index){ 0 };
}
