/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/words.h - sentences of the pages in the operator's own words.
 *
 * Promise:   a text that was read obeys the rules of web/lint.h, and has the
 *            placeholders of the one it replaces. All languages have the same
 *            texts replaced: nobody is promised what others are not.
 * Knows not: files, configuration.
 * Runs in:   intake workers, at their start. Pure.
 * Disk:      none.
 *
 * The text of a file: lines "key = text", with # in front of comments. Keys
 * are those of web/po that words.c lists, and for each language alone
 * urgent.call (a number) and urgent.free (yes or no).
 */
#ifndef TL_WEB_WORDS_H
#define TL_WEB_WORDS_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "web/language.h"

struct web_words;

/* What is wrong, and where. what is a literal; key, if there is one, points
 * into the text that was read or is a literal. */
struct web_words_fault {
	size_t line; /* from 1; 0: of no line */
	struct bytes key;
	const char *what;
	const struct web_language *language; /* that lacks it */
};

/* The compiled-in texts of n languages, to be changed. TL_ENOMEM. Gives
 * *ret_words: web_words_free() when no page is made any more. */
TL_MUST_CHECK enum tl_err web_words_new(
    const struct web_language *const *languages, size_t n,
    struct web_words **ret_words);
void web_words_free(struct web_words *words);

/* Replace texts of language by those in text. TL_EINVAL: *ret_fault says what
 * is wrong, and pages must not be made with words. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err web_words_read(struct web_words *words,
    const struct web_language *language, struct bytes text,
    struct web_words_fault *ret_fault);

/* Is what was replaced in one language replaced in all? TL_EINVAL. */
TL_MUST_CHECK enum tl_err web_words_judge(
    const struct web_words *words, struct web_words_fault *ret_fault);

/* The language with its words, as long as words are there. */
const struct web_language *web_words_of(
    const struct web_words *words, const struct web_language *language);

#endif
