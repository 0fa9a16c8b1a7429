/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media/strip: cut anywhere, the result is the same; what comes out is in
 * what went in, is never longer, and comes out of a second time unchanged.
 * The first byte says where it is cut.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "media/strip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool strip(struct bytes in, size_t piece_len, struct buf *out)
{
	enum media_strip_event event = MEDIA_STRIP_MORE;
	struct media_strip s;
	size_t at = 0;

	media_strip_init(&s, media_kind_of(in));
	while (at < in.len && event != MEDIA_STRIP_BAD) {
		size_t left = in.len - at;
		struct bytes piece = { 0 };
		size_t used = 0;

		left = left < piece_len ? left : piece_len;
		event = media_strip_feed(&s, in.at + at, left, &used, &piece);
		assert(used <= left);
		assert(event != MEDIA_STRIP_MORE || used == left);
		assert((event == MEDIA_STRIP_KEEP) == (piece.len > 0));
		buf_put(out, piece.at, piece.len);
		at += used;
	}
	assert(buf_err(out) == TL_OK && out->len <= in.len);
	return media_strip_is_whole(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole, pieces, again;
	bool is_whole;
	bool same;

	if (len < 2 ||
	    !media_strip_knows(media_kind_of(bytes_of(data + 1, len - 1)))) {
		return 0;
	}
	buf_init(&whole, len);
	buf_init(&pieces, len);
	buf_init(&again, len);
	is_whole = strip(bytes_of(data + 1, len - 1), len, &whole);
	same = strip(bytes_of(data + 1, len - 1), data[0] + 1u, &pieces);
	assert(same == is_whole && whole.len == pieces.len);
	assert(
	    whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
	if (is_whole) {
		same = strip(bytes_of(whole.data, whole.len), len, &again);
		assert(same && again.len == whole.len);
		assert(memcmp(whole.data, again.data, whole.len) == 0);
	}
	buf_free(&whole);
	buf_free(&pieces);
	buf_free(&again);
	return 0;
}
