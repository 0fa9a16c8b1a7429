/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/escape.h"

#include "web/utf8.h"

/* What stands for point, or NULL if it may stand for itself. */
static const char *reference(uint32_t point)
{
	switch (point) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
	case '\r':
		return NULL;
	default:
		/* C0, DEL and C1, which some decoders take as Windows-1252 */
		return point < 0x20 || (point >= 0x7f && point < 0xa0)
		    ? "\xef\xbf\xbd"
		    : NULL;
	}
}

void escape_html(struct buf *out, struct bytes text)
{
	size_t plain = 0; /* begin of what can be copied as it is */
	size_t at = 0;

	while (at < text.len) {
		uint32_t point;
		bool valid;
		size_t len = utf8_next(
		    bytes_of(text.at + at, text.len - at), &point, &valid);
		const char *instead = valid ? reference(point) : "\xef\xbf\xbd";

		if (instead != NULL) {
			buf_put(out, text.at + plain, at - plain);
			buf_put_str(out, instead);
			plain = at + len;
		}
		at += len;
	}
	if (at > plain) {
		buf_put(out, text.at + plain, at - plain);
	}
}
