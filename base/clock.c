/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

static bool is_set;
static int64_t set_wall_s;
static uint64_t set_mono_ms;

/* Not time(): that is behind by up to a tick of the kernel, and says for some
 * milliseconds of a second that the last one is not over. */
int64_t clock_wall_s(void)
{
	struct timespec now = { 0 };

	if (is_set) {
		return set_wall_s;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

static uint64_t read_ms(clockid_t clock)
{
	struct timespec now = { 0 };

	if (is_set) {
		return set_mono_ms;
	}
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

uint64_t clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

void clock_set(int64_t wall_s, uint64_t mono_ms)
{
	is_set = true;
	set_wall_s = wall_s;
	set_mono_ms = mono_ms;
}

void clock_unset(void)
{
	is_set = false;
}
