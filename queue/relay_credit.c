/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay_credit.c - how much may be in Redis, so that there is always
 * room for what is more urgent than what is there.
 *
 * What strangers send decides how full Redis is, and a Redis that is full
 * takes the urgent tip no more than any other. So each rank stops before the
 * one in front of it: at a part of the records and bytes that may be without
 * a receipt, and at a part of Redis' memory, which is measured, since entries
 * that a desk has acknowledged stand there too until they are trimmed. What
 * was sent since is counted beside it: a small Redis is full before it is
 * measured again.
 */
#include "queue/relay_inside.h"

/* Percent of each limit at which a rank stops. */
static const unsigned stops_at[RANKS] = {
	[RANK_URGENT] = 100,
	[RANK_TEXT] = 75,
	[RANK_PIECE] = 50,
};

/* What is measured is more than what was sent: what has no receipt gets a
 * quarter of the memory. */
#define CREDIT_PART 4u
/* Redis was full: what is urgent is tried again at once, a text after this,
 * and a piece after ten times this. */
#define FULL_MS      60000u
#define HELD_MS      1000u  /* while a rank waits for memory: look again */
#define LOOK_MS      10000u /* else */
#define SAY_AGAIN_MS 600000u

static uint64_t part_of(uint64_t all, enum rank rank)
{
	return all / 100 * stops_at[rank] + all % 100 * stops_at[rank] / 100;
}

uint32_t relay_room_for(const struct relay *relay, enum rank rank)
{
	/* at least one, of a credit that is tiny */
	uint64_t most = part_of(relay->table.cap + 1, rank);

	if (relay->bytes >=
	    part_of(relay->opts.memory_bytes / CREDIT_PART, rank)) {
		return 0;
	}
	most = relay_earlier(most, relay->table.cap);
	return relay->table.n < most ? (uint32_t)most - relay->table.n : 0;
}

/* One that is not urgent. */
static bool goes(const struct relay *relay, uint64_t now_ms, enum rank rank)
{
	static const unsigned times[RANKS] = { 0, 1, 10 };

	return relay->used_bytes + relay->beside <
	    part_of(relay->opts.memory_bytes, rank) &&
	    (relay->full_ms == 0 ||
		now_ms - relay->full_ms >= times[rank] * FULL_MS);
}

bool relay_may_send(const struct relay *relay, enum rank rank)
{
	return rank < relay->going;
}

/* Urgent ones are tried whatever was measured: Redis itself says no. */
static void set_going(struct relay *relay, uint64_t now_ms)
{
	relay->going = RANK_URGENT + 1;
	while (relay->going < RANKS &&
	    goes(relay, now_ms, (enum rank)relay->going)) {
		relay->going++;
	}
}

/* The allocator rounds up: by a fifth, for a piece of a file. */
uint32_t relay_weight(size_t bytes)
{
	return (uint32_t)(bytes + bytes / 4);
}

void relay_weigh(struct relay *relay, uint64_t now_ms, uint32_t weight)
{
	relay->beside += weight;
	relay->beside_next += weight;
	if (relay->going > 0) {
		set_going(relay, now_ms);
	}
}

uint64_t relay_in_flight(const struct relay *relay)
{
	uint64_t weight = 0;

	for (unsigned i = 0; i < relay->flight_n; i++) {
		unsigned at = (relay->flight_at + i) % RELAY_FLIGHT_MAX;

		weight += relay->flight_weight[at];
	}
	return weight;
}

/* What is not answered goes by other connections: it may be there or not. So
 * may what was on its way when we parted with Redis. */
void relay_measure(struct relay *relay, uint64_t now_ms)
{
	if (!relay->measure_open) {
		relay_redis_owes(relay, now_ms);
		relay->measure_open = true;
		relay->beside_next = relay->adrift + relay_in_flight(relay);
		relay->adrift = 0;
		relay_act(relay, RELAY_DO_MEASURE);
	}
}

static void say_held(struct relay *relay, uint64_t now_ms)
{
	if (relay->held_said_ms == 0 ||
	    now_ms - relay->held_said_ms >= SAY_AGAIN_MS) {
		relay->held_said_ms = now_ms;
		relay_say(relay, LOG_REDIS_HEAVY,
		    (long long)((relay->used_bytes + relay->beside) * 100 /
			relay->opts.memory_bytes),
		    (long long)relay->going);
	}
}

void relay_redis_measured(
    struct relay *relay, uint64_t now_ms, uint64_t used_bytes)
{
	if (!relay->measure_open) {
		return;
	}
	relay->measure_open = false;
	if (relay->flight_n == 0 && relay->waits_open == 0) {
		relay->answer_ms = now_ms; /* else it says nothing of those */
	}
	relay->used_bytes = used_bytes;
	relay->beside = relay->beside_next;
	set_going(relay, now_ms);
	if (used_bytes == 0 && !relay->unmeasured_said) {
		relay->unmeasured_said = true;
		relay_say(relay, LOG_REDIS_UNMEASURED, 0, 0);
	}
	if (relay->going < RANKS) {
		say_held(relay, now_ms);
		relay->measure_ms = now_ms + HELD_MS;
	} else {
		relay->measure_ms = now_ms + LOOK_MS;
	}
	relay_drive(relay, now_ms);
}
