/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_days.h"

#include <assert.h>
#include <stdlib.h>

static struct spool_day *find(const struct spool_days *days, int64_t day)
{
	/* Mostly the last one: records come in today. */
	for (size_t i = days->n; i > 0; i--) {
		if (days->at[i - 1].day == day) {
			return &days->at[i - 1];
		}
	}
	return NULL;
}

enum tl_err spool_days_add(struct spool_days *days, int64_t day)
{
	struct spool_day *entry = find(days, day);

	if (entry == NULL && days->n == days->cap) {
		size_t cap = days->cap == 0 ? 16 : days->cap * 2;
		struct spool_day *at = reallocarray(days->at, cap, sizeof(*at));

		if (at == NULL) {
			return TL_ENOMEM;
		}
		days->at = at;
		days->cap = cap;
	}
	if (entry == NULL) {
		entry = &days->at[days->n++];
		*entry = (struct spool_day){ .day = day };
	}
	entry->n++;
	return TL_OK;
}

void spool_days_remove(struct spool_days *days, int64_t day)
{
	struct spool_day *entry = find(days, day);

	assert(entry != NULL);
	entry->n--;
	if (entry->n == 0) {
		days->n--;
		*entry = days->at[days->n];
	}
}

int64_t spool_days_oldest(const struct spool_days *days)
{
	int64_t oldest = -1;

	for (size_t i = 0; i < days->n; i++) {
		if (oldest < 0 || days->at[i].day < oldest) {
			oldest = days->at[i].day;
		}
	}
	return oldest;
}

void spool_days_free(struct spool_days *days)
{
	free(days->at);
	*days = (struct spool_days){ 0 };
}
