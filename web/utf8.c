/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/utf8.h"

/* Bytes of a sequence by its first byte, 0 if none begins so; RFC 3629. */
static size_t sequence_len(uint8_t first)
{
	if (first < 0x80) {
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		return 2;
	}
	if (first >= 0xe0 && first <= 0xef) {
		return 3;
	}
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t utf8_next(struct bytes text, uint32_t *ret_point, bool *ret_valid)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;
	uint32_t point;

	*ret_point = UTF8_REPLACEMENT;
	*ret_valid = false;
	if (text.len == 0) {
		return 0;
	}
	len = sequence_len(text.at[0]);
	if (len == 0 || len > text.len) {
		return 1;
	}
	point = len == 1 ? text.at[0] : text.at[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((text.at[i] & 0xc0) != 0x80) {
			return 1;
		}
		point = point << 6 | (text.at[i] & 0x3fu);
	}
	if (point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff)) {
		return 1;
	}
	*ret_point = point;
	*ret_valid = true;
	return len;
}
