/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/peers/peer_double.h - server/net/peer.h without sockets: a test
 * says what comes, and is called for what is sent, at once.
 *
 * As the real one it hands over only frames that their side may send, each in
 * memory of its own length. Descriptors are closed with their peer.
 */
#ifndef TL_TESTS_PEER_DOUBLE_H
#define TL_TESTS_PEER_DOUBLE_H

#include <stdbool.h>

#include "server/net/peer.h"

typedef void (*peer_double_fn)(
    struct peer *peer, enum frame_type type, struct bytes body);

/* Who is called for what is sent by anybody. */
void peer_double_hear(peer_double_fn on_send);

/* The n-th that is there, of those with theirs at the other end; or NULL. */
struct peer *peer_double_of(enum frame_from theirs, size_t n);

/* What peer_new() was given. */
struct event_base *peer_double_base(const struct peer *peer);

/* Something that can be closed: for frames that come with a descriptor. */
int peer_double_fd(void);

/* A frame comes. False: it is none that their side may send. */
bool peer_double_say(
    struct peer *peer, enum frame_type type, struct bytes body, int fd);

/* The other side closes. */
void peer_double_leave(struct peer *peer);

#endif
