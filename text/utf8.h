/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/utf8.h - is this UTF-8, and if not, the nearest that is.
 *
 * UTF-8 as Unicode 15 section 3.9 defines it: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF. U+0000 and U+FFFD are valid.
 */
#ifndef TL_TEXT_UTF8_H
#define TL_TEXT_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

#define UTF8_REPLACEMENT UINT32_C(0xfffd)

/*
 * Read the code point in front of text (text.len > 0). Returns its length,
 * 1 to 4, or 0 if the bytes there are not UTF-8; *ret_bad_len is then the
 * length of the part that one U+FFFD stands for (1 to 3; Unicode's
 * "maximal subpart").
 */
size_t utf8_read(struct bytes text, uint32_t *ret_point, size_t *ret_bad_len);

bool utf8_valid(struct bytes text);

/* Append text to out with U+FFFD for what is not UTF-8. True if all was
 * valid, and so copied as it is. */
bool utf8_repair(struct bytes text, struct buf *out);

/* Append one code point; surrogates and numbers beyond the end as U+FFFD. */
void utf8_put(struct buf *out, uint32_t point);

/* The longest front of text that has at most max bytes and cuts no code
 * point. text must be valid. */
struct bytes utf8_cut(struct bytes text, size_t max);

#endif
