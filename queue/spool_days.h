/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_days.h - how many records of each day wait, so that the oldest
 * is known without reading the table.
 */
#ifndef TL_QUEUE_SPOOL_DAYS_H
#define TL_QUEUE_SPOOL_DAYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct spool_day {
	int64_t day;
	uint64_t n;
};

/* A zeroed struct is empty. One entry a day: it stays short. */
struct spool_days {
	struct spool_day *at; /* owned, in no order */
	size_t n;
	size_t cap;
};

/* Count one more record of day. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err spool_days_add(struct spool_days *days, int64_t day);

/* Count one less; it was counted before. */
void spool_days_remove(struct spool_days *days, int64_t day);

/* The smallest day, -1 if there is none. */
int64_t spool_days_oldest(const struct spool_days *days);

void spool_days_free(struct spool_days *days);

#endif
