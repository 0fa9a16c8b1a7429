/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The order of a Khmer syllable, after the rules of SIL's khnormal
 * (https://github.com/sillsdev/khmer-character-specification), written anew:
 *
 *   Copyright (c) 2021-2024 SIL Global. MIT License: permission is granted,
 *   free of charge, to deal in the software without restriction, provided
 *   that this notice is included; it comes without warranty of any kind.
 *
 * Coarser on purpose in two places (the last two rules below): this is for
 * matching, not for showing.
 */
#include "text/fold_parts.h"

#include <string.h>

#define COENG     0x17d2u
#define RO        0x179au
#define DA        0x178au
#define TA        0x178fu
#define SHIFTER   0x17c9u
#define TRIISAP   0x17cau
#define VOWEL_U   0x17bbu
#define ROUNDS    16
#define SHORT_RUN 16u

/* What follows a base in a syllable, and in which order. */
enum {
	OTHER = 0,
	BASE = 1,
	ROBAT = 2,
	SUBSCRIPT = 3,
	SHIFT = 4,
	VOWEL_LEFT = 6,
	VOWEL_BELOW = 7,
	VOWEL_ABOVE = 8,
	VOWEL_RIGHT = 9,
	SIGN = 10,
	SIGN_LAST = 11,
};

static const uint8_t kinds[0x17de - 0x1780] = {
	/* designated ranges: a GNU extension that both compilers know */
	[0x00 ... 0x22] = BASE,
	[0x25 ... 0x33] = BASE,
	[0x36] = VOWEL_RIGHT,
	[0x37 ... 0x3a] = VOWEL_ABOVE,
	[0x3b ... 0x3d] = VOWEL_BELOW,
	[0x3e ... 0x45] = VOWEL_LEFT,
	[0x46] = SIGN,
	[0x47 ... 0x48] = SIGN_LAST,
	[0x49 ... 0x4a] = SHIFT,
	[0x4b] = SIGN,
	[0x4c] = ROBAT,
	[0x4d ... 0x51] = SIGN,
	[0x52] = SUBSCRIPT,
	[0x53] = SIGN,
	[0x5d] = SIGN,
};

static unsigned kind_of(const struct fold_char *run, size_t i)
{
	uint32_t point = run[i].point;
	unsigned kind = point - 0x1780u < sizeof(kinds) ? kinds[point - 0x1780u]
							: (unsigned)OTHER;

	if (i > 0 && run[i - 1].point == COENG &&
	    (kind == BASE || kind == SUBSCRIPT)) {
		return SUBSCRIPT;
	}
	return kind;
}

/* ---- the order ------------------------------------------------------------
 */

/* A subscript's kind depends on its neighbour, so it is found before any
 * sign has moved. */
static enum tl_err sort(struct fold_char *run, size_t n, bool *ret_moved)
{
	uint8_t kind[SHORT_RUN];
	bool sorted = true;

	for (size_t i = 1; i < n && sorted; i++) {
		sorted = kind_of(run, i - 1) <= kind_of(run, i);
	}
	if (sorted) {
		return TL_OK;
	}
	*ret_moved = true;
	if (n > SHORT_RUN) {
		return fold_sort(run, n, kind_of);
	}
	for (size_t i = 0; i < n; i++) {
		kind[i] = (uint8_t)kind_of(run, i);
	}
	for (size_t i = 1; i < n; i++) {
		struct fold_char one = run[i];
		uint8_t mine = kind[i];
		size_t k = i;

		for (; k > 0 && kind[k - 1] > mine; k--) {
			run[k] = run[k - 1];
			kind[k] = kind[k - 1];
		}
		run[k] = one;
		kind[k] = mine;
	}
	return TL_OK;
}

/* ---- one spelling ---------------------------------------------------------
 */

static bool is_below(uint32_t point)
{
	return point >= 0x17bb && point <= 0x17bd;
}

static bool lifts(uint32_t point)
{
	return (point >= 0x17b6 && point <= 0x17ba) || point == 0x17be ||
	    point == 0x17bf || point == 0x17d0 || point == 0x17dd;
}

static void merge(struct fold_char *to, const struct fold_char *one)
{
	to->at = one->at < to->at ? one->at : to->at;
	to->end = one->end > to->end ? one->end : to->end;
}

/* The sign E (17C1), perhaps one below, and a second half: one vowel. */
static bool join_e(struct fold_char *out, size_t *n, uint32_t point,
    const struct fold_char *one)
{
	size_t e = *n;
	uint32_t made = point == 0x17b8 ? 0x17be : 0x17c4;

	if (point != 0x17b8 && point != 0x17b6) {
		return false;
	}
	if (e > 0 && is_below(out[e - 1].point)) {
		e--;
	}
	if (e == 0 || out[e - 1].point != 0x17c1) {
		return false;
	}
	out[e - 1].point = made;
	merge(&out[e - 1], one);
	return true;
}

/* A vowel or mark that was pressed twice, which nobody sees: no word has one
 * twice. Two of E may be another vowel, so they stay. */
static bool is_pressed_twice(uint32_t before, uint32_t point)
{
	return before == point && point >= 0x17b6 && point <= 0x17d1 &&
	    point != 0x17c1;
}

/* What the sign in front of out's end and the next one become; true if the
 * next has been used up. */
static bool respell(struct fold_char *out, size_t *n, struct fold_char *one)
{
	struct fold_char *before = *n > 0 ? &out[*n - 1] : NULL;
	uint32_t point = one->point;

	if (before == NULL) {
		return false;
	}
	if ((point == COENG && before->point == COENG) ||
	    is_pressed_twice(before->point, point)) {
		merge(before, one);
		return true;
	}
	if (join_e(out, n, point, one)) {
		return true;
	}
	if (before->point == 0x17be && point == 0x17b6) {
		before->point = 0x17c4;
		one->point = 0x17b8;
	} else if (before->point == 0x17be && point == VOWEL_U) {
		before->point = SHIFTER;
		one->point = 0x17be;
	} else if (before->point == COENG && point == DA) {
		one->point = TA;
	} else if (before->point == VOWEL_U && lifts(point)) {
		before->point = SHIFTER;
	} else if (point == TRIISAP) {
		one->point = SHIFTER;
	}
	return false;
}

static void put_ro_last(struct fold_char *run, size_t n)
{
	for (size_t i = 0; i + 3 < n; i++) {
		if (run[i].point == COENG && run[i + 1].point == RO &&
		    run[i + 2].point == COENG &&
		    kind_of(run, i + 3) == SUBSCRIPT) {
			struct fold_char ro = run[i + 1];

			run[i + 1] = run[i + 3];
			run[i + 3] = ro;
		}
	}
}

static bool same(const struct fold_char *run, size_t n, const uint32_t *points,
    size_t n_points)
{
	if (n != n_points) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (run[i].point != points[i]) {
			return false;
		}
	}
	return true;
}

/* Is there anything in the syllable that a rule could be about? */
static bool is_simple(const struct fold_char *run, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t point = run[i].point;

		if (kind_of(run, i - 1) > kind_of(run, i) || point == VOWEL_U ||
		    point == 0x17be || point == 0x17c1 || point == TRIISAP ||
		    point == SHIFTER ||
		    is_pressed_twice(run[i - 1].point, point) ||
		    (run[i - 1].point == COENG &&
			(point == DA || point == RO || point == COENG))) {
			return false;
		}
	}
	return true;
}

static enum tl_err one_round(
    struct fold_char *run, size_t *n, bool *ret_changed)
{
	uint32_t before[SHORT_RUN];
	size_t out = 0, n_before = *n;
	enum tl_err err = sort(run, *n, ret_changed);

	for (size_t i = 0; i < *n && i < SHORT_RUN; i++) {
		before[i] = run[i].point;
	}
	for (size_t i = 0; err == TL_OK && i < n_before; i++) {
		struct fold_char one = run[i];

		if (!respell(run, &out, &one)) {
			run[out++] = one;
		}
	}
	*n = out;
	put_ro_last(run, out);
	/* of a long run, which is no Khmer, only shrinking counts */
	*ret_changed = *ret_changed ||
	    (n_before <= SHORT_RUN ? !same(run, out, before, n_before)
				   : out != n_before);
	return err;
}

static enum tl_err fold_syllable(struct fold_char *run, size_t *n)
{
	enum tl_err err = TL_OK;

	if (*n == 1 || is_simple(run, *n)) {
		return TL_OK;
	}
	for (int round = 0; round < ROUNDS; round++) {
		bool changed = false;

		err = one_round(run, n, &changed);
		if (err != TL_OK || !changed) {
			break;
		}
	}
	return err;
}

enum tl_err fold_khmer(struct fold_char *at, size_t *n)
{
	bool after_coeng = false; /* outside of a syllable */
	size_t out = 0, i = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK && i < *n) {
		size_t len = 1, kept;

		if (kind_of(at + i, 0) != BASE || after_coeng) {
			after_coeng = at[i].point == COENG;
			at[out++] = at[i++];
			continue;
		}
		while (i + len < *n && kind_of(at + i, len) > BASE) {
			len++;
		}
		kept = len;
		err = fold_syllable(at + i, &kept);
		memmove(at + out, at + i, kept * sizeof(*at));
		out += kept;
		i += len;
	}
	*n = out;
	return err;
}
