/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/code.h"

#include <stdbool.h>
#include <string.h>

#include "base/wipe.h"

#define MYANMAR_WA 0x101Du /* looks like the Myanmar zero, typed for it */

/* The zero of each script; its other digits follow. */
static const uint32_t zeros[] = {
	0x0030, /* ASCII */
	0x17E0, /* Khmer */
	0x0E50, /* Thai */
	0x0ED0, /* Lao */
	0x1040, /* Myanmar */
	0x1090, /* Myanmar Shan */
	0x09E6, /* Bengali */
	0x0966, /* Devanagari */
	0xFF10, /* fullwidth */
};

/* What people and keyboards put between groups of digits. */
static const struct {
	uint32_t first;
	uint32_t last;
} between[] = {
	{ 0x0009, 0x000D }, /* tab, line ends */
	{ 0x0020, 0x0020 }, /* space */
	{ 0x002D, 0x002E }, /* hyphen, dot */
	{ 0x0085, 0x0085 }, /* next line */
	{ 0x00A0, 0x00A0 }, /* no-break space */
	{ 0x00AD, 0x00AD }, /* soft hyphen */
	{ 0x00B7, 0x00B7 }, /* middle dot */
	{ 0x1680, 0x1680 }, /* ogham space */
	{ 0x2000, 0x2015 }, /* spaces, zero width, marks, hyphens, dashes */
	{ 0x2024, 0x2024 }, /* one dot leader */
	{ 0x2028, 0x2029 }, /* line and paragraph separators */
	{ 0x202F, 0x202F }, /* narrow no-break space */
	{ 0x205F, 0x2060 }, /* mathematical space, word joiner */
	{ 0x2212, 0x2212 }, /* minus */
	{ 0x3000, 0x3000 }, /* ideographic space */
	{ 0x3002, 0x3002 }, /* ideographic full stop */
	{ 0xFE58, 0xFE58 }, /* small em dash */
	{ 0xFE63, 0xFE63 }, /* small hyphen */
	{ 0xFEFF, 0xFEFF }, /* byte order mark */
	{ 0xFF0D, 0xFF0E }, /* fullwidth hyphen and dot */
};

/*
 * Take one code point of up to three bytes from *text: no digit and no mark
 * of the tables is longer. False for anything else, shortest form or not.
 */
static bool take_code_point(struct bytes *text, uint32_t *ret)
{
	const uint8_t *at = text->at;
	uint32_t point = at[0];
	size_t len = 1;

	if (point >= 0x80) {
		len = point >= 0xE0 ? 3 : 2;
		if (point < 0xC2 || point > 0xEF || text->len < len) {
			return false;
		}
		point &= len == 3 ? 0x0Fu : 0x1Fu;
		for (size_t i = 1; i < len; i++) {
			if ((at[i] & 0xC0u) != 0x80u) {
				return false;
			}
			point = point << 6 | (at[i] & 0x3Fu);
		}
		if (len == 3 && point < 0x800) {
			return false;
		}
	}
	*text = bytes_of(at + len, text->len - len);
	*ret = point;
	return true;
}

/* 0 to 9, or -1. */
static int digit_of(uint32_t point)
{
	if (point == MYANMAR_WA) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		if (point >= zeros[i] && point <= zeros[i] + 9) {
			return (int)(point - zeros[i]);
		}
	}
	return -1;
}

static bool stands_between(uint32_t point)
{
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		if (point >= between[i].first && point <= between[i].last) {
			return true;
		}
	}
	return false;
}

enum tl_err code_parse(
    struct bytes typed, char digits[static CODE_DIGITS_MAX + 1])
{
	char found[CODE_DIGITS_MAX + 1] = { 0 };
	size_t n = 0;
	enum tl_err err = TL_EFORMAT;

	if (typed.len > CODE_TYPED_MAX_BYTES) {
		return TL_ETOOBIG;
	}
	while (typed.len > 0) {
		uint32_t point = 0;
		int digit;

		if (!take_code_point(&typed, &point)) {
			goto out;
		}
		digit = digit_of(point);
		if (digit >= 0 && n < CODE_DIGITS_MAX) {
			found[n++] = (char)('0' + digit);
		} else if (digit >= 0 || !stands_between(point)) {
			goto out;
		}
	}
	if (n != CODE_DIGITS_SLOW && n != CODE_DIGITS_FAST) {
		goto out;
	}
	if (code_check_digit(found, n) != '0') {
		err = TL_EPROOF;
		goto out;
	}
	memcpy(digits, found, sizeof(found));
	err = TL_OK;
out:
	wipe(found, sizeof(found));
	return err;
}
