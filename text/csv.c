/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/csv.h"

#include <string.h>

#include "text/plain.h"
#include "text/utf8.h"

#define CUT "\n[TOO LONG FOR A CELL, AND CUT HERE: read the referral itself]"

struct range {
	uint32_t first, last;
};

static bool is_among(const struct range *ranges, size_t n, uint32_t point)
{
	for (size_t i = 0; i < n; i++) {
		if (point >= ranges[i].first && point <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

#define IS_AMONG(ranges, point) \
	is_among((ranges), sizeof(ranges) / sizeof((ranges)[0]), (point))

static bool begins_formula(uint32_t point)
{
	static const struct range signs[] = {
		{ '+', '+' }, { '-', '-' }, { '=', '=' }, { '@', '@' },
		{ 0x2212, 0x2212 },                     /* minus */
		{ 0xfe62, 0xfe63 }, { 0xfe66, 0xfe66 }, /* small + - = */
		{ 0xfe6b, 0xfe6b },                     /* small @ */
		{ 0xff0b, 0xff0b }, { 0xff0d, 0xff0d }, /* wide + - */
		{ 0xff1d, 0xff1d }, { 0xff20, 0xff20 }, /* wide = @ */
	};

	return IS_AMONG(signs, point);
}

static bool is_formula(struct bytes text)
{
	uint32_t point = UTF8_REPLACEMENT;
	size_t bad = 1;

	return text.len > 0 && utf8_read(text, &point, &bad) > 0 &&
	    begins_formula(point);
}

/* Signs that a reader may skip: blanks, what is not seen, quotes. */
static bool is_skipped(uint32_t point)
{
	static const struct range signs[] = {
		{ ' ', ' ' },
		{ '"', '"' },
		{ 0x00a0, 0x00a0 },
		{ 0x00ad, 0x00ad },
		{ 0x034f, 0x034f },
		{ 0x115f, 0x1160 },
		{ 0x1680, 0x1680 },
		{ 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },
		{ 0x2000, 0x200d },
		{ 0x2018, 0x201f },
		{ 0x202f, 0x202f },
		{ 0x205f, 0x2064 },
		{ 0x206a, 0x206f },
		{ 0x2800, 0x2800 },
		{ 0x3000, 0x3000 },
		{ 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },
		{ 0xff02, 0xff02 },
		{ 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfff8 },
		{ 0xe0100, 0xe01ef },
	};

	return IS_AMONG(signs, point);
}

/* A whole cell of these is a number, a date or a time to a spreadsheet. */
static bool is_number(struct bytes text)
{
	bool has_digit = false;

	while (text.len > 0) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad = 1;
		size_t len = utf8_read(text, &point, &bad);
		bool digit = (point >= '0' && point <= '9') ||
		    (point >= 0xff10 && point <= 0xff19);

		if (len == 0 ||
		    (!digit && !is_skipped(point) &&
			(point > 0x7f ||
			    strchr(".,:/()%eE$+-", (int)point) == NULL))) {
			return false;
		}
		has_digit = has_digit || digit;
		text = bytes_of(text.at + len, text.len - len);
	}
	return has_digit;
}

static void put_quoted(struct buf *out, struct bytes text)
{
	bool quotes = false;

	for (size_t i = 0; i < text.len; i++) {
		quotes = quotes || strchr(",;\"'\t\r\n", text.at[i]) != NULL;
	}
	quotes = quotes ||
	    (text.len > 0 &&
		(text.at[0] == ' ' || text.at[text.len - 1] == ' '));
	if (!quotes) {
		buf_put(out, text.at, text.len);
		return;
	}
	buf_put_u8(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"') {
			buf_put_u8(out, '"');
		}
		buf_put_u8(out, text.at[i]);
	}
	buf_put_u8(out, '"');
}

/* Append plain text, which is valid, with its apostrophes. */
static void put_guarded(struct buf *out, struct bytes text)
{
	bool at_start = true;
	size_t units = 0;

	if (is_number(text) && !is_formula(text)) {
		buf_put_u8(out, '\'');
	}
	while (text.len > 0) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad = 1;
		size_t len = utf8_read(text, &point, &bad);

		if (len == 0) {
			return; /* plain text has no such bytes */
		}
		units += point > 0xffff ? 2 : 1;
		if (at_start && begins_formula(point)) {
			buf_put_u8(out, '\'');
			units++;
		}
		if (units > CSV_CELL_MAX_UNITS) {
			buf_put_str(out, CUT);
			return;
		}
		if (point == '\t') {
			buf_put_u8(out, ' ');
		} else {
			buf_put(out, text.at, len);
		}
		at_start = point == '\n' || point == ';' ||
		    (at_start && (point == '\t' || is_skipped(point)));
		text = bytes_of(text.at + len, text.len - len);
	}
}

void csv_begin(struct csv *csv)
{
	utf8_put(csv->out, UINT32_C(0xfeff));
}

void csv_cell(struct csv *csv, struct bytes text)
{
	if (csv->behind) {
		buf_put_u8(csv->out, ',');
	}
	csv->behind = true;
	put_quoted(csv->out, text);
}

void csv_text(struct csv *csv, struct bytes text)
{
	struct buf plain, guarded;

	buf_init(&plain, csv->out->max);
	buf_init(&guarded, csv->out->max);
	plain_text(&plain, text);
	put_guarded(&guarded, bytes_of(plain.data, plain.len));
	csv_cell(csv, bytes_of(guarded.data, guarded.len));
	if (csv->out->err == TL_OK) {
		csv->out->err = plain.err != TL_OK ? plain.err : guarded.err;
	}
	buf_free(&guarded);
	buf_free(&plain);
}

void csv_end_row(struct csv *csv)
{
	buf_put_str(csv->out, "\r\n");
	csv->behind = false;
}
