/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/utf8.h"

/* By first byte: length, and the range of the second byte, which is what
 * keeps out overlong forms, surrogates and numbers beyond the end. */
struct lead {
	uint8_t first, last, len, second_min, second_max, bits;
};

static const struct lead leads[] = {
	{ 0xc2, 0xdf, 2, 0x80, 0xbf, 0x1f },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf, 0x0f },
	{ 0xe1, 0xec, 3, 0x80, 0xbf, 0x0f },
	{ 0xed, 0xed, 3, 0x80, 0x9f, 0x0f },
	{ 0xee, 0xef, 3, 0x80, 0xbf, 0x0f },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf, 0x07 },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf, 0x07 },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f, 0x07 },
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last) {
			return &leads[i];
		}
	}
	return NULL;
}

size_t utf8_read(struct bytes text, uint32_t *ret_point, size_t *ret_bad_len)
{
	const struct lead *lead;
	uint32_t point;

	if (text.at[0] < 0x80) {
		*ret_point = text.at[0];
		return 1;
	}
	lead = find_lead(text.at[0]);
	if (lead == NULL) {
		*ret_bad_len = 1;
		return 0;
	}
	point = text.at[0] & lead->bits;
	for (size_t i = 1; i < lead->len; i++) {
		uint8_t min = i == 1 ? lead->second_min : 0x80;
		uint8_t max = i == 1 ? lead->second_max : 0xbf;

		if (i >= text.len || text.at[i] < min || text.at[i] > max) {
			*ret_bad_len = i;
			return 0;
		}
		point = point << 6 | (text.at[i] & 0x3f);
	}
	*ret_point = point;
	return lead->len;
}

static struct bytes skip(struct bytes text, size_t len)
{
	return bytes_of(text.at + len, text.len - len);
}

bool utf8_valid(struct bytes text)
{
	while (text.len > 0) {
		uint32_t point;
		size_t bad;
		size_t len = utf8_read(text, &point, &bad);

		if (len == 0) {
			return false;
		}
		text = skip(text, len);
	}
	return true;
}

bool utf8_repair(struct bytes text, struct buf *out)
{
	bool valid = true;

	while (text.len > 0) {
		uint32_t point;
		size_t bad;
		size_t len = utf8_read(text, &point, &bad);

		if (len == 0) {
			valid = false;
			utf8_put(out, UTF8_REPLACEMENT);
			len = bad;
		} else {
			buf_put(out, text.at, len);
		}
		text = skip(text, len);
	}
	return valid;
}

void utf8_put(struct buf *out, uint32_t point)
{
	uint8_t b[4];
	size_t len;

	if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
		point = UTF8_REPLACEMENT;
	}
	if (point < 0x80) {
		b[0] = (uint8_t)point;
		len = 1;
	} else if (point < 0x800) {
		b[0] = (uint8_t)(0xc0 | point >> 6);
		len = 2;
	} else if (point < 0x10000) {
		b[0] = (uint8_t)(0xe0 | point >> 12);
		len = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | point >> 18);
		len = 4;
	}
	for (size_t i = 1; i < len; i++) {
		b[i] = (uint8_t)(0x80 | (point >> (6 * (len - 1 - i)) & 0x3f));
	}
	buf_put(out, b, len);
}

struct bytes utf8_cut(struct bytes text, size_t max)
{
	if (text.len <= max) {
		return text;
	}
	while (max > 0 && (text.at[max] & 0xc0) == 0x80) {
		max--;
	}
	return bytes_of(text.at, max);
}
