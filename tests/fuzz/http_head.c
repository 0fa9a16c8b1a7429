/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http: two bytes say how the rest is cut into pieces, the rest is
 * what a client sends. Pieces give the same as the whole, and a request that
 * was delivered, written down and read again, is the same request.
 */
#include "server/net/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/http_say.h"

#define SAID_MAX (256u * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void assert_same(const struct buf *a, const struct buf *b)
{
	assert(buf_err(a) == TL_OK && buf_err(b) == TL_OK);
	assert(
	    bytes_equal(bytes_of(a->data, a->len), bytes_of(b->data, b->len)));
}

static size_t count(const struct buf *buf, uint8_t byte)
{
	size_t n = 0;

	for (size_t i = 0; i < buf->len; i++) {
		n += buf->data[i] == byte;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes sent;
	struct buf whole;
	struct buf other;
	enum http_event event;

	if (len < 2) {
		return 0;
	}
	sent = bytes_of(data + 2, len - 2);
	buf_init(&whole, SAID_MAX);
	buf_init(&other, SAID_MAX);
	event = http_say(&http_limits_default, sent, sent.len, 1, &whole);
	assert(http_say(&http_limits_default, sent, data[0],
		   1 + (size_t)data[1], &other) == event);
	assert_same(&whole, &other);
	/* written down it has two fields more, at most */
	if (event == HTTP_DONE && count(&whole, '\n') < HTTP_FIELDS_MAX) {
		buf_reset(&other);
		sent = bytes_of(whole.data, whole.len);
		assert(http_say(&http_say_wide, sent, sent.len, 1, &other) ==
		    HTTP_DONE);
		assert_same(&whole, &other);
	}
	buf_free(&whole);
	buf_free(&other);
	return 0;
}
