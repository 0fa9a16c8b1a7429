/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_quota.h"

#include <assert.h>
#include <string.h>

#define PAGE_BYTES UINT64_C(4096)
/* Its place in the table and in the indexes, and its dedup keys. */
#define ROW_BYTES UINT64_C(512)

uint64_t spool_quota_bytes(size_t len)
{
	return (len + ROW_BYTES + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

/* all / 100 * share would lose the rest, and all * share might not fit. */
static uint64_t share_of(uint64_t all, unsigned share)
{
	return all / 100 * share + all % 100 * share / 100;
}

static bool fits(const struct spool_quota *quota, size_t channel,
    const struct spool_use *more, uint64_t all_bytes)
{
	const struct spool_use *kept = &quota->kept[channel];
	const struct spool_use *group = &quota->group[channel];
	unsigned share = quota->shares[channel];

	if (share == 0 || more->records == 0) {
		return true;
	}
	return kept->bytes + group->bytes + more->bytes <=
	    share_of(all_bytes, share) &&
	    (quota->max_records == 0 ||
		kept->records + group->records + more->records <=
		    share_of(quota->max_records, share));
}

bool spool_quota_fits(struct spool_quota *quota,
    const struct spool_use more[static SPOOL_CHANNELS], uint64_t left_bytes)
{
	uint64_t all_bytes = left_bytes;
	bool fit = true;

	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		all_bytes += quota->kept[i].bytes;
	}
	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		fit = fits(quota, i, &more[i], all_bytes) && fit;
	}
	for (size_t i = 0; i < SPOOL_CHANNELS && !fit; i++) {
		quota->refused[i] += more[i].records;
	}
	return fit;
}

void spool_quota_add(
    struct spool_quota *quota, enum spool_channel channel, uint64_t bytes)
{
	quota->group[channel].records++;
	quota->group[channel].bytes += bytes;
}

void spool_quota_forget(
    struct spool_quota *quota, enum spool_channel channel, uint64_t bytes)
{
	struct spool_use *kept = &quota->kept[channel];

	assert(kept->records > 0 && kept->bytes >= bytes);
	kept->records--;
	kept->bytes -= bytes;
}

void spool_quota_settle(struct spool_quota *quota, bool kept)
{
	for (size_t i = 0; i < SPOOL_CHANNELS && kept; i++) {
		quota->kept[i].records += quota->group[i].records;
		quota->kept[i].bytes += quota->group[i].bytes;
	}
	memset(quota->group, 0, sizeof(quota->group));
}
