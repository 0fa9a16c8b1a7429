/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/throttle.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"

/* A name at a source, by its hash: nobody's name stays in memory here. */
struct pair {
	uint64_t hash; /* 0: free */
	unsigned wrong;
	uint64_t last_ms; /* the last wrong try */
};

struct throttle {
	uint8_t key[HASH_SHORT_KEY_BYTES];
	struct pair pairs[THROTTLE_PAIRS];
	uint64_t strangers_ms; /* then all their tries are paid for */
};

enum tl_err throttle_new(struct throttle **ret)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));

	if (throttle == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(throttle->key, sizeof(throttle->key));
	*ret = throttle;
	return TL_OK;
}

void throttle_free(struct throttle *throttle)
{
	if (throttle != NULL) {
		wipe(throttle, sizeof(*throttle));
		free(throttle);
	}
}

/* Two hashes of bounded input: neither half can be mistaken for the other. */
static uint64_t hash_of(
    const struct throttle *throttle, struct bytes name, struct bytes source)
{
	uint64_t halves[2] = {
		hash_short(throttle->key, name.at, name.len),
		hash_short(throttle->key, source.at, source.len),
	};
	uint64_t hash = hash_short(throttle->key, halves, sizeof(halves));

	return hash == 0 ? 1 : hash;
}

static struct pair *find(const struct throttle *throttle, uint64_t hash)
{
	for (size_t i = 0; i < THROTTLE_PAIRS; i++) {
		if (throttle->pairs[i].hash == hash) {
			return (struct pair *)(uintptr_t)&throttle->pairs[i];
		}
	}
	return NULL;
}

static uint64_t delay_ms(unsigned wrong)
{
	uint64_t delay = 1000;

	if (wrong < THROTTLE_FREE) {
		return 0;
	}
	for (unsigned i = THROTTLE_FREE; i < wrong; i++) {
		delay =
		    delay >= THROTTLE_MAX_MS / 2 ? THROTTLE_MAX_MS : delay * 2;
	}
	return delay;
}

uint64_t throttle_wait_ms(const struct throttle *throttle, struct bytes name,
    struct bytes source, uint64_t now_ms)
{
	const struct pair *pair =
	    find(throttle, hash_of(throttle, name, source));
	uint64_t since_ms = pair == NULL ? 0 : now_ms - pair->last_ms;
	uint64_t delay = 0;

	if (pair != NULL && since_ms < THROTTLE_FORGET_MS) {
		delay = delay_ms(pair->wrong);
	}
	return delay > since_ms ? delay - since_ms : 0;
}

/* A free place, or that of who was wrong longest ago. */
static struct pair *take_place(struct throttle *throttle)
{
	struct pair *oldest = &throttle->pairs[0];

	for (size_t i = 0; i < THROTTLE_PAIRS; i++) {
		struct pair *pair = &throttle->pairs[i];

		if (pair->hash == 0) {
			return pair;
		}
		if (pair->last_ms < oldest->last_ms) {
			oldest = pair;
		}
	}
	return oldest;
}

void throttle_wrong(struct throttle *throttle, struct bytes name,
    struct bytes source, uint64_t now_ms)
{
	uint64_t hash = hash_of(throttle, name, source);
	struct pair *pair = find(throttle, hash);

	if (pair == NULL) {
		pair = take_place(throttle);
		*pair = (struct pair){ .hash = hash };
	} else if (now_ms - pair->last_ms >= THROTTLE_FORGET_MS) {
		pair->wrong = 0;
	}
	pair->wrong += pair->wrong < 1000;
	pair->last_ms = now_ms;
}

void throttle_right(
    struct throttle *throttle, struct bytes name, struct bytes source)
{
	struct pair *pair = find(throttle, hash_of(throttle, name, source));

	if (pair != NULL) {
		*pair = (struct pair){ .hash = 0 };
	}
}

uint64_t throttle_strangers_wait_ms(
    const struct throttle *throttle, uint64_t now_ms)
{
	const uint64_t free_ms = THROTTLE_STRANGERS * THROTTLE_STRANGER_MS;
	uint64_t left_ms = throttle->strangers_ms > now_ms
	    ? throttle->strangers_ms - now_ms
	    : 0;

	return left_ms > free_ms ? left_ms - free_ms : 0;
}

void throttle_stranger_wrong(struct throttle *throttle, uint64_t now_ms)
{
	if (throttle->strangers_ms < now_ms) {
		throttle->strangers_ms = now_ms;
	}
	throttle->strangers_ms += THROTTLE_STRANGER_MS;
}
