/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/escape.h - anybody's bytes as text of an HTML page.
 *
 * Promise:   what comes out is valid UTF-8, means the same characters, and
 *            stays inside the element text, textarea, title or quoted
 *            attribute it was written into.
 * Knows not: scripts, styles, addresses: nothing is to be put in those.
 * Runs in:   intake workers. Pure.
 * Disk:      nothing.
 */
#ifndef TL_WEB_ESCAPE_H
#define TL_WEB_ESCAPE_H

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Append text, with < > & " ' as references. Bytes that are not UTF-8 and
 * control characters that HTML cannot hold become U+FFFD; tab, line feed and
 * carriage return stay. Errors stick in out.
 */
void escape_html(struct buf *out, struct bytes text);

#endif
