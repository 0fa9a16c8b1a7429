/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_stats.h"

#include "base/rd.h"

void spool_stats_put(struct buf *out, const struct spool_stats *stats)
{
	buf_put_u64(out, stats->records);
	buf_put_u64(out, stats->urgent);
	buf_put_u64(out, stats->lent);
	buf_put_u64(out, (uint64_t)stats->oldest_day);
	buf_put_u64(out, stats->free_bytes);
	buf_put_u64(out, stats->low_bytes);
	buf_put_u64(out, stats->min_bytes);
	buf_put_u64(out, (uint64_t)stats->room);
	buf_put_u64(out, stats->starts);
	buf_put_u64(out, stats->rescued);
	buf_put_u64(out, stats->lost);
	buf_put_u64(out, stats->damaged);
	buf_put_u64(out, stats->bad_receipts);
	buf_put_u64(out, stats->sqlite);
	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		buf_put_u64(out, stats->channels[i].records);
		buf_put_u64(out, stats->channels[i].bytes);
		buf_put_u64(out, stats->refused[i]);
	}
	buf_put_u64(out, stats->mail);
	buf_put_u64(out, (uint64_t)stats->day);
	buf_put_u64(out, (uint64_t)stats->clock_days);
	buf_put_u64(out, stats->file);
}

enum tl_err spool_stats_get(struct bytes body, struct spool_stats *ret_stats)
{
	struct rd rd = rd_of(body.at, body.len);
	struct spool_stats stats;
	uint64_t room;

	stats.records = rd_u64(&rd);
	stats.urgent = rd_u64(&rd);
	stats.lent = rd_u64(&rd);
	stats.oldest_day = (int64_t)rd_u64(&rd);
	stats.free_bytes = rd_u64(&rd);
	stats.low_bytes = rd_u64(&rd);
	stats.min_bytes = rd_u64(&rd);
	room = rd_u64(&rd);
	stats.starts = rd_u64(&rd);
	stats.rescued = rd_u64(&rd);
	stats.lost = rd_u64(&rd);
	stats.damaged = rd_u64(&rd);
	stats.bad_receipts = rd_u64(&rd);
	stats.sqlite = rd_u64(&rd);
	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		stats.channels[i].records = rd_u64(&rd);
		stats.channels[i].bytes = rd_u64(&rd);
		stats.refused[i] = rd_u64(&rd);
	}
	stats.mail = rd_u64(&rd);
	stats.day = (int64_t)rd_u64(&rd);
	stats.clock_days = (int64_t)rd_u64(&rd);
	stats.file = rd_u64(&rd);
	if (!rd_done(&rd) || room > SPOOL_ROOM_FULL) {
		return TL_EFORMAT;
	}
	stats.room = (enum spool_room)room;
	*ret_stats = stats;
	return TL_OK;
}
