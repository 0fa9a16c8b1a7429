/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/readable.h - bytes of which nobody knows what they are, as words.
 *
 * Promise:   a cry for help in a message that could not be read as agreed is
 *            seen by the rules and by officers. It is a help to the eye: who
 *            calls keeps the bytes themselves.
 * Knows not: gateways.
 * Runs in:   workers of the intake, the desk, the tipline command. Pure.
 * Disk:      nothing.
 */
#ifndef TL_TEXT_READABLE_H
#define TL_TEXT_READABLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Append what bytes say: JSON without its escapes, a form without its percent
 * signs, all else as it is, and U+FFFD for what is not UTF-8; if more than a
 * tenth of it is no UTF-8 or no sign, those lines alone of which nothing is.
 * False, and nothing is appended, if there is none. Errors stick to out.
 */
bool readable_put(struct bytes bytes, struct buf *out);

#endif
