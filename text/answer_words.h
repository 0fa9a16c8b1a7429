/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/answer_words.h - what the answers of the form say, in English, for the
 * officer.
 *
 * Promise:   the words are those of the English page (web/po/en.po); a test
 *            compares them.
 * Knows not: reports, pages, other languages.
 * Runs in:   the tipline command. Pure.
 * Disk:      nothing.
 */
#ifndef TL_TEXT_ANSWER_WORDS_H
#define TL_TEXT_ANSWER_WORDS_H

/* The words of answer value of the question name, both as on the wire ("now",
 * "1"). Static; NULL: it has none, as what the reporter wrote. */
const char *answer_words(const char *name, const char *value);

#endif
