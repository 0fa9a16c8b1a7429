/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/rd.h"

#include <string.h>

struct rd rd_of(const void *bytes, size_t len)
{
	return (struct rd){ .at = bytes, .left = len };
}

const uint8_t *rd_bytes(struct rd *rd, size_t len)
{
	const uint8_t *at = rd->at;

	if (rd->bad || len > rd->left) {
		rd->bad = true;
		return NULL;
	}
	if (len > 0) {
		rd->at += len;
		rd->left -= len;
	}
	return at;
}

static uint64_t read_be(struct rd *rd, size_t len)
{
	const uint8_t *at = rd_bytes(rd, len);
	uint64_t value = 0;

	if (at == NULL) {
		return 0;
	}
	for (size_t i = 0; i < len; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

uint8_t rd_u8(struct rd *rd)
{
	return (uint8_t)read_be(rd, 1);
}

uint16_t rd_u16(struct rd *rd)
{
	return (uint16_t)read_be(rd, 2);
}

uint32_t rd_u32(struct rd *rd)
{
	return (uint32_t)read_be(rd, 4);
}

uint64_t rd_u64(struct rd *rd)
{
	return read_be(rd, 8);
}

void rd_copy(struct rd *rd, void *to, size_t len)
{
	const uint8_t *at = rd_bytes(rd, len);

	if (at != NULL && len > 0) {
		memcpy(to, at, len);
	} else if (len > 0) {
		memset(to, 0, len);
	}
}

bool rd_ok(const struct rd *rd)
{
	return !rd->bad;
}

bool rd_done(const struct rd *rd)
{
	return !rd->bad && rd->left == 0;
}
