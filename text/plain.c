/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/plain.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

/* Signs that a terminal acts on or that turn the direction of what follows:
 * C1 controls, bidirectional marks, line separators, tags. C0 controls are
 * told apart by the callers. */
static const struct {
	uint32_t first, last;
} risky[] = {
	{ 0x007f, 0x009f },
	{ 0x061c, 0x061c },
	{ 0x200e, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
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
