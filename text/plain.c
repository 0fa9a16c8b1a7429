/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/plain.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

/* Signs that a terminal acts on or that turn the direction of what follows:
 * C1 controls, bidirectional marks, line separators, tags; and what is no sign
 * at all, which XML may not have. C0 controls are told apart by the callers. */
static const struct {
	uint32_t first, last;
} risky[] = {
	{ 0x007f, 0x009f },
	{ 0x061c, 0x061c },
	{ 0x200e, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
	{ 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
	{ 0xfffe, 0xffff },
	{ 0xe0000, 0xe007f },
};

bool plain_is_risky(uint32_t point)
{
	for (size_t i = 0; i < sizeof(risky) / sizeof(risky[0]); i++) {
		if (point >= risky[i].first && point <= risky[i].last) {
			return true;
		}
	}
	return false;
}

static void put_named(struct buf *out, uint32_t point)
{
	char text[sizeof("<U+10FFFF>")];

	(void)snprintf(text, sizeof(text), "<U+%04X>", (unsigned)point);
	buf_put_str(out, text);
}

void plain_line(struct buf *out, struct bytes text)
{
	while (text.len > 0) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad = 1;
		size_t len = utf8_read(text, &point, &bad);

		if (len == 0) {
			utf8_put(out, UTF8_REPLACEMENT);
			len = bad;
		} else if (point < 0x20 || plain_is_risky(point)) {
			put_named(out, point);
		} else {
			buf_put(out, text.at, len);
		}
		text = bytes_of(text.at + len, text.len - len);
	}
}

void plain_text(struct buf *out, struct bytes text)
{
	while (text.len > 0) {
		const uint8_t *end = text.at;
		const uint8_t *behind = text.at + text.len;
		size_t len;

		while (end < behind && *end != '\n' && *end != '\r' &&
		    *end != '\t') {
			end++;
		}
		len = (size_t)(end - text.at);
		plain_line(out, bytes_of(text.at, len));
		if (end < behind) {
			buf_put_u8(out, *end == '\t' ? '\t' : '\n');
			len +=
			    *end == '\r' && end + 1 < behind && end[1] == '\n'
			    ? 2
			    : 1;
		}
		text = bytes_of(text.at + len, text.len - len);
	}
}

void plain_lines(struct buf *out, struct bytes text)
{
	for (;;) {
		const uint8_t *end =
		    text.len == 0 ? NULL : memchr(text.at, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.at);
		size_t shown = len;

		if (end != NULL && len > 0 && text.at[len - 1] == '\r') {
			shown--;
		}
		buf_put_str(out, "  | ");
		plain_line(out, bytes_of(text.at, shown));
		buf_put_str(out, "\n");
		if (end == NULL) {
			return;
		}
		text = bytes_of(end + 1, text.len - len - 1);
	}
}

static void put_escape(struct buf *out, uint32_t unit)
{
	char text[sizeof("\\u0000")];

	(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)unit & 0xffffu);
	buf_put_str(out, text);
}

void plain_json(struct buf *out, struct bytes json)
{
	while (json.len > 0) {
		uint32_t point = UTF8_REPLACEMENT;
		size_t bad = 1;
		size_t len = utf8_read(json, &point, &bad);

		if (len > 0 && point > 0xffff && plain_is_risky(point)) {
			put_escape(out, 0xd800 + ((point - 0x10000) >> 10));
			put_escape(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
		} else if (len > 0 && plain_is_risky(point)) {
			put_escape(out, point);
		} else {
			len = len > 0 ? len : bad;
			buf_put(out, json.at, len);
		}
		json = bytes_of(json.at + len, json.len - len);
	}
}
