/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/multipart: three bytes choose the boundary and the cuts, the
 * rest is a body. Pieces give the same parts as the whole.
 */
#include "server/net/multipart.h"

#include <assert.h>

#include "tests/lib/multipart_say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const boundaries[] = { "xy", "-", "----",
		"----WebKitFormBoundary7MA4YWxkTrZu0gW" };
	struct buf whole;
	struct buf pieces;
	struct bytes body;
	struct bytes boundary;

	if (len < 3) {
		return 0;
	}
	body = bytes_of(data + 3, len - 3);
	boundary = bytes_str(boundaries[data[0] % 4]);
	/* what is said about a part is shorter than its head */
	buf_init(&whole, len + 64);
	buf_init(&pieces, len + 64);
	multipart_say(boundary, body, body.len, 1, &whole);
	multipart_say(boundary, body, data[1], 1 + (size_t)data[2], &pieces);
	assert(buf_err(&whole) == TL_OK && buf_err(&pieces) == TL_OK);
	assert(bytes_equal(bytes_of(whole.data, whole.len),
	    bytes_of(pieces.data, pieces.len)));
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
