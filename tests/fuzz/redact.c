/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/redact: what is suggested lies in the text, in order and apart, and is
 * gone from the copy: blacking it out leaves no byte of a span.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "desk/redact.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct redact_spans spans;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes text = bytes_of(data, len);
	struct buf out;
	size_t end = 0;
	size_t kept = len;

	if (redact_suggest(text, &spans) != TL_OK) {
		return 0;
	}
	for (size_t i = 0; i < spans.n; i++) {
		const struct redact_span *span = &spans.items[i];

		assert(span->at >= end && span->len > 0);
		end = span->at + span->len;
		assert(end <= len);
		kept -= span->len;
	}
	buf_init(&out, 16 * len + 64);
	if (redact_text(text, spans.items, spans.n, &out) == TL_OK) {
		assert(utf8_valid(bytes_of(out.data, out.len)));
		assert(out.len <= kept + spans.n * 15);
		assert(spans.n == 0 ||
		    memmem(out.data, out.len, "\u2588", 3) != NULL);
	} else {
		assert(!utf8_valid(text));
	}
	buf_free(&out);
	return 0;
}
