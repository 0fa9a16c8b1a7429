/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/phrases.h - the phrase book: sentences that officers can send in a
 * language that they cannot write. data/phrases.tsv, compiled in.
 *
 * Promise:   each sentence is there in every language; those for short messages
 *            name nothing and nobody, and are one part long (a test holds it).
 * Knows not: who sends, whether it may go.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_TEXT_PHRASES_H
#define TL_TEXT_PHRASES_H

#include <stdbool.h>

#include "base/bytes.h"

#define PHRASES_LANGS 12u

enum phrase_use {
	PHRASE_SMS,  /* by short message, and behind the code */
	PHRASE_CODE, /* behind the receipt code alone */
};

/* All borrow from the program. */
struct phrase {
	struct bytes id, lang, text;
	enum phrase_use use;
};

/* Every sentence in every language, in the file's order, until fn says false.
 * False: fn has, or the file is damaged. */
bool phrases_each(
    bool (*fn)(const struct phrase *phrase, void *arg), void *arg);

/* Is text one of the sentences for this use, in any language? */
bool phrases_has(struct bytes text, enum phrase_use use);

#endif
