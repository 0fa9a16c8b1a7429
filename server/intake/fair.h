/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/fair.h - has somebody's network had its share?
 *
 * Promise:   knows networks (a /24 of IPv4, a /56 of IPv6) as numbers that a
 *            key makes of them; the key comes from chance at the start and is
 *            another one each hour, and then all counts begin anew. Nothing is
 *            refused here: it says how long somebody has to wait for a turn,
 *            never longer than FAIR_WAIT_MAX_MS. Memory is fixed.
 * Knows not: forms, codes; who asks. No address outlives fair_bucket().
 * Runs in:   the parent makes it, the workers share it: one network has one
 *            share, whichever worker it meets. The only memory that processes
 *            share. A worker that was taken over can make others wait, and
 *            nothing else; a quarter of an hour after its end no more.
 * Disk:      none; left out of core dumps.
 */
#ifndef TL_INTAKE_FAIR_H
#define TL_INTAKE_FAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sockaddr;

#define FAIR_WAIT_MAX_MS (15u * 60u * 1000u)
#define FAIR_KEY_MS      (60u * 60u * 1000u)

#define FAIR_BUCKETS 65536u
/* Not a network of its own: the host itself, a balancer. Not counted. */
#define FAIR_FREE 0u
/* All who come by a unix socket, as those by Tor: one large share. */
#define FAIR_ONION     1u
#define FAIR_ONION_FOR 20u /* networks */

enum fair_kind {
	FAIR_FORMS, /* what makes a record */
	FAIR_CODES, /* receipt codes that are entered */
	FAIR_KINDS
};

#define FAIR_FORMS_BURST    30u
#define FAIR_FORM_MS        20000u
#define FAIR_CODES_MS       (15u * 60u * 1000u) /* for so many codes */
#define FAIR_TICKET_USES    2u
#define FAIR_ATTACK_LAST_MS 60000u

struct fair_shared;

/* How a worker asks; its configuration's own numbers. */
struct fair {
	struct fair_shared *shared;
	unsigned code_tries;   /* of one network in FAIR_CODES_MS, 1 or more */
	unsigned forms_minute; /* of everybody; more is a flood. 0: always */
	bool counts_near;      /* private addresses are networks as well */
};

/* In the parent, before it forks. NULL: out of memory. */
struct fair_shared *fair_shared_new(void);
void fair_shared_free(struct fair_shared *shared);

/* Now and then: another key when the hour is over. */
void fair_turn(const struct fair *fair, uint64_t now_ms);

/* The number of the network that peer is in, or FAIR_FREE. */
uint16_t fair_bucket(const struct fair *fair, const struct sockaddr *peer);

/* A number for n bytes that are no address. */
uint16_t fair_bucket_of(const struct fair *fair, const void *bytes, uint64_t n);

/*
 * Count one more of bucket. 0: it is within the share; else milliseconds until
 * it would have been, FAIR_WAIT_MAX_MS at most.
 */
uint64_t fair_count(const struct fair *fair, enum fair_kind kind,
    uint16_t bucket, uint64_t now_ms);

/*
 * Use a ticket for kind. False: it has been used FAIR_TICKET_USES times. One
 * that is new is never refused for the number of others: if there are more
 * than there is room for, what is longest ago is forgotten.
 */
bool fair_use(const struct fair *fair, enum fair_kind kind, const void *ticket,
    uint64_t n, uint64_t now_ms);

/* Count one more form of anybody. True: this is the moment from which on there
 * are more than forms_minute. */
bool fair_count_all(const struct fair *fair, uint64_t now_ms);

/* There were more than that within the last FAIR_ATTACK_LAST_MS. */
bool fair_is_attacked(const struct fair *fair, uint64_t now_ms);

#endif
