/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_clock.h"

#include "base/clock.h"
#include "queue/spool_file.h"

#define HOUR_S   3600
#define DAY_H    24
#define DAY_S    (DAY_H * HOUR_S)
#define HOUR_ROW "hour"

static int64_t hour_of(int64_t wall_s)
{
	return wall_s > 0 ? wall_s / HOUR_S : 0;
}

static int64_t follow(int64_t counted_h, int64_t wall_s, int64_t most_h)
{
	int64_t wall_h = hour_of(wall_s);

	if (counted_h <= 0) {
		return wall_s >= CLOCK_LEAST_S ? wall_h : 0;
	}
	if (wall_h <= counted_h) {
		return counted_h;
	}
	return wall_h - counted_h <= most_h ? wall_h : counted_h + most_h;
}

int64_t spool_clock_start(int64_t kept_h, int64_t wall_s)
{
	return follow(kept_h, wall_s, SPOOL_CLOCK_START_H);
}

int64_t spool_clock_next(int64_t counted_h, int64_t wall_s, int64_t ran_h)
{
	return follow(counted_h, wall_s, ran_h * SPOOL_CLOCK_PACE);
}

struct spool_today spool_clock_today(int64_t counted_h, int64_t wall_s)
{
	int64_t wall_h = hour_of(wall_s);
	bool is_known = counted_h > 0;
	int64_t at_h = is_known ? counted_h : wall_h;

	return (struct spool_today){
		.counted = at_h / DAY_H,
		.ends = (wall_h < at_h ? wall_h : at_h) / DAY_H,
		.is_known = is_known,
	};
}

int64_t spool_clock_odd_days(int64_t counted_h, int64_t wall_s)
{
	int64_t off_h = hour_of(wall_s) - counted_h;

	if (counted_h <= 0) {
		return wall_s < CLOCK_LEAST_S
		    ? hour_of(wall_s) / DAY_H - CLOCK_LEAST_S / DAY_S
		    : 0;
	}
	return off_h >= SPOOL_CLOCK_AHEAD_H || off_h <= -SPOOL_CLOCK_BEHIND_H
	    ? off_h / DAY_H
	    : 0;
}

int64_t spool_clock_load(struct spool *spool)
{
	int64_t hour = spool_db_get_meta(&spool->db, HOUR_ROW);

	return hour > 0 ? hour : 0;
}

enum tl_err spool_clock_save(struct spool *spool, int64_t hour)
{
	enum tl_err err = spool_group_open(spool, 0);

	if (err != TL_OK) {
		return err;
	}
	spool_db_set_meta(&spool->db, HOUR_ROW, hour);
	return spool_group_end(spool);
}
