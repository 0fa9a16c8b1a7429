/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/lint.h - what a text of the pages must be, as far as a program can say.
 *
 * Promise:   a text that passes can be shown: nothing invisible is out of
 *            place, its placeholders are the master's, it is short enough.
 * Knows not: whether it is a good translation.
 * Runs in:   the build (web/tool_po.c) and tests. Pure.
 * Disk:      nothing.
 *
 * All texts: UTF-8 without control characters; no white space at the ends or
 * doubled; no exclamation mark; no byte order mark; no joiner (U+200C,
 * U+200D) except behind a Bengali, Devanagari or Myanmar letter; no sentence
 * of more than 12 words (or what the language needs for as much); the
 * master's placeholders, each as often.
 *
 * U+200B stands between the words of Khmer, Lao and Myanmar, at all of them or
 * at none, and only between letters: not beside a space, sign, digit or
 * another U+200B, and not inside a cluster. That every boundary has it cannot
 * be checked without a dictionary; a run of more than LINT_RUN_MAX letters
 * without a place to break is taken as a forgotten one. Thai may do without.
 */
#ifndef TL_WEB_LINT_H
#define TL_WEB_LINT_H

#include <stdbool.h>

#define LINT_WORDS_MAX    12u
#define LINT_CLUSTERS_MAX 20u
#define LINT_RUN_MAX      14u

enum lint_kind {
	LINT_LINE,
	LINT_ANSWER,
	LINT_QUESTION, /* at most LINT_WORDS_MAX words in all */
	LINT_BUTTON,   /* at most LINT_CLUSTERS_MAX clusters */
	LINT_TITLE,    /* as a button, and no U+200B */
	LINT_NAME,     /* no U+200B */
	LINT_DIGITS,   /* ten code points, one after the other */
};

/* The kind that word (not ended by NUL, len bytes) names, or -1. */
int lint_kind_of(const char *word, unsigned long len);

struct lint_rules {
	enum lint_kind kind;
	const char *master; /* the English text; NULL if it is the text */
	/* Latin words that may stand in a text of another script, between
	 * spaces; NULL if the language is written in Latin letters */
	const char *latin_words;
	/* for languages that write the parts of a word apart; 0: the usual
	 * LINT_WORDS_MAX */
	unsigned words_max;
};

/* Does words, separated by spaces, hold word? */
bool lint_is_listed(const char *words, const char *word);

/* What is wrong with text, a literal; NULL if nothing is. */
const char *lint_text(const struct lint_rules *rules, const char *text);

#endif
