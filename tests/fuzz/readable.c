/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Words out of bytes: always UTF-8, never more than three bytes for one, behind
 * what stood there; and nothing at all where there are none. A text that could
 * be read as agreed is itself: what is neither JSON nor a form and UTF-8 stays.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/readable.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char before[] = "before";
	const size_t had = sizeof(before) - 1;
	struct bytes bytes = bytes_of(data, len);
	struct buf out;
	bool can;

	buf_init(&out, had + 3 * len);
	buf_put(&out, before, had);
	can = readable_put(bytes, &out);
	assert(buf_err(&out) == TL_OK);
	assert(out.len >= had && memcmp(out.data, before, had) == 0);
	assert(can == (out.len > had));
	assert(utf8_valid(bytes_of(out.data, out.len)));
	if (utf8_valid(bytes) && len > 0 && memchr(data, ' ', len) != NULL &&
	    memchr(data, '{', len) == NULL && memchr(data, '[', len) == NULL) {
		assert(!can || out.len <= had + len + 1);
	}
	buf_free(&out);

	/* where there is no room for it, that is said, not hidden */
	if (can && len > 0) {
		buf_init(&out, 1);
		(void)readable_put(bytes, &out);
		assert(out.len <= 1);
		buf_free(&out);
	}
	return 0;
}
