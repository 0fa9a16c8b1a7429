/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/http_chunk.h"

#include "base/enc.h"

#define SIZE_DIGITS_MAX 8u

enum state {
	SIZE,
	SIZE_LF,
	DATA_CR,
	DATA_LF,
	END_CR,
	END_LF,
	DATA,
	/* nothing is taken any more */
	END,
	BAD,
	BIG,
};

/* The states that wait for one certain byte. */
static const struct {
	uint8_t byte;
	uint8_t next;
} fixed[] = {
	[DATA_CR] = { '\r', DATA_LF },
	[DATA_LF] = { '\n', SIZE },
	[END_CR] = { '\r', END_LF },
	[END_LF] = { '\n', END },
};

static enum state in_size(struct http_chunk *chunk, uint8_t byte)
{
	int value = dec_hex_digit(byte);

	if (value < 0) {
		return byte == '\r' && chunk->digits > 0 ? SIZE_LF : BAD;
	}
	if (chunk->digits == SIZE_DIGITS_MAX) {
		return BIG;
	}
	chunk->digits++;
	chunk->left = chunk->left << 4 | (uint32_t)value;
	return SIZE;
}

/* The size is known: is there room, before any of its data is taken? */
static enum state after_size(
    struct http_chunk *chunk, uint64_t max_bytes, uint8_t byte)
{
	if (byte != '\n') {
		return BAD;
	}
	chunk->digits = 0;
	if (chunk->left == 0) {
		return END_CR;
	}
	if (chunk->chunks == HTTP_CHUNKS_MAX ||
	    chunk->total + chunk->left > max_bytes) {
		return BIG;
	}
	chunk->chunks++;
	chunk->total += chunk->left;
	return DATA;
}

static enum state step(
    struct http_chunk *chunk, uint64_t max_bytes, uint8_t byte)
{
	if (chunk->state == SIZE) {
		return in_size(chunk, byte);
	}
	if (chunk->state == SIZE_LF) {
		return after_size(chunk, max_bytes, byte);
	}
	return byte == fixed[chunk->state].byte ? fixed[chunk->state].next
						: BAD;
}

static struct bytes take_data(
    struct http_chunk *chunk, const uint8_t *bytes, size_t len)
{
	size_t take = len < chunk->left ? len : chunk->left;

	chunk->left -= (uint32_t)take;
	if (chunk->left == 0) {
		chunk->state = DATA_CR;
	}
	return bytes_of(bytes, take);
}

enum http_chunk_event http_chunk_feed(struct http_chunk *chunk,
    uint64_t max_bytes, const uint8_t *bytes, size_t len, size_t *ret_used,
    struct bytes *ret_piece)
{
	static const enum http_chunk_event events[] = {
		[END] = HTTP_CHUNK_END,
		[BAD] = HTTP_CHUNK_BAD,
		[BIG] = HTTP_CHUNK_BIG,
		[DATA] = HTTP_CHUNK_MORE, /* and so have all before it */
	};
	size_t used = 0;

	*ret_piece = bytes_of(NULL, 0);
	while (used < len && chunk->state < END) {
		if (chunk->state == DATA) {
			*ret_piece = take_data(chunk, bytes + used, len - used);
			*ret_used = used + ret_piece->len;
			return HTTP_CHUNK_DATA;
		}
		chunk->state = (uint8_t)step(chunk, max_bytes, bytes[used++]);
	}
	*ret_used = used;
	return events[chunk->state];
}
