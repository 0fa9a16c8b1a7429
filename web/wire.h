/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/wire.h - a page as it goes over the wire: compressed where the browser
 * can read that, and as long as all pages of its kind.
 *
 * Promise:   pages of one kind have one length, so that whoever counts bytes
 *            on the way cannot tell them apart. A page that gives words back
 *            that somebody typed is never compressed: its length would tell
 *            of them.
 * Knows not: what is on a page.
 * Runs in:   intake workers. Pure.
 * Disk:      nothing.
 */
#ifndef TL_WEB_WIRE_H
#define TL_WEB_WIRE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum wire_kind {
	WIRE_TYPED,   /* with somebody's words in it: as it is */
	WIRE_OPEN,    /* the same for everybody: compressed, of any length */
	WIRE_MESSAGE, /* errors, neutral pages, what was done */
	WIRE_RECEIPT,
	WIRE_RETURN, /* every answer to a code */
	WIRE_KINDS
};

/* The length of all pages of a kind, compressed or not; 0: any. One that is
 * longer than that has twice the length, or three times, and so on. */
size_t wire_bytes(enum wire_kind kind, bool gzip);

/*
 * Append page to out as kind says, with gzip as RFC 1952 (Content-Encoding:
 * gzip) unless it is WIRE_TYPED. Sets *ret_gzip: it is compressed. TL_ENOMEM,
 * TL_ETOOBIG: out must not be sent.
 */
TL_MUST_CHECK enum tl_err wire_page(const struct buf *page, enum wire_kind kind,
    bool gzip, struct buf *out, bool *ret_gzip);

#endif
