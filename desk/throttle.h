/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/throttle.h - how soon somebody may try to log in again.
 *
 * Promise:   a name is slowed only where wrong tries for it came from, never
 *            locked out: the longest delay is ten seconds. Wrong tries for one
 *            name slow no other name, and tries from elsewhere slow nobody
 *            who has logged in here before. A flood of names slows all who
 *            have not.
 * Knows not: whether a name is an officer's; what an address is: a source is
 *            bytes of the caller's.
 * Runs in:   the desk's web process.
 * Disk:      none. Memory is bounded; who has waited longest is forgotten.
 */
#ifndef TL_DESK_THROTTLE_H
#define TL_DESK_THROTTLE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* So many wrong tries cost nothing. */
#define THROTTLE_FREE 3u
/* The delay doubles from a second up to this. */
#define THROTTLE_MAX_MS (UINT64_C(10) * 1000)
/* Wrong tries are forgotten after so long without another. */
#define THROTTLE_FORGET_MS (UINT64_C(30) * 60 * 1000)
#define THROTTLE_PAIRS     1024u
/* Of browsers that nobody has logged in from, under whatever names: so many
 * wrong tries cost nothing, then each costs its time. */
#define THROTTLE_STRANGERS   20u
#define THROTTLE_STRANGER_MS UINT64_C(5000)

struct throttle;

/* Gives *ret: end it with throttle_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err throttle_new(struct throttle **ret);
void throttle_free(struct throttle *throttle);

/* How long this name must not be tried from this source; 0: go on. */
uint64_t throttle_wait_ms(const struct throttle *throttle, struct bytes name,
    struct bytes source, uint64_t now_ms);

/* The try was wrong; it was right. */
void throttle_wrong(struct throttle *throttle, struct bytes name,
    struct bytes source, uint64_t now_ms);
void throttle_right(
    struct throttle *throttle, struct bytes name, struct bytes source);

/* How long no stranger may try, whatever the name; 0: go on. Each try keeps
 * keyd from opening tips for a second. */
uint64_t throttle_strangers_wait_ms(
    const struct throttle *throttle, uint64_t now_ms);

/* A stranger's try was wrong. */
void throttle_stranger_wrong(struct throttle *throttle, uint64_t now_ms);

#endif
