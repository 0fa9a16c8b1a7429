/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/fold.h - a copy of a text in which what looks or means the same is the
 * same, for matching only.
 *
 * Promise:   folding a folded text changes nothing; time and memory grow with
 *            the length and no faster; each sign of the copy knows the bytes
 *            of the original that it stands for; the copy is wiped when it is
 *            freed.
 * Knows not: languages' words, rules, who wrote.
 * Runs in:   the intake's workers, cli, desk.
 * Order:     invalid bytes to U+FFFD; NFKC with lower case; invisible signs,
 *            controls and apostrophes dropped, punctuation and symbols to a
 *            space, runs of white space to one; digits of all scripts to
 *            ASCII; Khmer syllables in one order; Thai, Lao and Burmese
 *            small repairs; runs of three or more equal Latin letters to two.
 */
#ifndef TL_TEXT_FOLD_H
#define TL_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* One sign of the copy. */
struct fold_char {
	uint32_t point;
	uint32_t at, end; /* first byte in the original, and behind the last */
	bool extra;       /* second letter of a run of three or more */
	bool breaks;      /* a space that is more than blanks in the original */
};

struct fold {
	struct fold_char *at;
	size_t n, cap;
	bool has_extra;    /* some letter is extra */
	bool has_marks;    /* fold_unmarked() would change something */
	bool was_repaired; /* some bytes were not UTF-8 */
};

/*
 * Fold text. Gives *ret_fold: end it with fold_free(). TL_ENOMEM, and
 * TL_ETOOBIG for 4 GiB and more.
 */
TL_MUST_CHECK enum tl_err fold_text(struct bytes text, struct fold *ret_fold);

/* The same for a text that is written in Zawgyi (text/zawgyi.h): converted
 * first. Its places are those of the original all the same. */
TL_MUST_CHECK enum tl_err fold_zawgyi(struct bytes text, struct fold *ret_fold);

/* The copy without the marks of Latin letters, as Vietnamese is often typed:
 * a with any marks is a, d with a stroke is d. */
TL_MUST_CHECK enum tl_err fold_unmarked(
    const struct fold *marked, struct fold *ret_fold);

/* The copy without extra letters: "heeelp" is "help" here. */
TL_MUST_CHECK enum tl_err fold_single(
    const struct fold *fold, struct fold *ret_fold);

/* Append the copy as UTF-8. */
void fold_put(const struct fold *fold, struct buf *out);

/* Wipe and free. A zeroed struct is fine. */
void fold_free(struct fold *fold);

#endif
