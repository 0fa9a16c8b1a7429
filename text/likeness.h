/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/likeness.h - a fingerprint of a text by which texts that are nearly
 * the same find each other: 64 keyed minima over all runs of five signs.
 *
 * Promise:   without the key a fingerprint tells nothing of the text, and
 *            nobody can make a text that looks like another one; what folds
 *            to the same has the same; time grows with the length and no
 *            faster.
 * Knows not: where the key comes from; which tips there are. It says that two
 *            texts are alike, never that two tips are one.
 * Runs in:   the intake's workers (make), cli and desk (compare).
 * Format:    docs/FORMAT.md, "Likeness".
 */
#ifndef TL_TEXT_LIKENESS_H
#define TL_TEXT_LIKENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define LIKENESS_SLOTS     64u
#define LIKENESS_BYTES     (2u * LIKENESS_SLOTS)
#define LIKENESS_KEY_BYTES 16u
/* Folded signs: of shorter texts too many are alike by chance ("help me"). */
#define LIKENESS_SIGNS_MIN 20u
/* From here on two texts count as nearly the same. */
#define LIKENESS_NEAR_PERCENT 70u

/* A keyed hash of some bytes that nobody can tell from chance without the
 * key: crypto's hash_short(), which text/ may not know. */
typedef uint64_t (*likeness_hash_fn)(
    const uint8_t key[static LIKENESS_KEY_BYTES], const void *msg, size_t len);

/*
 * Make the fingerprint of text. *ret_has is false, and the rest untouched, if
 * the text is too short for one. TL_ENOMEM, TL_ETOOBIG as fold_text().
 */
TL_MUST_CHECK enum tl_err likeness_make(struct bytes text,
    likeness_hash_fn hash, const uint8_t key[static LIKENESS_KEY_BYTES],
    bool *ret_has, uint8_t ret_likeness[static LIKENESS_BYTES]);

/* How much of two texts is the same, 0 to 100, by their fingerprints: the
 * common runs of all runs, give or take 6 for long texts. */
unsigned likeness_percent(const uint8_t a[static LIKENESS_BYTES],
    const uint8_t b[static LIKENESS_BYTES]);

#endif
