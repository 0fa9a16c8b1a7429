/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/relay_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 1000000u

enum tl_err relay_table_init(
    struct relay_table *table, uint32_t cap, uint64_t seed)
{
	uint32_t n_slots = 1;
	bool whole = true;

	*table = (struct relay_table){ .cap = cap, .seed = seed };
	if (cap == 0 || cap > RECORDS_MAX) {
		return TL_EINVAL;
	}
	while (n_slots < 2 * cap) {
		n_slots *= 2;
	}
	table->n_slots = n_slots;
	table->records = calloc(cap, sizeof(*table->records));
	table->slots = calloc(n_slots, sizeof(*table->slots));
	for (size_t i = 0; i < RANKS; i++) {
		table->heaps[i] = calloc(cap, sizeof(*table->heaps[i]));
		whole = whole && table->heaps[i] != NULL;
	}
	table->spare = calloc(cap, sizeof(*table->spare));
	if (table->records == NULL || table->slots == NULL || !whole ||
	    table->spare == NULL) {
		relay_table_free(table);
		return TL_ENOMEM;
	}
	for (uint32_t i = 0; i < cap; i++) {
		table->spare[i] = cap - 1 - i;
	}
	return TL_OK;
}

void relay_table_free(struct relay_table *table)
{
	free(table->records);
	free(table->slots);
	for (size_t i = 0; i < RANKS; i++) {
		free(table->heaps[i]);
	}
	free(table->spare);
	*table = (struct relay_table){ 0 };
}

static uint32_t home_of(
    const struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES])
{
	uint64_t a;
	uint64_t b;

	memcpy(&a, id, sizeof(a));
	memcpy(&b, id + sizeof(a), sizeof(b));
	a = (a ^ table->seed) * UINT64_C(0x9e3779b97f4a7c15);
	a = (a ^ (a >> 32) ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(a >> 32) & (table->n_slots - 1);
}

static uint32_t next_slot(const struct relay_table *table, uint32_t slot)
{
	return (slot + 1) & (table->n_slots - 1);
}

/* Where the id stands, or the free slot where it would. */
static uint32_t slot_of(
    const struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES])
{
	uint32_t slot = home_of(table, id);

	while (table->slots[slot] != 0 &&
	    memcmp(table->records[table->slots[slot] - 1].id, id,
		RELAY_ID_BYTES) != 0) {
		slot = next_slot(table, slot);
	}
	return slot;
}

uint32_t relay_table_find(
    const struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES])
{
	uint32_t slot = slot_of(table, id);

	return table->slots[slot] == 0 ? RELAY_NONE : table->slots[slot] - 1;
}

uint32_t relay_table_add(
    struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES])
{
	uint32_t slot = slot_of(table, id);
	uint32_t number;

	assert(table->slots[slot] == 0);
	if (table->n == table->cap) {
		return RELAY_NONE;
	}
	number = table->spare[table->cap - 1 - table->n];
	table->n++;
	table->slots[slot] = number + 1;
	table->records[number] =
	    (struct relay_record){ .used = true, .heap_at = RELAY_NONE };
	memcpy(table->records[number].id, id, RELAY_ID_BYTES);
	return number;
}

/* Close the gap, so that no search stops before what it looks for. */
static void free_slot(struct relay_table *table, uint32_t hole)
{
	uint32_t mask = table->n_slots - 1;
	uint32_t slot = hole;

	table->slots[hole] = 0;
	for (;;) {
		uint32_t home;

		slot = next_slot(table, slot);
		if (table->slots[slot] == 0) {
			return;
		}
		home =
		    home_of(table, table->records[table->slots[slot] - 1].id);
		/* may it stand in the hole, which is nearer to its home? */
		if (((slot - home) & mask) >= ((slot - hole) & mask)) {
			table->slots[hole] = table->slots[slot];
			table->slots[slot] = 0;
			hole = slot;
		}
	}
}

void relay_table_drop(struct relay_table *table, uint32_t number)
{
	struct relay_record *rec = &table->records[number];

	assert(rec->used);
	relay_table_unschedule(table, number);
	free_slot(table, slot_of(table, rec->id));
	rec->used = false;
	table->n--;
	table->spare[table->cap - 1 - table->n] = number;
}

static bool before(const struct relay_table *table, uint32_t a, uint32_t b)
{
	const struct relay_record *x = &table->records[a];
	const struct relay_record *y = &table->records[b];

	return x->due_ms != y->due_ms ? x->due_ms < y->due_ms
				      : x->shuffle < y->shuffle;
}

/* The heap that a record is in, or is to be in. */
static uint32_t *heap_of(const struct relay_table *table, uint32_t number)
{
	return table->heaps[table->records[number].rank];
}

static void place(struct relay_table *table, uint32_t at, uint32_t number)
{
	heap_of(table, number)[at] = number;
	table->records[number].heap_at = at;
}

static void sift_up(struct relay_table *table, uint32_t at, uint32_t number)
{
	const uint32_t *heap = heap_of(table, number);

	while (at > 0 && before(table, number, heap[(at - 1) / 2])) {
		place(table, at, heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(table, at, number);
}

static void sift_down(struct relay_table *table, uint32_t at, uint32_t number)
{
	const uint32_t *heap = heap_of(table, number);
	uint32_t n = table->n_heap[table->records[number].rank];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= n) {
			break;
		}
		if (child + 1 < n &&
		    before(table, heap[child + 1], heap[child])) {
			child++;
		}
		if (!before(table, heap[child], number)) {
			break;
		}
		place(table, at, heap[child]);
		at = child;
	}
	place(table, at, number);
}

void relay_table_schedule(
    struct relay_table *table, uint32_t number, uint64_t due_ms)
{
	struct relay_record *rec = &table->records[number];

	assert(rec->used && rec->rank < RANKS);
	rec->due_ms = due_ms;
	if (rec->heap_at == RELAY_NONE) {
		place(table, table->n_heap[rec->rank], number);
		table->n_heap[rec->rank]++;
	}
	sift_up(table, rec->heap_at, number);
	sift_down(table, rec->heap_at, number);
}

void relay_table_unschedule(struct relay_table *table, uint32_t number)
{
	uint8_t rank = table->records[number].rank;
	uint32_t at = table->records[number].heap_at;
	uint32_t last;

	if (at == RELAY_NONE) {
		return;
	}
	table->records[number].heap_at = RELAY_NONE;
	table->n_heap[rank]--;
	last = table->heaps[rank][table->n_heap[rank]];
	if (last == number) {
		return;
	}
	sift_up(table, at, last);
	sift_down(table, table->records[last].heap_at, last);
}

uint32_t relay_table_first(const struct relay_table *table, enum rank rank)
{
	return table->n_heap[rank] == 0 ? RELAY_NONE : table->heaps[rank][0];
}
