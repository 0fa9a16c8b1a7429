/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/multipart_say.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/net/multipart.h"

static void put_bytes(struct buf *out, struct bytes bytes)
{
	if (bytes.at == NULL) {
		bytes = bytes_str("~");
	}
	buf_put(out, bytes.at, bytes.len);
}

static void say_part(const struct multipart *m, struct buf *out)
{
	buf_put_str(out, "{");
	put_bytes(out, multipart_name(m));
	buf_put_str(out, "|");
	put_bytes(out, multipart_filename(m));
	buf_put_str(out, "|");
	put_bytes(out, multipart_type(m));
	buf_put_str(out, "}");
}

static enum multipart_event feed(
    struct multipart *m, struct bytes piece, struct buf *out)
{
	uint8_t *copy = malloc(piece.len);
	enum multipart_event event;
	struct bytes data;
	size_t used;

	assert(copy != NULL);
	memcpy(copy, piece.at, piece.len);
	piece.at = copy;
	do {
		event = multipart_feed(m, piece.at, piece.len, &used, &data);
		assert(used <= piece.len);
		assert((event == MULTIPART_DATA) == (data.len > 0));
		assert(event != MULTIPART_MORE || used == piece.len);
		if (event == MULTIPART_PART) {
			say_part(m, out);
		} else if (event == MULTIPART_END) {
			buf_put_str(out, ".");
		}
		buf_put(out, data.at, data.len);
		piece = bytes_of(piece.at + used, piece.len - used);
	} while (event != MULTIPART_MORE && event != MULTIPART_BAD);
	free(copy);
	return event;
}

void multipart_say(struct bytes boundary, struct bytes body, size_t first_len,
    size_t piece_len, struct buf *out)
{
	enum multipart_event event = MULTIPART_MORE;
	struct multipart m;

	multipart_init(&m, boundary);
	for (size_t at = 0, len = first_len;
	     at < body.len && event == MULTIPART_MORE;
	     at += len, len = piece_len) {
		if (len > body.len - at) {
			len = body.len - at;
		}
		if (len > 0) {
			event = feed(&m, bytes_of(body.at + at, len), out);
		}
	}
	buf_put_str(out,
	    event == MULTIPART_BAD              ? "bad"
		: multipart_finish(&m) == TL_OK ? "complete"
						: "open");
	multipart_wipe(&m);
}
