/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media/strip.h - take out of a picture what was written beside its pixels:
 * where and when it was taken, with what, by whom; previews; comments; and
 * whatever hangs on behind its end.
 *
 * Promise:   the pixels are not touched: all bytes that a decoder makes them
 *            of come out as they went in. Cut at any byte, the result is the
 *            same. No memory but this struct. A WebP says in its head how long
 *            it is: there zeros stand in the place of what goes.
 * Knows not: limits, names. Which way up a photo is to be held is in what
 *            goes, so some are shown lying.
 * Runs in:   workers of the intake, tests.
 * Disk:      none.
 *
 *	media_strip_init(&s, kind);
 *	while ((event = media_strip_feed(&s, at, len, &used, &piece)) ==
 *	    MEDIA_STRIP_KEEP) ...
 */
#ifndef TL_MEDIA_STRIP_H
#define TL_MEDIA_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "media/kind.h"

/* A marker, a length and the first bytes of a JPEG segment. */
#define MEDIA_STRIP_HEAD_BYTES 16u

enum media_strip_event {
	MEDIA_STRIP_MORE, /* all bytes are taken */
	MEDIA_STRIP_KEEP, /* a piece of what stays */
	MEDIA_STRIP_BAD,  /* not built as such a picture is: what follows cannot
	                     be told apart, and nothing more is taken */
};

/* Open only so that a file on its way can embed it. */
struct media_strip {
	enum media_kind kind;
	uint8_t state;
	bool keeps; /* the bytes that are left of this part */
	bool in_scan;
	bool blanks; /* the bytes that are left stay as zeros */
	uint8_t head_len, head_want;
	uint8_t head[MEDIA_STRIP_HEAD_BYTES];
	uint32_t left;
	uint32_t room; /* of a WebP, behind this part */
};

/* Whether there is a stripper for this kind. */
bool media_strip_knows(enum media_kind kind);

/* Begin. kind is one that media_strip_knows(). */
void media_strip_init(struct media_strip *s, enum media_kind kind);

/*
 * Take bytes up to the next event. *ret_used says how many were taken.
 * *ret_piece is set on MEDIA_STRIP_KEEP; it borrows the input or s, until the
 * next call.
 */
enum media_strip_event media_strip_feed(struct media_strip *s,
    const void *bytes, size_t len, size_t *ret_used, struct bytes *ret_piece);

/* The end of the picture has come. */
bool media_strip_is_whole(const struct media_strip *s);

#endif
