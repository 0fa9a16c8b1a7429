/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/redact.h - black out parts of a text before it leaves, and find what
 * should be thought about.
 *
 * Promise:   of a span nothing is left, not even its length: five blocks
 *            stand for it, whole signs go, and spans that touch are one. The
 *            text that is given stays as it is. What is suggested for one
 *            place is suggested for every place with the same words.
 * Knows not: reports, partners. Decides nothing: an officer does.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_REDACT_H
#define TL_DESK_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define REDACT_SPANS_MAX 256u

enum redact_why {
	REDACT_OFFICER, /* the officer's own */
	REDACT_NUMBER,  /* seven digits or more, of any script */
	REDACT_HANDLE,  /* @name, an address, a link */
	REDACT_NAME,    /* after a title */
	REDACT_PLACE,   /* after a word for a village or a street */
	REDACT_PLATE,   /* of a vehicle */
};

/* "number", "handle"...; static. */
const char *redact_why_name(enum redact_why why);

/* Bytes [at, at + len) of the text. */
struct redact_span {
	size_t at, len;
	enum redact_why why;
};

struct redact_spans {
	struct redact_span items[REDACT_SPANS_MAX];
	size_t n;
	bool full; /* there were more */
};

/* Suggest spans of text, in order, no two with a byte in common. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err redact_suggest(
    struct bytes text, struct redact_spans *ret_spans);

/*
 * Append text to out with each of n spans as five U+2588, in any order. A span
 * that begins or ends inside of a sign takes the whole of it. TL_EINVAL: a span
 * is beyond the text, or text is no UTF-8. Other errors stick to out.
 */
TL_MUST_CHECK enum tl_err redact_text(struct bytes text,
    const struct redact_span *spans, size_t n, struct buf *out);

#endif
