/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_index.h - in memory: which ids a ledger holds, and where.
 *
 * Grows with the ledger, 80 bytes a record. Knows no files.
 *
 * Ids are chosen by whoever can write to Redis: their places in the table
 * follow from a secret of this process, so that nobody can aim a million of
 * them at one place.
 */
#ifndef TL_QUEUE_LEDGER_INDEX_H
#define TL_QUEUE_LEDGER_INDEX_H

#include "queue/ledger.h"

#define LEDGER_SEED_BYTES 16u

struct ledger_item {
	uint64_t place; /* filled in by ledger_index_add() */
	uint64_t at;    /* byte in its file */
	uint32_t file;  /* number of its file */
	enum ledger_kind kind;
	uint8_t id[LEDGER_ID_BYTES];
	uint8_t hash[LEDGER_HASH_BYTES];
};

struct ledger_index {
	ledger_hash_fn hash;
	uint8_t seed[LEDGER_SEED_BYTES];
	struct ledger_item *items; /* in the order they came */
	size_t n, cap;
	uint32_t *slots; /* number of an item + 1, or 0; a power of two */
	size_t n_slots;
};

/* Begin, with a new secret. TL_EIO: the kernel gives none. */
TL_MUST_CHECK enum tl_err ledger_index_begin(
    struct ledger_index *index, ledger_hash_fn hash);

/* Make room for one more, so that the next ledger_index_add() cannot fail:
 * memory must not run out between the disk's word and ours. */
TL_MUST_CHECK enum tl_err ledger_index_room(struct ledger_index *index);
/* Add one. ledger_index_room() came before. */
void ledger_index_add(
    struct ledger_index *index, const struct ledger_item *item);
enum ledger_known ledger_index_find(const struct ledger_index *index,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES]);
/* Is there a record of this kind and id? */
bool ledger_index_has(const struct ledger_index *index, enum ledger_kind kind,
    const uint8_t id[static LEDGER_ID_BYTES]);
/* Free all. A zeroed struct is fine. */
void ledger_index_free(struct ledger_index *index);

#endif
