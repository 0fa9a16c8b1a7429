/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/guess.h - in what language is a text, well enough to call the right
 * interpreter.
 *
 * The script decides where it can; for Latin and Devanagari letters small
 * common words do. Where there is no evidence, or as much for another
 * language, the answer is "": unknown is an answer. Malay and Indonesian are
 * one for a short text: an even score is told as ms, whose interpreters
 * understand both.
 * Disk: nothing. The words are data/function-words.tsv: lang, word.
 */
#ifndef TL_TEXT_GUESS_H
#define TL_TEXT_GUESS_H

#include "base/bytes.h"
#include "base/err.h"
#include "text/fold.h"
#include "text/tsv.h"

struct guess;

/* Read the list. TL_EFORMAT: *ret_fault says what and where. */
TL_MUST_CHECK enum tl_err guess_new(
    struct bytes file, struct guess **ret_guess, struct text_fault *ret_fault);
void guess_free(struct guess *guess);
size_t guess_bytes(const struct guess *guess);

/* A tag such as "km", valid for ever, or "". */
const char *guess_language(const struct guess *guess, const struct fold *text);

#endif
