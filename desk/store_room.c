/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whether the ledger's disk has room. It is asked before anything is read from
 * the queue: what is not read is not owed, and waits there, in Redis and in the
 * spools, for as long as it takes. Tips stop first, so that officers can go on
 * with those that are here.
 */
#include "base/clock.h"
#include "base/log.h"
#include "desk/store_inside.h"

/* Below it nothing is begun that ends in the ledger: a change that is in Redis
 * and not there would be told as done to nobody. An event has 64 KiB. */
#define LEAST_BYTES (UINT64_C(1) << 20)
/* Of a disk that says that it has room, and has none for us: a quota. */
#define AGAIN_MS 10000u

static enum store_room judge(const struct store *store, uint64_t free_bytes)
{
	uint64_t min_free = store->config->desk.min_free_bytes;

	if (free_bytes < LEAST_BYTES ||
	    clock_mono_ms() < store->full_until_ms) {
		return STORE_ROOM_NONE;
	}
	if (store->state.room != STORE_ROOM) {
		min_free += min_free / 4; /* not on and off all the time */
	}
	return free_bytes < min_free ? STORE_ROOM_LOW : STORE_ROOM;
}

enum store_room store_room(struct store *store)
{
	static const enum log_event events[] = {
		[STORE_ROOM] = LOG_LEDGER_ROOM,
		[STORE_ROOM_LOW] = LOG_LEDGER_LOW,
		[STORE_ROOM_NONE] = LOG_LEDGER_FULL,
	};
	uint64_t free_bytes = ledger_free_bytes(store->ledger);
	enum store_room room = judge(store, free_bytes);

	if (room != store->state.room) {
		store->state.room = (uint8_t)room;
		store->state_changed = true;
		log_event(events[room], (long long)(free_bytes >> 20), 0);
	}
	return room;
}

void store_no_room(struct store *store)
{
	store->full_until_ms = clock_mono_ms() + AGAIN_MS;
	(void)store_room(store);
}
