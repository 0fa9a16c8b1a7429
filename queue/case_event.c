/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/case_event.h"

#include <string.h>

#include "base/rd.h"

#define VERSION 3u

void case_event_put_said(struct buf *out, const struct case_record *record)
{
	const struct case_now *now = &record->now;
	size_t owner_len = strlen(now->owner);

	buf_put_u8(out, VERSION);
	buf_put(out, record->event_id, CASE_ID_BYTES);
	buf_put(out, record->id, CASE_ID_BYTES);
	buf_put_u8(out, (uint8_t)record->event);
	buf_put_u64(out, record->at_ms);
	buf_put_u64(out, now->version);
	buf_put_u8(out, (uint8_t)now->state);
	buf_put_u8(out, (uint8_t)now->priority);
	buf_put_u8(out, (uint8_t)now->flags);
	buf_put_u64(out, now->until_ms);
	buf_put_u64(out, now->since_ms);
	buf_put_u64(out, now->made_ms);
	buf_put(out, now->target, CASE_ID_BYTES);
	buf_put(out, record->before, CASE_ID_BYTES);
	buf_put_u8(out, (uint8_t)owner_len);
	buf_put(out, now->owner, owner_len);
	buf_put(out, record->sealed_hash, CASE_HASH_BYTES);
}

void case_event_put_head(struct buf *out, const struct case_record *record)
{
	case_event_put_said(out, record);
	buf_put(out, record->sig, CASE_SIG_BYTES);
}

void case_event_put(struct buf *out, const struct case_record *record)
{
	case_event_put_head(out, record);
	buf_put_u32(out, (uint32_t)record->sealed.len);
	buf_put(out, record->sealed.at, record->sealed.len);
}

static bool read_owner(struct rd *rd, struct case_now *now)
{
	uint8_t len = rd_u8(rd);

	if (len >= CASE_OWNER_BYTES) {
		return false;
	}
	rd_copy(rd, (uint8_t *)now->owner, len);
	return len == 0 ||
	    (strlen(now->owner) == len && case_is_owner(now->owner));
}

/* False: it is none. What the reader is behind is checked by the caller. */
static bool read_head(struct rd *rd, struct case_record *record)
{
	struct case_now *now = &record->now;
	uint8_t version = rd_u8(rd);

	rd_copy(rd, record->event_id, CASE_ID_BYTES);
	rd_copy(rd, record->id, CASE_ID_BYTES);
	record->event = (enum case_event)rd_u8(rd);
	record->at_ms = rd_u64(rd);
	now->version = rd_u64(rd);
	now->state = (enum case_state)rd_u8(rd);
	now->priority = rd_u8(rd);
	now->flags = rd_u8(rd);
	now->until_ms = rd_u64(rd);
	now->since_ms = rd_u64(rd);
	now->made_ms = rd_u64(rd);
	rd_copy(rd, now->target, CASE_ID_BYTES);
	rd_copy(rd, record->before, CASE_ID_BYTES);
	if (!read_owner(rd, now)) {
		return false;
	}
	rd_copy(rd, record->sealed_hash, CASE_HASH_BYTES);
	rd_copy(rd, record->sig, CASE_SIG_BYTES);
	return rd_ok(rd) && version == VERSION && now->version > 0 &&
	    record->event >= CASE_DO_RECEIVE &&
	    record->event <= CASE_EVENT_MAX && now->state >= CASE_RECEIVED &&
	    now->state <= CASE_STATE_MAX && now->priority <= CASE_PRIORITIES &&
	    now->flags <= CASE_FLAGS_ALL;
}

enum tl_err case_event_get_head(
    struct bytes bytes, struct case_record *ret_record)
{
	struct rd rd = rd_of(bytes.at, bytes.len);
	struct case_record record = { 0 };

	if (!read_head(&rd, &record) || !rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_record = record;
	return TL_OK;
}

enum tl_err case_event_get(struct bytes bytes, struct case_record *ret_record)
{
	struct rd rd = rd_of(bytes.at, bytes.len);
	struct case_record record = { 0 };
	uint32_t len;

	if (!read_head(&rd, &record)) {
		return TL_EFORMAT;
	}
	len = rd_u32(&rd);
	if (len > CASE_SEALED_BYTES) {
		return TL_EFORMAT;
	}
	record.sealed = bytes_of(rd_bytes(&rd, len), len);
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_record = record;
	return TL_OK;
}
