/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/frame.h"

#include <assert.h>

#include "base/rd.h"

struct row {
	uint16_t type;
	unsigned senders;
	size_t max_bytes;
};

#define FRAME_ROW(name, number, from, max) { number, (from), (max) },
static const struct row rows[] = { FRAME_TYPES(FRAME_ROW) };
#undef FRAME_ROW

static const struct row *find_row(uint16_t type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type) {
			return &rows[i];
		}
	}
	return NULL;
}

size_t frame_max_bytes(uint16_t type)
{
	const struct row *row = find_row(type);

	return row == NULL ? 0 : row->max_bytes;
}

enum tl_err frame_get(const uint8_t *bytes, size_t len, enum frame_from from,
    struct frame *ret_frame)
{
	struct rd rd = rd_of(bytes, len);
	uint32_t body_len = rd_u32(&rd);
	uint16_t type = rd_u16(&rd);
	uint16_t zero = rd_u16(&rd);
	const struct row *row;
	const uint8_t *body;

	if (!rd_ok(&rd)) {
		return TL_EAGAIN;
	}
	row = find_row(type);
	if (row == NULL || (row->senders & (unsigned)from) == 0 || zero != 0 ||
	    body_len > row->max_bytes) {
		return TL_EFORMAT;
	}
	body = rd_bytes(&rd, body_len);
	if (!rd_ok(&rd)) {
		return TL_EAGAIN;
	}
	*ret_frame = (struct frame){
		.type = type,
		.body = body,
		.body_len = body_len,
	};
	return TL_OK;
}

void frame_put_head(struct buf *out, enum frame_type type, size_t body_len)
{
	assert(body_len <= frame_max_bytes((uint16_t)type));
	buf_put_u32(out, (uint32_t)body_len);
	buf_put_u16(out, (uint16_t)type);
	buf_put_u16(out, 0);
}

void frame_put(
    struct buf *out, enum frame_type type, const void *body, size_t body_len)
{
	frame_put_head(out, type, body_len);
	buf_put(out, body, body_len);
}
