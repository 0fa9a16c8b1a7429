/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/flood.h"

#include <stddef.h>
#include <stdlib.h>

#define WAYS 8u /* places that a sender may have */

struct sender {
	uint64_t hash;
	uint64_t last; /* message */
	int64_t since_s;
	unsigned n; /* 0: a free place */
};

struct flood {
	struct sender senders[FLOOD_SENDERS];
};

struct flood *flood_new(void)
{
	return calloc(1, sizeof(struct flood));
}

void flood_free(struct flood *flood)
{
	free(flood);
}

static bool is_over(const struct sender *sender, int64_t now_s)
{
	return sender->n == 0 || now_s < sender->since_s ||
	    now_s - sender->since_s >= FLOOD_WINDOW_S;
}

/* The sender's place, or the one to be given to it. */
static struct sender *find(struct flood *flood, uint64_t hash, int64_t now_s)
{
	struct sender *set =
	    &flood->senders[hash % (FLOOD_SENDERS / WAYS) * WAYS];
	struct sender *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == hash && !is_over(&set[i], now_s)) {
			return &set[i];
		}
		if (!is_over(oldest, now_s) &&
		    (is_over(&set[i], now_s) ||
			set[i].since_s < oldest->since_s)) {
			oldest = &set[i];
		}
	}
	*oldest = (struct sender){ .hash = hash, .since_s = now_s };
	return oldest;
}

bool flood_count(
    struct flood *flood, uint64_t sender, uint64_t message, int64_t now_s)
{
	struct sender *place = find(flood, sender, now_s);

	if (place->n == 0 || place->last != message) {
		place->n += place->n <= FLOOD_MESSAGES_MAX ? 1 : 0;
		place->last = message;
	}
	return place->n > FLOOD_MESSAGES_MAX;
}
