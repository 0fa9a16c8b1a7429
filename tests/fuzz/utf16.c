/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Decoders of text: the output is always UTF-8; what lost nothing goes back
 * to the same bytes; repairing twice changes nothing.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "text/utf16.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void encode(struct bytes text, struct buf *out)
{
	while (text.len > 0) {
		uint32_t point = 0;
		size_t bad = 0;
		size_t n = utf8_read(text, &point, &bad);

		assert(n > 0);
		if (point > 0xffff) {
			point -= 0x10000;
			buf_put_u16(out, (uint16_t)(0xd800 + (point >> 10)));
			point = 0xdc00 + (point & 0x3ff);
		}
		buf_put_u16(out, (uint16_t)point);
		text = bytes_of(text.at + n, text.len - n);
	}
}

static void check_utf16(struct bytes units)
{
	struct buf text, back;
	bool whole;

	buf_init(&text, units.len / 2 * 3 + 3);
	buf_init(&back, 2 * units.len + 4);
	whole = utf16be_decode(units, &text);
	assert(buf_err(&text) == TL_OK);
	encode(bytes_of(text.data, text.len), &back);
	assert(!whole || bytes_equal(bytes_of(back.data, back.len), units));
	buf_free(&text);
	buf_free(&back);
}

static void check_utf8(struct bytes bytes)
{
	struct buf once;

	buf_init(&once, 3 * bytes.len);
	assert(utf8_repair(bytes, &once) == utf8_valid(bytes));
	assert(buf_err(&once) == TL_OK);
	assert(utf8_valid(bytes_of(once.data, once.len)));
	if (utf8_valid(bytes)) {
		assert(bytes_equal(bytes_of(once.data, once.len), bytes));
		assert(utf8_valid(utf8_cut(bytes, bytes.len / 2)));
	}
	buf_free(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	check_utf16(bytes_of(data, len));
	check_utf8(bytes_of(data, len));
	return 0;
}
