/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/utf16.h"

#include "base/rd.h"
#include "text/utf8.h"

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
