/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/utf16.h"

#include "base/rd.h"
#include "text/utf8.h"

void utf16be_encode(struct bytes text, struct buf *out)
{
	while (text.len > 0) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad = 1;
		size_t len = utf8_read(text, &point, &bad);

		if (len == 0) {
			point = UTF8_REPLACEMENT;
			len = bad;
		}
		if (point > 0xffff) {
			point -= 0x10000;
			buf_put_u16(out, (uint16_t)(0xd800 + (point >> 10)));
			point = 0xdc00 + (point & 0x3ff);
		}
		buf_put_u16(out, (uint16_t)point);
		text = bytes_of(text.at + len, text.len - len);
	}
}

bool utf16be_decode(struct bytes units, struct buf *out)
{
	struct rd rd = rd_of(units.at, units.len);
	bool whole = true;

	while (rd.left >= 2) {
		uint32_t unit = rd_u16(&rd);

		if (unit >= 0xd800 && unit <= 0xdbff && rd.left >= 2) {
			struct rd ahead = rd;
			uint32_t low = rd_u16(&ahead);

			if (low >= 0xdc00 && low <= 0xdfff) {
				rd = ahead;
				unit = 0x10000 + ((unit - 0xd800) << 10) +
				    (low - 0xdc00);
			}
		}
		whole = whole && (unit < 0xd800 || unit > 0xdfff);
		utf8_put(out, unit);
	}
	if (rd.left > 0) {
		utf8_put(out, UTF8_REPLACEMENT);
		whole = false;
	}
	return whole;
}
