/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/clock.h - the time, in one place, so that tests can replace it.
 *
 * Programs read it once a turn of their loop and hand it on; pure code gets
 * it as an argument and never calls here.
 */
#ifndef TL_BASE_CLOCK_H
#define TL_BASE_CLOCK_H

#include <stdint.h>

/* No clock that is right stands before this, 2024: a host without a battery
 * begins at 1970, 2000 or the year that it was made in. */
#define CLOCK_LEAST_S INT64_C(1704067200)

/* Seconds since 1970, UTC. Steps when the host's clock is set. */
int64_t clock_wall_s(void);

/* Milliseconds since some start; never goes back. */
uint64_t clock_mono_ms(void);

/* The same, from another start, and it goes on while the host sleeps. */
uint64_t clock_boot_ms(void);

/* From now on all clocks stand still at these values (tests, and
 * `tipline webhook --now`). */
void clock_set(int64_t wall_s, uint64_t mono_ms);

/* Back to the real clocks. */
void clock_unset(void);

#endif
