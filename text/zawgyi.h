/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/zawgyi.h - Burmese as the Zawgyi font has it: the same block of
 * Unicode, used in another way and typed in the order of the page.
 *
 * Promise:   time grows with the length and no faster; what is no Burmese
 *            stays as it is; the original is never changed.
 * Knows not: other languages of the block (Shan, Mon, Karen): a text of
 *            theirs is not called Zawgyi, but may be called unsure.
 * Runs in:   the intake's workers, cli, desk.
 *
 * The guess counts sequences that only one of the two writes: a vowel E
 * without a letter before it, a virama with nothing below it, and the like.
 * Google's myanmar-tools, which compares pairs of signs with a model, is in
 * no package for C. ICU has a transform, but it needs a square of the length
 * and forgets where a sign was.
 */
#ifndef TL_TEXT_ZAWGYI_H
#define TL_TEXT_ZAWGYI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/fold.h"

enum zawgyi {
	ZAWGYI_NO,     /* Unicode, or means the same in both */
	ZAWGYI_UNSURE, /* to be read in both ways */
	ZAWGYI_YES,
};

enum zawgyi zawgyi_guess(struct bytes text);

/* Whatever the whole is: a piece of it is surely the one, and a piece surely
 * the other, as where somebody writes below what was sent on. */
bool zawgyi_is_mixed(struct bytes text);

/* Append text to out, in Unicode: for showing it. What is not UTF-8 becomes
 * U+FFFD. TL_ENOMEM, or TL_ETOOBIG (out's maximum). */
TL_MUST_CHECK enum tl_err zawgyi_to_unicode(struct bytes text, struct buf *out);

/* At most so many signs become of one. */
#define ZAWGYI_GROWS 4u

/* n signs to Unicode; there is room for ZAWGYI_GROWS * n in ret_out. Returns
 * how many they are. Each knows the bytes of the sign it comes from. */
size_t zawgyi_convert(
    const struct fold_char *signs, size_t n, struct fold_char *ret_out);

#endif
