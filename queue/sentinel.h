/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/sentinel.h - where the master is, as a majority of the Sentinels says.
 *
 * Promise:   no place is believed that not more than half of all configured
 *            Sentinels name at present. Whether the server there calls itself
 *            a master is for whoever connects to see.
 * Knows not: what the master is for.
 */
#ifndef TL_QUEUE_SENTINEL_H
#define TL_QUEUE_SENTINEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "queue/place.h"
#include "queue/stream.h"

#define SENTINELS_MOST 9u
#define SENTINEL_USER  "watch"

struct sentinel_opts {
	char *const *places; /* of the Sentinels; more than SENTINELS_MOST are
	                        not asked */
	size_t n_places;     /* 0: there are none */
	char *const *routes; /* place_route() */
	size_t n_routes;
	const char *name; /* of the master, in the Sentinels' configuration */
	const char *password_file; /* of the user SENTINEL_USER; "": none */
};

/* What one Sentinel says; nothing in it: it has not said anything. */
struct sentinel_vote {
	struct place master;
};

/* The place that more than half of all n name. */
bool sentinel_majority(
    const struct sentinel_vote *votes, size_t n, struct place *ret_place);

/* Ask the one at that place, at most two seconds. The vote is there on
 * STREAM_FINE alone. */
enum stream_trouble sentinel_ask(const struct sentinel_opts *opts,
    const char *where, const char *password, struct sentinel_vote *ret_vote);

/*
 * Ask all of them, one after the other, each at most two seconds, and give the
 * place on this host (routes applied). STREAM_FINE, STREAM_NOWHERE, or
 * STREAM_REFUSED: the password file or the password is not right.
 */
enum stream_trouble sentinel_find(
    const struct sentinel_opts *opts, struct place *ret_place);

#endif
