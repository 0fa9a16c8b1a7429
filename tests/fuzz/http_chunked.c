/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http_chunk: three bytes give the limit and the cuts, the rest is
 * a chunked body. Pieces give the same as the whole, and never more data
 * than the limit.
 */
#include "server/net/http_chunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum http_chunk_event feed(struct http_chunk *chunk, uint64_t max_bytes,
    struct bytes piece, struct buf *out)
{
	/* an exact heap copy, so that ASan sees one byte too many */
	uint8_t *copy = malloc(piece.len > 0 ? piece.len : 1);
	enum http_chunk_event event;
	struct bytes found;
	size_t used;

	assert(copy != NULL);
	memcpy(copy, piece.at, piece.len);
	piece.at = copy;
	do {
		event = http_chunk_feed(
		    chunk, max_bytes, piece.at, piece.len, &used, &found);
		assert(used <= piece.len);
		assert((event == HTTP_CHUNK_DATA) == (found.len > 0));
		assert(event != HTTP_CHUNK_MORE || used == piece.len);
		buf_put(out, found.at, found.len);
		piece = bytes_of(piece.at + used, piece.len - used);
	} while (event == HTTP_CHUNK_DATA);
	free(copy);
	return event;
}

static enum http_chunk_event decode(struct bytes body, uint64_t max_bytes,
    size_t first_len, size_t piece_len, struct buf *out)
{
	enum http_chunk_event event = HTTP_CHUNK_MORE;
	struct http_chunk chunk = { 0 };

	for (size_t at = 0, len = first_len;
	     at < body.len && event == HTTP_CHUNK_MORE;
	     at += len, len = piece_len) {
		if (len > body.len - at) {
			len = body.len - at;
		}
		event =
		    feed(&chunk, max_bytes, bytes_of(body.at + at, len), out);
	}
	return event;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole;
	struct buf pieces;
	struct bytes body;
	uint64_t max_bytes;
	enum http_chunk_event event;

	if (len < 3) {
		return 0;
	}
	body = bytes_of(data + 3, len - 3);
	max_bytes = (uint64_t)data[0] * 8;
	/* more than the limit would not fit */
	buf_init(&whole, max_bytes);
	buf_init(&pieces, max_bytes);
	event = decode(body, max_bytes, body.len, 1, &whole);
	assert(decode(body, max_bytes, data[1], 1 + (size_t)data[2], &pieces) ==
	    event);
	assert(buf_err(&whole) == TL_OK && buf_err(&pieces) == TL_OK);
	assert(bytes_equal(bytes_of(whole.data, whole.len),
	    bytes_of(pieces.data, pieces.len)));
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
