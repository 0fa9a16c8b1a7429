/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/place.h - where a Redis or a Sentinel is: a unix socket, or an
 * address and a port.
 *
 * Knows not: sockets, names. Pure; nothing is looked up.
 */
#ifndef TL_QUEUE_PLACE_H
#define TL_QUEUE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define PLACE_BYTES 108u /* what the path of a unix socket may have */

struct place {
	char host[PLACE_BYTES]; /* address, or from / on a path */
	uint16_t port;          /* 0: a path */
};

/* "/run/redis.sock", "10.9.0.1:6379" or "[fd00::1]:6379". TL_EINVAL. */
TL_MUST_CHECK enum tl_err place_parse(
    struct bytes text, struct place *ret_place);

/* Address and port as two pieces, as a Sentinel gives them. TL_EINVAL. */
TL_MUST_CHECK enum tl_err place_pair(
    struct bytes host, struct bytes port, struct place *ret_place);

bool place_equal(const struct place *a, const struct place *b);

/*
 * Where a tunnel to *announced begins on this host, by routes of the form
 * "ADDRESS:PORT=PLACE"; without one of its own *announced itself.
 */
struct place place_route(
    const struct place *announced, char *const *routes, size_t n_routes);

#endif
