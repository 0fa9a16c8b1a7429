/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/utf16.h - UTF-16, most significant byte first, to UTF-8 and back.
 *
 * Texts come in parts that are cut at arbitrary units: whoever joins parts
 * must join the bytes first and decode then.
 */
#ifndef TL_TEXT_UTF16_H
#define TL_TEXT_UTF16_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Append the text to out: U+FFFD for each lone surrogate and one for an odd
 * last byte. A byte order mark is a character like any other. True if
 * nothing was lost.
 */
bool utf16be_decode(struct bytes units, struct buf *out);

/* Append text, which is UTF-8, to out as UTF-16; U+FFFD for what is not. */
void utf16be_encode(struct bytes text, struct buf *out);

#endif
