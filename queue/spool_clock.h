/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_clock.h - what day the spool goes by, on a host whose clock may
 * leap.
 *
 * The spool counts hours by itself, on its disk. The count follows the host's
 * clock, but never faster than SPOOL_CLOCK_PACE hours in an hour of running,
 * and never back. What ends by age ends when the clock and the count both say
 * so: a clock that leaps ahead by a year makes nothing end at once, and one
 * that falls back makes nothing end at all. What comes in is dated by the
 * count.
 */
#ifndef TL_QUEUE_SPOOL_CLOCK_H
#define TL_QUEUE_SPOOL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/spool.h"

/* After a week in which the host was off the clock is caught up with in three
 * and a half days; a clock that is a year ahead has a month of mail end in a
 * fortnight, not in an hour. */
#define SPOOL_CLOCK_PACE 3
/* At a start at most so many hours at once: a night is nothing to wait for. */
#define SPOOL_CLOCK_START_H 24
/* People are told of a clock that is further than this from the count. */
#define SPOOL_CLOCK_AHEAD_H  (7 * 24)
#define SPOOL_CLOCK_BEHIND_H 48

struct spool_today {
	int64_t counted; /* the day, for what comes in */
	int64_t ends;    /* what has a last day before this is over */
	bool is_known;   /* else there is no count, and no clock to begin by */
};

/* Hours since 1970 to begin with: kept_h is what the file has, 0 if nothing.
 * 0 while the clock is surely wrong and nothing was counted yet. */
int64_t spool_clock_start(int64_t kept_h, int64_t wall_s);

/* The count after ran_h more hours of running. */
int64_t spool_clock_next(int64_t counted_h, int64_t wall_s, int64_t ran_h);

struct spool_today spool_clock_today(int64_t counted_h, int64_t wall_s);

/* Days by which the clock is ahead of the count, behind it if below 0; 0 if
 * that is nothing to tell people of. */
int64_t spool_clock_odd_days(int64_t counted_h, int64_t wall_s);

/* The count that is in the file; 0: none. */
int64_t spool_clock_load(struct spool *spool);

/* Add to the open group: this is the count. TL_EFULL without room for it. */
TL_MUST_CHECK enum tl_err spool_clock_save(struct spool *spool, int64_t hour);

#endif
