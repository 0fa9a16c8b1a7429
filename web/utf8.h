/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/utf8.h - code points of bytes that should be UTF-8.
 *
 * Promise:   never reads past the bytes, always moves on.
 * Knows not: what the text means.
 * Runs in:   intake workers, build tools. Pure.
 * Disk:      nothing.
 */
#ifndef TL_WEB_UTF8_H
#define TL_WEB_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define UTF8_REPLACEMENT UINT32_C(0xfffd)

/*
 * Read the code point at the start of text and return its bytes, 1 to 4; 0
 * if text is empty. A byte that begins no shortest-form, non-surrogate
 * sequence counts as UTF8_REPLACEMENT of one byte; *ret_valid says so.
 */
size_t utf8_next(struct bytes text, uint32_t *ret_point, bool *ret_valid);

#endif
