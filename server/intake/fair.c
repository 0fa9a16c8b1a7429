/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A share is a clock that each use puts forward by the time one use is worth;
 * it may be as far ahead of the wall as the burst is worth (GCRA). One number
 * a bucket, and nothing to be cleared when a window ends.
 */
#include "server/intake/fair.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#define FIRST_BUCKET 2u
#define PREFIX_BYTES 8u /* the family, and a /56 */
#define MINUTE_MS    60000u
#define ALL_BURST    2u /* minutes' worth of everybody's forms */

/* 200 tickets each second for as long as one lasts, of each kind. */
#define USED_SETS  65536u
#define USED_WAYS  4u
#define USED_TIMES UINT64_C(0xff)
#define USED_S     UINT64_C(0xffffff00)

struct fair_shared {
	/* Written while others read: who reads half of a new key counts one
	 * form elsewhere. */
	_Atomic uint64_t key[2];
	_Atomic uint64_t key_until_ms;
	_Atomic uint64_t all_ms;
	_Atomic uint64_t attacked_until_ms;
	_Atomic uint64_t ahead_ms[FAIR_KINDS][FAIR_BUCKETS];
	/* A ticket's number, when it was used first, how often. */
	_Atomic uint64_t used[FAIR_KINDS][USED_SETS][USED_WAYS];
};

/* ---- life ---------------------------------------------------------------- */

static void new_key(struct fair_shared *shared)
{
	uint64_t key[2];

	random_bytes((uint8_t *)key, sizeof(key));
	atomic_store(&shared->key[0], key[0]);
	atomic_store(&shared->key[1], key[1]);
	wipe(key, sizeof(key));
}

struct fair_shared *fair_shared_new(void)
{
	struct fair_shared *shared = mmap(NULL, sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		return NULL;
	}
	(void)madvise(shared, sizeof(*shared), MADV_DONTDUMP);
	new_key(shared);
	return shared;
}

void fair_shared_free(struct fair_shared *shared)
{
	if (shared != NULL) {
		wipe(shared, sizeof(*shared));
		(void)munmap(shared, sizeof(*shared));
	}
}

static void forget(_Atomic uint64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* a page that was never touched stays so */
		if (atomic_load(&at[i]) != 0) {
			atomic_store(&at[i], 0);
		}
	}
}

void fair_turn(const struct fair *fair, uint64_t now_ms)
{
	struct fair_shared *shared = fair->shared;
	uint64_t until_ms = atomic_load(&shared->key_until_ms);

	/* further off than it can be: somebody who was taken over has written
	 * it there, and knows the key */
	if ((now_ms < until_ms && until_ms - now_ms <= 2 * FAIR_KEY_MS) ||
	    !atomic_compare_exchange_strong(
		&shared->key_until_ms, &until_ms, now_ms + FAIR_KEY_MS)) {
		return; /* not yet, or another worker does it */
	}
	if (until_ms == 0) {
		return; /* the first hour begins */
	}
	new_key(shared);
	for (size_t kind = 0; kind < FAIR_KINDS; kind++) {
		forget(shared->ahead_ms[kind], FAIR_BUCKETS);
		for (size_t set = 0; set < USED_SETS; set++) {
			forget(shared->used[kind][set], USED_WAYS);
		}
	}
}

/* ---- buckets ------------------------------------------------------------- */

static uint64_t number_of(
    const struct fair *fair, const void *bytes, uint64_t n)
{
	uint64_t key[2] = { atomic_load(&fair->shared->key[0]),
		atomic_load(&fair->shared->key[1]) };
	uint8_t key_bytes[HASH_SHORT_KEY_BYTES];
	uint64_t hash;

	memcpy(key_bytes, key, sizeof(key_bytes));
	hash = hash_short(key_bytes, bytes, n);
	wipe(key, sizeof(key));
	wipe(key_bytes, sizeof(key_bytes));
	return hash;
}

uint16_t fair_bucket_of(const struct fair *fair, const void *bytes, uint64_t n)
{
	return (uint16_t)(FIRST_BUCKET +
	    number_of(fair, bytes, n) % (FAIR_BUCKETS - FIRST_BUCKET));
}

/* This host, or a network that has no place in the internet. */
static bool is_near_v4(const uint8_t a[static 4])
{
	return a[0] == 0 || a[0] == 10 || a[0] == 127 ||
	    (a[0] == 169 && a[1] == 254) ||
	    (a[0] == 172 && (a[1] & 0xf0) == 16) ||
	    (a[0] == 192 && a[1] == 168);
}

static bool is_near_v6(const uint8_t a[static 16])
{
	static const uint8_t zeros[15];

	return (memcmp(a, zeros, sizeof(zeros)) == 0 && a[15] <= 1) ||
	    (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

/* False: it is near. */
static bool read_v4(
    const uint8_t a[static 4], uint8_t ret_prefix[static PREFIX_BYTES])
{
	ret_prefix[0] = 4;
	memcpy(ret_prefix + 1, a, 3);
	return !is_near_v4(a);
}

static bool read_v6(
    const uint8_t a[static 16], uint8_t ret_prefix[static PREFIX_BYTES])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(a, mapped, sizeof(mapped)) == 0) {
		return read_v4(a + sizeof(mapped), ret_prefix);
	}
	ret_prefix[0] = 6;
	memcpy(ret_prefix + 1, a, 7);
	return !is_near_v6(a);
}

uint16_t fair_bucket(const struct fair *fair, const struct sockaddr *peer)
{
	const void *at = peer;
	const struct sockaddr_in *v4 = at;
	const struct sockaddr_in6 *v6 = at;
	uint8_t prefix[PREFIX_BYTES] = { 0 };
	uint16_t bucket = FAIR_FREE;
	bool is_far = fair->counts_near;

	if (peer->sa_family == AF_INET) {
		is_far =
		    read_v4((const uint8_t *)&v4->sin_addr, prefix) || is_far;
	} else if (peer->sa_family == AF_INET6) {
		is_far = read_v6(v6->sin6_addr.s6_addr, prefix) || is_far;
	} else {
		is_far = false;
	}
	if (is_far) {
		bucket = fair_bucket_of(fair, prefix, sizeof(prefix));
	}
	wipe(prefix, sizeof(prefix));
	return bucket;
}

/* ---- shares -------------------------------------------------------------- */

struct share {
	uint64_t each_ms;  /* one use is worth */
	uint64_t burst_ms; /* so far ahead it may be */
};

static struct share share_of(
    const struct fair *fair, enum fair_kind kind, uint16_t bucket)
{
	uint64_t times = bucket == FAIR_ONION ? FAIR_ONION_FOR : 1;
	struct share share = { .each_ms = FAIR_FORM_MS };

	switch (kind) {
	case FAIR_CODES:
		share.each_ms = FAIR_CODES_MS / fair->code_tries;
		share.burst_ms = FAIR_CODES_MS;
		break;
	case FAIR_FORMS:
	case FAIR_KINDS:
		share.burst_ms = (uint64_t)FAIR_FORMS_BURST * FAIR_FORM_MS;
		break;
	}
	share.each_ms /= times;
	return share;
}

/* Put a clock forward; how far it is ahead of what may be. */
static uint64_t put_forward(
    _Atomic uint64_t *ahead, struct share share, uint64_t now_ms)
{
	uint64_t before = atomic_load(ahead);
	uint64_t after, most = now_ms + share.burst_ms;

	do {
		after = (before > now_ms ? before : now_ms) + share.each_ms;
		if (after > most + FAIR_WAIT_MAX_MS) {
			after = most + FAIR_WAIT_MAX_MS;
		}
	} while (!atomic_compare_exchange_weak(ahead, &before, after));
	return after > most ? after - most : 0;
}

uint64_t fair_count(const struct fair *fair, enum fair_kind kind,
    uint16_t bucket, uint64_t now_ms)
{
	if (bucket == FAIR_FREE) {
		return 0;
	}
	return put_forward(&fair->shared->ahead_ms[kind][bucket],
	    share_of(fair, kind, bucket), now_ms);
}

/*
 * With a clock for each bucket, as above, tickets of a crowd would use up the
 * places of those that nobody has used. So who is new takes the place of the
 * one of its set that is the oldest; that one may then be used again, which is
 * worth no more than the ticket that it took.
 */
bool fair_use(const struct fair *fair, enum fair_kind kind, const void *ticket,
    uint64_t n, uint64_t now_ms)
{
	uint64_t number = number_of(fair, ticket, n);
	_Atomic uint64_t *set = fair->shared->used[kind][number % USED_SETS];
	uint64_t name = number & ~(USED_S | USED_TIMES);
	uint64_t oldest = UINT64_MAX;
	size_t at = 0;

	for (size_t i = 0; i < USED_WAYS; i++) {
		uint64_t use = atomic_load(&set[i]);

		if ((use & USED_TIMES) != 0 &&
		    (use & ~(USED_S | USED_TIMES)) == name) {
			if ((use & USED_TIMES) >= FAIR_TICKET_USES) {
				return false;
			}
			(void)atomic_fetch_add(&set[i], 1);
			return true;
		}
		if ((use & USED_S) < oldest) {
			oldest = use & USED_S;
			at = i;
		}
	}
	atomic_store(&set[at], name | (now_ms / 1000 << 8 & USED_S) | 1);
	return true;
}

bool fair_count_all(const struct fair *fair, uint64_t now_ms)
{
	struct fair_shared *shared = fair->shared;
	struct share share = { 0 };
	uint64_t until_ms;

	if (fair->forms_minute == 0) {
		return false;
	}
	share.each_ms = MINUTE_MS / fair->forms_minute;
	share.burst_ms =
	    (uint64_t)ALL_BURST * fair->forms_minute * share.each_ms;
	if (put_forward(&shared->all_ms, share, now_ms) == 0) {
		return false;
	}
	until_ms = atomic_exchange(
	    &shared->attacked_until_ms, now_ms + FAIR_ATTACK_LAST_MS);
	return until_ms < now_ms;
}

bool fair_is_attacked(const struct fair *fair, uint64_t now_ms)
{
	uint64_t until_ms = atomic_load(&fair->shared->attacked_until_ms);

	/* another worker's clock may be a moment ahead, and no more */
	return fair->forms_minute == 0 ||
	    (until_ms > now_ms && until_ms - now_ms <= 2 * FAIR_ATTACK_LAST_MS);
}
