/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender_peer.h - the sender, asked from a loop.
 *
 * Promise:   every question's function is called once; where the sender has
 *            gone, with SEND_UNKNOWN: it may have done it.
 * Knows not: what is asked.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_SENDER_PEER_H
#define TL_DESK_SENDER_PEER_H

#include "base/err.h"
#include "desk/sender_talk.h"

struct event_base;
struct sender_peer;

/* Borrows said for the call. */
typedef void (*sender_said_fn)(const struct sender_said *said, void *arg);

/* Speak over fd, which becomes the peer's; gone is called when the sender has
 * ended. Gives *ret: end it with sender_peer_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err sender_peer_new(struct event_base *base, int fd,
    void (*gone)(void *arg), void *arg, struct sender_peer **ret);
void sender_peer_free(struct sender_peer *peer); /* NULL is fine */

/* Ask it nothing any more: what waits for an answer gets SEND_UNKNOWN, and
 * gone is called. */
void sender_peer_part(struct sender_peer *peer);

/* Each asks; its req is set here. fn may be called inside the call. */
void sender_ask_sms(struct sender_peer *peer, const struct sender_sms *sms,
    sender_said_fn fn, void *arg);
void sender_ask_alarm(struct sender_peer *peer,
    const struct sender_alarm *alarm, sender_said_fn fn, void *arg);

#endif
