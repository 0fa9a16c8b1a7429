/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_stats.h - what the spool says of itself: numbers, never records.
 *
 * The body of the frame STATS, sent by tipline-spool to the command line.
 */
#ifndef TL_QUEUE_SPOOL_STATS_H
#define TL_QUEUE_SPOOL_STATS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "queue/spool_quota.h"

enum spool_room {
	SPOOL_ROOM_OK = 0,
	SPOOL_ROOM_LOW = 1,  /* people should make room */
	SPOOL_ROOM_FULL = 2, /* records are refused */
};

struct spool_stats {
	uint64_t records;     /* waiting for a receipt */
	uint64_t urgent;      /* of them */
	uint64_t lent;        /* of them, handed to the relay in its life */
	int64_t oldest_day;   /* days since 1970; -1: no records */
	uint64_t free_bytes;  /* that records can still take */
	uint64_t low_bytes;   /* the marks */
	uint64_t min_bytes;   /* of opts */
	enum spool_room room; /* which side of them */
	uint64_t starts;      /* of the program on this file */
	/* Records when the file was last damaged, and those that are gone, at
	 * least, 1 also where nobody knows; 0 since spool_see_damage(). */
	uint64_t rescued;
	uint64_t lost;
	uint64_t damaged;      /* records seen with a wrong hash since start */
	uint64_t bad_receipts; /* since start; filled in by the program */
	uint64_t sqlite;       /* version number of the library */
	struct spool_use channels[SPOOL_CHANNELS];
	uint64_t refused[SPOOL_CHANNELS]; /* beyond their share, since start */
	uint64_t mail; /* for reporters, ids of what is gone included */
	/* Filled in by the program; queue/spool_clock.h. */
	int64_t day;        /* that the spool counts */
	int64_t clock_days; /* by which the host's clock is ahead of it; 0 while
	                     * that is nothing to tell people of */
	uint64_t file;      /* a random number of this file: another one after a
	                     * rescue, and of a spool that was begun anew */
};

/* Append the body of STATS. */
void spool_stats_put(struct buf *out, const struct spool_stats *stats);

/* Read the body of STATS. TL_EFORMAT for anything but exactly one. */
TL_MUST_CHECK enum tl_err spool_stats_get(
    struct bytes body, struct spool_stats *ret_stats);

#endif
