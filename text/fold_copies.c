/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The copies of a folded text: without marks, and with drawn-out letters as
 * one. */
#include "text/fold_parts.h"

#include <utf8proc.h>

#include "text/utf8.h"

#define FIRST_MARK 0x300u

static bool is_latin_letter(uint32_t point)
{
	return (point >= 'a' && point <= 'z') ||
	    (point >= 0xdf && point <= 0x24f && point != 0xf7) ||
	    (point >= 0x1e00 && point <= 0x1eff);
}

/* Three in a row are none of a word's spelling, in whatever script: letters
 * alone, since signs above and below them have orders and pairs of their own.
 */
static bool is_drawn_out(uint32_t point, size_t run)
{
	utf8proc_category_t category;

	if (run < 3 || point < FIRST_MARK) {
		return run >= 3 && is_latin_letter(point);
	}
	category = utf8proc_category((int32_t)point);
	return category >= UTF8PROC_CATEGORY_LU &&
	    category <= UTF8PROC_CATEGORY_LO;
}

void fold_cut_repeats(struct fold *fold)
{
	size_t out = 0;

	for (size_t i = 0; i < fold->n;) {
		size_t run = 1;
		uint32_t point = fold->at[i].point;

		while (i + run < fold->n && fold->at[i + run].point == point) {
			run++;
		}
		if (!is_drawn_out(point, run)) {
			for (size_t k = 0; k < run; k++) {
				fold->at[out++] = fold->at[i + k];
			}
		} else {
			struct fold_char last = fold->at[i + run - 1];

			fold->at[out] = fold->at[i];
			fold->at[out + 1] = last;
			fold->at[out + 1].extra = true;
			fold->has_extra = true;
			out += 2;
		}
		i += run;
	}
	fold->n = out;
}

uint32_t fold_without_mark(uint32_t point)
{
	int32_t parts[FOLD_DECOMPOSED_MAX];
	int boundary = 0;

	if (point < 0xc0) {
		return point;
	}
	if (point == 0x0111) {
		return 'd';
	}
	if (point >= 0x300 && point <= 0x36f) {
		return 0;
	}
	if (!is_latin_letter(point) ||
	    utf8proc_decompose_char((int32_t)point, parts, FOLD_DECOMPOSED_MAX,
		UTF8PROC_DECOMPOSE, &boundary) < 2) {
		return point;
	}
	return (uint32_t)parts[0];
}

enum tl_err fold_unmarked(const struct fold *marked, struct fold *ret_fold)
{
	struct fold fold = { 0 };
	enum tl_err err = fold_make_room(&fold, marked->n);

	if (err != TL_OK) {
		return err;
	}
	for (size_t i = 0; i < marked->n; i++) {
		uint32_t point = fold_without_mark(marked->at[i].point);

		if (point != 0) {
			fold.at[fold.n] = marked->at[i];
			fold.at[fold.n++].point = point;
		}
	}
	fold.has_extra = marked->has_extra;
	*ret_fold = fold;
	return TL_OK;
}

enum tl_err fold_single(const struct fold *from, struct fold *ret_fold)
{
	struct fold fold = { 0 };
	enum tl_err err = fold_make_room(&fold, from->n);

	if (err != TL_OK) {
		return err;
	}
	for (size_t i = 0; i < from->n; i++) {
		if (from->at[i].extra && fold.n > 0) {
			fold_join(&fold.at[fold.n - 1], &from->at[i]);
		} else {
			fold.at[fold.n++] = from->at[i];
		}
	}
	fold.has_marks = from->has_marks;
	*ret_fold = fold;
	return TL_OK;
}

void fold_put(const struct fold *fold, struct buf *out)
{
	for (size_t i = 0; i < fold->n; i++) {
		utf8_put(out, fold->at[i].point);
	}
}
