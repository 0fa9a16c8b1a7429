/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/escape: any bytes come out as valid UTF-8 without a character that
 * could end a text or an attribute.
 */
#include <assert.h>
#include <stdint.h>

#include "web/escape.h"
#include "web/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out;
	struct bytes left;

	buf_init(&out, 6 * len + 1);
	escape_html(&out, bytes_of(data, len));
	assert(buf_err(&out) == TL_OK);
	left = bytes_of(out.data, out.len);
	while (left.len > 0) {
		uint32_t point;
		bool valid;
		size_t n = utf8_next(left, &point, &valid);

		assert(n > 0 && valid);
		assert(point >= 0x20 || point == '\n' || point == '\r' ||
		    point == '\t');
		assert(point != '<' && point != '>' && point != '"' &&
		    point != '\'');
		left = bytes_of(left.at + n, left.len - n);
	}
	buf_free(&out);
	return 0;
}
