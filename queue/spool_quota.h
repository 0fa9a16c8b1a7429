/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_quota.h - what each channel has of the spool, and may have, so
 * that a flood through one of them leaves room for the others.
 *
 * Knows not: the file. Pure counting: of what is kept, and of the open group.
 */
#ifndef TL_QUEUE_SPOOL_QUOTA_H
#define TL_QUEUE_SPOOL_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers are on disk and in frames, and never change. */
enum spool_channel {
	SPOOL_WEB = 0,
	SPOOL_SMS = 1,
	SPOOL_VOICE = 2,
	SPOOL_DESK = 3,
	SPOOL_FILES = 4, /* pieces of files, by whichever way they came */
};
#define SPOOL_CHANNELS 5u

struct spool_use {
	uint64_t records;
	uint64_t bytes; /* of the disk, about: whole pages */
};

struct spool_quota {
	unsigned shares[SPOOL_CHANNELS]; /* percent; 0: all of it */
	uint64_t max_records;            /* of which they are shares; 0: any */
	struct spool_use kept[SPOOL_CHANNELS];
	struct spool_use group[SPOOL_CHANNELS]; /* new in the open group */
	uint64_t refused[SPOOL_CHANNELS];       /* records, since the start */
};

/* What a record of len sealed bytes takes of the disk. */
uint64_t spool_quota_bytes(size_t len);

/*
 * Is there room in the channels' shares for these further ones, with left
 * bytes of disk for all of them together beside what is kept? If not, they
 * are counted as refused.
 */
bool spool_quota_fits(struct spool_quota *quota,
    const struct spool_use more[static SPOOL_CHANNELS], uint64_t left_bytes);

/* A record of the open group, and of those that are kept. */
void spool_quota_add(
    struct spool_quota *quota, enum spool_channel channel, uint64_t bytes);
void spool_quota_forget(
    struct spool_quota *quota, enum spool_channel channel, uint64_t bytes);

/* The open group has ended, kept or not. */
void spool_quota_settle(struct spool_quota *quota, bool kept);

#endif
