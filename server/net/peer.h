/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/peer.h - frames with another process of ours, over a connected
 * unix stream socket or a socketpair.
 *
 * Promise:   on_frame sees only whole frames that their side may send. The
 *            first byte of garbage ends the peer, never us. What waits in
 *            either direction has a maximum and is wiped when it is done.
 * Knows not: what the frames mean.
 * Runs in:   every program with an event loop. One thread.
 * Disk:      none.
 *
 * Frames leave together, once a turn of the loop, in the order they were
 * sent. peer_free() may be called at any time, inside the callbacks too.
 */
#ifndef TL_NET_PEER_H
#define TL_NET_PEER_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/frame.h"

struct event_base;
struct peer;

/* What may wait for a peer that does not read; beyond it the peer is gone. */
#define PEER_WAITING_MAX_BYTES ((size_t)16u * 1024u * 1024u)

/*
 * A frame came. Borrows frame for the call. fd is -1, or for a frame whose
 * name ends in _FD the descriptor that came with it: the callee's to close.
 */
typedef void (*peer_frame_fn)(
    struct peer *peer, const struct frame *frame, int fd, void *arg);

/*
 * The other side closed, failed, spoke garbage (logged here) or did not read
 * what waited for it. Called once, never inside peer_send(); afterwards the
 * peer is silent and peer_free() is due, from inside the call if convenient.
 */
typedef void (*peer_gone_fn)(struct peer *peer, void *arg);

/*
 * Speak over fd, which becomes the peer's: it is made non-blocking and closed
 * by peer_free(). theirs is who is at the other end: only what that side may
 * send is taken. Keeps base and arg. NULL: out of memory, and fd is closed.
 */
struct peer *peer_new(struct event_base *base, int fd, enum frame_from theirs,
    peer_frame_fn on_frame, peer_gone_fn on_gone, void *arg);

/*
 * Queue one frame; copies body. To a peer that is gone it does nothing, and
 * out of memory or over PEER_WAITING_MAX_BYTES the peer is gone: a caller
 * that must not lose frames looks at peer_waiting_bytes() before, or keeps
 * them until they are answered.
 */
void peer_send(struct peer *peer, enum frame_type type, struct bytes body);

/*
 * Queue a frame whose name ends in _FD with a duplicate of fd; fd stays the
 * caller's. Only the parent sends these, and only to its own children.
 */
void peer_send_fd(struct peer *peer, enum frame_type type, int fd);

/* Bytes that were sent with peer_send() and have not left yet. */
size_t peer_waiting_bytes(const struct peer *peer);

/* Try now to write what waits, without blocking: before an orderly end. */
void peer_flush(struct peer *peer);

/* Close, wipe, forget; what waits is not sent. on_gone is not called. NULL is
 * fine. */
void peer_free(struct peer *peer);

#endif
