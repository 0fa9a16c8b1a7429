/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_peer.h - keyd, asked from a loop: questions go out in order, and
 * answers come in that order.
 *
 * Promise:   every question's function is called once: with the answer, or
 *            with NULL if keyd has gone. What comes in the place of an answer
 *            and is none to the question ends keyd.
 * Knows not: what is asked.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_KEYD_PEER_H
#define TL_DESK_KEYD_PEER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/frame.h"
#include "desk/keyd_talk.h"

struct event_base;
struct keyd_peer;

/* Borrows frame for the call. */
typedef void (*keyd_answer_fn)(const struct frame *frame, void *arg);

/* keyd is locked in; or it has gone, and nothing is asked any more. */
typedef void (*keyd_state_fn)(bool is_there, void *arg);

/* This officer is not what they were: all that they have begun is over. Borrows
 * the name for the call. */
typedef void (*keyd_left_fn)(struct bytes name, void *arg);

/* It has the team's ring as it is now, perhaps another one than before, or has
 * not (enum keyd_ring). */
typedef void (*keyd_ring_fn)(enum keyd_ring ring, void *arg);

/* Speak over fd, which becomes the peer's. Gives *ret: end it with
 * keyd_peer_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err keyd_peer_new(struct event_base *base, int fd,
    keyd_state_fn on_state, keyd_left_fn on_left, keyd_ring_fn on_ring,
    void *arg, struct keyd_peer **ret);
void keyd_peer_free(struct keyd_peer *peer);

/* Ask: frame holds one whole frame, as keyd_put_*() makes it, and is the
 * caller's. */
void keyd_peer_ask(struct keyd_peer *peer, const struct buf *frame,
    keyd_answer_fn fn, void *arg);

/* Ask it nothing any more: what waits for an answer gets NULL, and on_state
 * hears that it has gone. */
void keyd_peer_part(struct keyd_peer *peer);

/* Questions without an answer yet. */
size_t keyd_peer_waiting(const struct keyd_peer *peer);

/* As keyd said it at its start. */
const struct keyd_state *keyd_peer_state(const struct keyd_peer *peer);

#endif
