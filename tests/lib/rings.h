/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/rings.h - a ring of three epochs with one officer, a supervisor.
 * What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_RINGS_H
#define TL_TESTS_LIB_RINGS_H

#include "crypto/ring.h"

#define RINGS_OFFICER    "sok.1"
#define RINGS_PASSPHRASE "ពាក្យសម្ងាត់ is long"
#define RINGS_EPOCHS     3u

/* The public keys of the ring that was made last. */
extern uint8_t rings_public[RINGS_EPOCHS][32];

/* Its epochs begin at 5000 s and are 1000 s long; it is unlocked, its list
 * has number 12. End it with ring_free(). */
struct ring *rings_make(void);

/* What it prints, read: a locked ring of its own. End it with ring_free(). */
struct ring *rings_again(const struct ring *ring);

#endif
