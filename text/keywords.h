/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/keywords.h - which of the listed phrases are in a text, in all
 * languages at once.
 *
 * Promise:   one pass for all phrases; a hit inside a longer hit of any group
 *            does not count, nor one that is a PLAIN word; a phrase marked
 *            combo_only counts beside an ordinary phrase of another group
 *            only; a phrase with a gap hides no other; time grows with the text
 *            alone.
 * Knows not: what a group means for the priority.
 * Runs in:   the intake's workers, cli, desk.
 * Disk:      nothing. The list is data/keywords.tsv: lang, group, combo_only,
 *            phrase. A phrase ending in * is a prefix; "take|took ~ passport"
 *            has a gap, in which a few words may stand, and on each side one
 *            of the phrases between strokes.
 */
#ifndef TL_TEXT_KEYWORDS_H
#define TL_TEXT_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/fold.h"
#include "text/tsv.h"

/* clang-format off */
/* SAVE: cries that count in a text of any length; HELP too is then found. SOON:
 * tonight, tomorrow; PLACE: names of provinces; both no sign of anything by
 * themselves, nor beside a phrase that is combo_only. PLAIN: longer
 * words that can be nothing else, in which a listed one stands by chance; they
 * hide it, where blanks alone are between their words, and are told to nobody.
 */
#define KEYWORD_GROUPS(X) \
	X(HELP) X(SAVE) X(HELD) X(VIOLENCE) X(WEAPON) X(DIE) X(SOLD) X(SEX) \
	X(DOC) X(CHILD) X(RANSOM) X(DEBT) X(PAY) X(SCAM) X(BROKER) X(SOON) \
	X(PLACE) X(PLAIN)
/* clang-format on */

#define KEYWORD_ENUM(name) GROUP_##name,
enum keyword_group { KEYWORD_GROUPS(KEYWORD_ENUM) GROUPS };
#undef KEYWORD_ENUM

#define GROUP_BIT(group) (1u << (unsigned)(group))

#define KEYWORD_LANG_BYTES     12u
#define KEYWORDS_VERSION_BYTES 24u

struct keyword_hit {
	enum keyword_group group;
	bool combo_only;
	bool gapped;      /* other words stand in it */
	const char *lang; /* valid as long as the list */
	uint32_t at, end; /* bytes of the original text */
};

struct keyword_hits {
	struct keyword_hit *at;
	size_t n, cap;
};

struct keywords;

/* Read the list. TL_EFORMAT: *ret_fault says what and where, and nothing of
 * the list is used. Gives *ret_list. */
TL_MUST_CHECK enum tl_err keywords_new(struct bytes file,
    struct keywords **ret_list, struct text_fault *ret_fault);
void keywords_free(struct keywords *list);

/* Which list it is: "cksum " and the number that cksum prints for the file. */
const char *keywords_version(const struct keywords *list);

/* Bytes of memory that the list holds. */
size_t keywords_bytes(const struct keywords *list);

/*
 * Append what is in a folded text to hits, sorted by place. Stems marked
 * combo_only are there too: keyword_hits_join() judges them. Free hits with
 * keyword_hits_free().
 */
TL_MUST_CHECK enum tl_err keywords_find(const struct keywords *list,
    const struct fold *text, struct keyword_hits *hits);
void keyword_hits_free(struct keyword_hits *hits);

/*
 * Put the hits of another part of the same tip behind those of hits, and drop
 * what does not count. *ret_first: how many are of the first part.
 * *ret_groups: the groups that count, as GROUP_BIT()s.
 */
TL_MUST_CHECK enum tl_err keyword_hits_join(struct keyword_hits *hits,
    const struct keyword_hits *more, size_t *ret_first, unsigned *ret_groups);

const char *keyword_group_name(enum keyword_group group);
/* GROUPS if there is none of that name. */
enum keyword_group keyword_group_find(struct bytes name);

#endif
