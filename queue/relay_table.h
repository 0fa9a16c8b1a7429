/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay_table.h - the ids the relay has in hand, found by id and by
 * who is due next.
 *
 * Promise:   bounded from its birth: less than 100 bytes a record.
 * Knows not: what the times mean.
 * Pure, in memory.
 */
#ifndef TL_QUEUE_RELAY_TABLE_H
#define TL_QUEUE_RELAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "queue/rank.h"

#define RELAY_ID_BYTES 16u
#define RELAY_NONE     UINT32_MAX

struct relay_record {
	uint8_t id[RELAY_ID_BYTES];
	uint64_t known_ms; /* first heard of */
	uint64_t sent_ms;  /* last sent; if never, 0 */
	uint64_t due_ms;   /* to be sent then; while scheduled */
	uint32_t shuffle;  /* random: the order among those due together */
	uint32_t heap_at;  /* RELAY_NONE: not scheduled */
	uint32_t bytes;    /* sealed */
	uint8_t tries;     /* how often it was sent, up to 255 */
	uint8_t rank;      /* enum rank; may not change while scheduled */
	bool added;        /* Redis has said that it has what was sent last */
	bool used;
};

struct relay_table {
	struct relay_record *records; /* a number stands for one for its life */
	uint32_t cap, n;
	uint32_t *slots; /* by id: number + 1, or 0; a power of two */
	uint32_t n_slots;
	uint32_t *heaps[RANKS]; /* numbers; the first is due first */
	uint32_t n_heap[RANKS];
	uint32_t *spare; /* numbers that are free: cap - n of them */
	uint64_t seed;
};

/* Room for cap records (1 to 1,000,000). seed is random: ids may be chosen
 * by somebody who wants them to collide. TL_EINVAL, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err relay_table_init(
    struct relay_table *table, uint32_t cap, uint64_t seed);
void relay_table_free(struct relay_table *table);

/* The number of the record with this id, or RELAY_NONE. */
uint32_t relay_table_find(
    const struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES]);

/* Add a record that is not there; not scheduled. RELAY_NONE: full. */
uint32_t relay_table_add(
    struct relay_table *table, const uint8_t id[static RELAY_ID_BYTES]);
void relay_table_drop(struct relay_table *table, uint32_t number);

/* Schedule, or move, by the record's rank and shuffle. */
void relay_table_schedule(
    struct relay_table *table, uint32_t number, uint64_t due_ms);
void relay_table_unschedule(struct relay_table *table, uint32_t number);

/* The scheduled record of that rank that is due first, or RELAY_NONE; those due
 * at the same time come in random order. */
uint32_t relay_table_first(const struct relay_table *table, enum rank rank);

#endif
