/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/lost.h"

#include <stddef.h>
#include <stdint.h>

#include <utf8proc.h>

#include "text/utf8.h"

#define LOST_MIN 4u

/* What stands for a letter: ? and U+FFFD mostly, the inverted ? where 0xbf is
 * the sign for it, the white square in some. */
static bool is_stand_in(uint32_t point)
{
	return point == '?' || point == UTF8_REPLACEMENT || point == 0xbf ||
	    point == 0x25a1;
}

static bool is_letter(uint32_t point)
{
	utf8proc_category_t category = utf8proc_category((int32_t)point);

	return category >= UTF8PROC_CATEGORY_LU &&
	    category <= UTF8PROC_CATEGORY_LO;
}

bool lost_letters(struct bytes text)
{
	size_t lost = 0, letters = 0, i = 0;

	while (i < text.len) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad_len = 1;
		size_t len = utf8_read(
		    bytes_of(text.at + i, text.len - i), &point, &bad_len);

		if (len == 0) {
			point = UTF8_REPLACEMENT;
			len = bad_len;
		}
		lost += is_stand_in(point) ? 1 : 0;
		letters += is_letter(point) ? 1 : 0;
		i += len;
	}
	return lost >= LOST_MIN && lost > 2 * letters;
}
