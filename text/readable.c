/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/readable.h"

#include <stdint.h>
#include <string.h>

#include "base/enc.h"
#include "text/utf8.h"

#define ESCAPE_BYTES   6u /* \uXXXX */
#define OTHERS_ONE_IN  10u
#define LINE_MIN_BYTES 3u /* a letter of Khmer */

/* ---- what is written around the words ------------------------------------ */

static bool is_json(struct bytes bytes)
{
	size_t i = 0;

	while (i < bytes.len && memchr(" \t\r\n", bytes.at[i], 4) != NULL) {
		i++;
	}
	return i < bytes.len && (bytes.at[i] == '{' || bytes.at[i] == '[');
}

/* Of a form no byte is a blank, and each of its fields has its "=". */
static bool is_form(struct bytes bytes)
{
	bool has_value = false;

	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.at[i] <= ' ' || bytes.at[i] > '~') {
			return false;
		}
		has_value = has_value || bytes.at[i] == '=';
	}
	return has_value;
}

/* The unit of \uXXXX in front of text, or -1. */
static int32_t unit_at(struct bytes text)
{
	int32_t unit = 0;

	if (text.len < ESCAPE_BYTES || text.at[0] != '\\' ||
	    text.at[1] != 'u') {
		return -1;
	}
	for (size_t i = 2; i < ESCAPE_BYTES; i++) {
		int digit = dec_hex_digit(text.at[i]);

		if (digit < 0) {
			return -1;
		}
		unit = unit << 4 | digit;
	}
	return unit;
}

static struct bytes behind(struct bytes text, size_t n)
{
	return bytes_of(text.at + n, text.len - n);
}

/* Append what the escape in front of text means; returns its length. */
static size_t put_escape(struct bytes text, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	int32_t high = unit_at(text);
	const char *name = text.len < 2 || text.at[1] == '\0'
	    ? NULL
	    : strchr(names, text.at[1]);

	if (high >= 0xd800 && high < 0xdc00) {
		int32_t low = unit_at(behind(text, ESCAPE_BYTES));

		if (low >= 0xdc00 && low < 0xe000) {
			utf8_put(out,
			    (uint32_t)(0x10000 + ((high - 0xd800) << 10) +
				(low - 0xdc00)));
			return (size_t)2 * ESCAPE_BYTES;
		}
	}
	if (high >= 0) {
		utf8_put(out, (uint32_t)high); /* half a letter: U+FFFD */
		return ESCAPE_BYTES;
	}
	if (name != NULL) {
		buf_put_u8(out, (uint8_t)means[name - names]);
		return 2;
	}
	buf_put_u8(out, text.at[0]);
	return 1;
}

static void put_json(struct bytes text, struct buf *out)
{
	while (text.len > 0) {
		size_t len = 1;

		if (text.at[0] == '\\') {
			len = put_escape(text, out);
		} else {
			buf_put_u8(out, text.at[0]);
		}
		text = behind(text, len);
	}
}

static void put_form(struct bytes text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.at[i];
		bool whole = byte == '%' && text.len - i > 2;
		int high = whole ? dec_hex_digit(text.at[i + 1]) : -1;
		int low = whole ? dec_hex_digit(text.at[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			byte = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (byte == '+') {
			byte = ' ';
		}
		buf_put_u8(out, byte);
	}
}

/* ---- words, or something else? ------------------------------------------- */

static bool is_sign(uint32_t point)
{
	return point >= ' ' ? point != 0x7f
			    : point == '\t' || point == '\n' || point == '\r';
}

/* At most one of so many may be no UTF-8, or no sign. */
static bool can_be_read(struct bytes text, size_t of)
{
	size_t signs = 0, others = 0;

	while (text.len > 0) {
		uint32_t point = 0;
		size_t bad = 1;
		size_t len = utf8_read(text, &point, &bad);

		if (len > 0 && is_sign(point)) {
			signs++;
		} else {
			others++;
		}
		text = behind(text, len > 0 ? len : bad);
	}
	return signs > 0 && others <= (signs + others) / of;
}

/* Words beside a picture, as in a form of many parts. */
static bool put_lines(struct bytes text, struct buf *out)
{
	bool any = false;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.at);
		struct bytes line = bytes_of(text.at, len);

		if (len >= LINE_MIN_BYTES && can_be_read(line, SIZE_MAX)) {
			buf_put(out, line.at, line.len);
			buf_put_u8(out, '\n');
			any = true;
		}
		text = behind(text, end == NULL ? len : len + 1);
	}
	return any;
}

bool readable_put(struct bytes bytes, struct buf *out)
{
	struct buf words;
	struct bytes said;
	bool can = false;

	buf_init(&words, bytes.len * 3);
	if (is_json(bytes)) {
		put_json(bytes, &words);
	} else if (is_form(bytes)) {
		put_form(bytes, &words);
	} else {
		buf_put(&words, bytes.at, bytes.len);
	}
	said = bytes_of(words.data, words.len);
	if (buf_err(&words) != TL_OK) {
		out->err = buf_err(out) == TL_OK ? buf_err(&words) : out->err;
	} else if (can_be_read(said, OTHERS_ONE_IN)) {
		(void)utf8_repair(said, out);
		can = true;
	} else {
		can = put_lines(said, out);
	}
	buf_free(&words);
	return can;
}
