/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/wipe.h"
#include "text/fold_parts.h"
#include "text/utf8.h"
#include "text/zawgyi.h"

#define SHORT_RUN  16u
#define SHORT_TEXT 4096u
#define SPACE      ((uint32_t)' ')
#define FIRST_MARK 0x300u
#define SOS_SIGN   0x1f198u /* one emoji on every phone */
/* In utf8proc's properties: combines with nothing; is a second half. */
#define COMBINES_NOT   UINT16_MAX
#define COMBINES_AFTER 0x8000u

/* ---- memory ---------------------------------------------------------------
 */

void fold_free(struct fold *fold)
{
	if (fold->at != NULL) {
		wipe(fold->at, fold->cap * sizeof(*fold->at));
		free(fold->at);
	}
	*fold = (struct fold){ 0 };
}

enum tl_err fold_make_room(struct fold *fold, size_t cap)
{
	struct fold_char *at = calloc(cap > 0 ? cap : 1, sizeof(*at));

	if (at == NULL) {
		return TL_ENOMEM;
	}
	if (fold->at != NULL) {
		memcpy(at, fold->at, fold->n * sizeof(*at));
		wipe(fold->at, fold->cap * sizeof(*fold->at));
		free(fold->at);
	}
	fold->at = at;
	fold->cap = cap > 0 ? cap : 1;
	return TL_OK;
}

/* ---- one code point ------------------------------------------------------
 */

static bool is_apostrophe(uint32_t point)
{
	return point == '\'' || point == 0x2018 || point == 0x2019 ||
	    point == 0x02bc || point == '`' || point == 0x00b4;
}

/* Marks that show nothing: the joiner, the choosers of a sign's shape, and the
 * vowels of Khmer that are not written. */
static bool is_invisible_mark(uint32_t point)
{
	return point == 0x034f || (point >= 0xfe00 && point <= 0xfe0f) ||
	    (point >= 0x180b && point <= 0x180f) || point == 0x17b4 ||
	    point == 0x17b5 || (point >= 0xe0100 && point <= 0xe01ef);
}

static uint32_t ascii_digit(uint32_t point)
{
	static const uint32_t zeros[] = { 0x17e0, 0x0e50, 0x0ed0, 0x1040,
		0x1090, 0x09e6, 0x0966, 0x0660, 0x06f0 };

	/* most signs are letters in front of their script's digits */
	if (point < 0x660 || (point >= 0x1780 && point < 0x17e0) ||
	    (point >= 0x0e00 && point < 0x0e50)) {
		return point;
	}
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		if (point - zeros[i] < 10) {
			return '0' + (point - zeros[i]);
		}
	}
	return point;
}

/* A run of spaces is one, and none begins a text. What separates no more than
 * words is a blank; a line's end, punctuation and signs break. */
static void take_space(struct fold *fold, struct fold_char from, bool is_blank)
{
	if (fold->n > 0 && fold->at[fold->n - 1].point != SPACE) {
		from.point = SPACE;
		from.breaks = !is_blank;
		fold->at[fold->n++] = from;
	} else if (fold->n > 0 && !is_blank) {
		fold->at[fold->n - 1].breaks = true;
	}
}

/* What says of a word that it is said twice: Thai, Lao, Khmer. */
static bool is_repetition(uint32_t point)
{
	return point == 0x0e46 || point == 0x0ec6 || point == 0x17d7;
}

static bool is_white(uint32_t point)
{
	return point == ' ' || (point >= '\t' && point <= '\r');
}

/* Append one sign that is decomposed already, or drop it. */
static void take_point(struct fold *fold, uint32_t point, struct fold_char from)
{
	utf8proc_category_t category = utf8proc_category((int32_t)point);

	if (category == UTF8PROC_CATEGORY_CF || is_invisible_mark(point) ||
	    (category == UTF8PROC_CATEGORY_CC && !is_white(point)) ||
	    is_apostrophe(point)) {
		return;
	}
	if (category == UTF8PROC_CATEGORY_CC || is_repetition(point) ||
	    (category >= UTF8PROC_CATEGORY_PC &&
		category <= UTF8PROC_CATEGORY_ZP)) {
		take_space(fold, from,
		    category == UTF8PROC_CATEGORY_ZS || point == '\t');
		return;
	}
	from.point = (uint32_t)utf8proc_tolower((int32_t)point);
	fold->at[fold->n++] = from;
}

/* What take_point() makes of ASCII; 0 is dropped. */
static const char ascii[0x80 + 1] = /* clang-format off */
    "\0\0\0\0\0\0\0\0\0     \0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "       \0        "
    "0123456789      "
    " abcdefghijklmno"
    "pqrstuvwxyz     "
    "\0abcdefghijklmno"
    "pqrstuvwxyz    \0"; /* clang-format on */

static void take_ascii(struct fold *fold, struct fold_char sign)
{
	bool is_blank = sign.point == SPACE || sign.point == '\t';

	sign.point = (uint32_t)ascii[sign.point];
	if (sign.point > SPACE) {
		fold->at[fold->n++] = sign;
	} else if (sign.point == SPACE) {
		take_space(fold, sign, is_blank);
	}
}

static bool is_southeast(uint32_t point)
{
	/* letters that no form of Unicode changes: all but the two of Thai
	 * and Lao that have a decomposition */
	return (point >= 0x1780 && point <= 0x17d3) ||
	    (point >= 0x0e01 && point <= 0x0e4e && point != 0x0e33 &&
		point != 0x0e3f && point != 0x0e46) ||
	    (point >= 0x1000 && point <= 0x103f);
}

static void take_parts(struct fold *fold, struct fold_char sign)
{
	int32_t parts[FOLD_DECOMPOSED_MAX];
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char((int32_t)sign.point, parts,
	    FOLD_DECOMPOSED_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
	    &boundary);

	for (utf8proc_ssize_t i = 0; i < n && n <= FOLD_DECOMPOSED_MAX; i++) {
		take_point(fold, (uint32_t)parts[i], sign);
	}
}

/* The sign of a cry is a word, as if it were written out. */
static void take_sos(struct fold *fold, struct fold_char sign)
{
	take_space(fold, sign, false);
	for (const char *at = "sos"; *at != '\0'; at++) {
		sign.point = (uint32_t)*at;
		fold->at[fold->n++] = sign;
	}
	take_space(fold, sign, false);
}

static enum tl_err take(struct fold *fold, struct fold_char sign)
{
	uint32_t point = sign.point;

	if (fold->cap - fold->n < FOLD_DECOMPOSED_MAX) {
		enum tl_err err =
		    fold_make_room(fold, fold->cap * 2 + FOLD_DECOMPOSED_MAX);

		if (err != TL_OK) {
			return err;
		}
	}
	if (point < 0x80) {
		take_ascii(fold, sign);
	} else if (is_southeast(point) && point != 0x1026 && point != 0x17b4 &&
	    point != 0x17b5) {
		/* two shapes of one letter: "to give" is written with both */
		sign.point = point == 0x17b2 ? 0x17b1 : point;
		fold->at[fold->n++] = sign;
	} else if (point == SOS_SIGN) {
		take_sos(fold, sign);
	} else if (!is_apostrophe(point)) {
		take_parts(fold, sign);
	}
	return TL_OK;
}

/* The sign at *at of the text, and the bytes that it is. */
static struct fold_char next_sign(
    struct bytes text, size_t *at, bool *was_repaired)
{
	struct fold_char sign = { .at = (uint32_t)*at };
	uint32_t point = text.at[*at];
	size_t len = 1, bad = 1;

	if (point >= 0x80) {
		len = utf8_read(
		    bytes_of(text.at + *at, text.len - *at), &point, &bad);
	}
	if (len == 0) {
		*was_repaired = true;
		point = UTF8_REPLACEMENT;
		len = bad;
	}
	*at += len;
	sign.point = point;
	sign.end = (uint32_t)*at;
	return sign;
}

static enum tl_err decompose(struct bytes text, struct fold *fold)
{
	size_t at = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK && at < text.len) {
		err = take(fold, next_sign(text, &at, &fold->was_repaired));
	}
	return err;
}

/* The same for a text that is converted before. */
static enum tl_err decompose_zawgyi(struct bytes text, struct fold *fold)
{
	struct fold signs = { 0 }, made = { 0 };
	size_t at = 0;
	enum tl_err err = fold_make_room(&signs, text.len);

	if (err == TL_OK) {
		err = fold_make_room(&made, signs.cap * ZAWGYI_GROWS);
	}
	while (err == TL_OK && at < text.len) {
		signs.at[signs.n++] = next_sign(text, &at, &fold->was_repaired);
	}
	if (err == TL_OK) {
		made.n = zawgyi_convert(signs.at, signs.n, made.at);
	}
	for (size_t i = 0; err == TL_OK && i < made.n; i++) {
		err = take(fold, made.at[i]);
	}
	fold_free(&signs);
	fold_free(&made);
	return err;
}

/* ---- canonical order and composition --------------------------------------
 */

enum tl_err fold_sort(struct fold_char *run, size_t n, fold_rank_fn rank)
{
	size_t counts[FOLD_RANKS + 1] = { 0 };
	uint8_t *ranks = NULL;
	struct fold_char *sorted = NULL;
	enum tl_err err = TL_ENOMEM;

	ranks = malloc(n);
	sorted = calloc(n, sizeof(*sorted));
	if (ranks == NULL || sorted == NULL) {
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		ranks[i] = (uint8_t)rank(run, i);
		counts[ranks[i] + 1u]++;
	}
	for (size_t r = 1; r <= FOLD_RANKS; r++) {
		counts[r] += counts[r - 1];
	}
	for (size_t i = 0; i < n; i++) {
		sorted[counts[ranks[i]]++] = run[i];
	}
	memcpy(run, sorted, n * sizeof(*run));
	wipe(sorted, n * sizeof(*sorted));
	err = TL_OK;
out:
	free(ranks);
	free(sorted);
	return err;
}

static unsigned class_of(uint32_t point)
{
	if (point < FIRST_MARK || (point >= 0x1780 && point <= 0x17d1) ||
	    (point >= 0x0e01 && point <= 0x0e37) ||
	    (point >= 0x1000 && point <= 0x1036)) {
		return 0;
	}
	return (unsigned)utf8proc_get_property((int32_t)point)->combining_class;
}

static unsigned mark_rank(const struct fold_char *run, size_t i)
{
	return class_of(run[i].point);
}

/* Short runs, which all but attacks are, need no memory. */
static enum tl_err order_run(struct fold_char *run, size_t n)
{
	if (n > SHORT_RUN) {
		return fold_sort(run, n, mark_rank);
	}
	for (size_t i = 1; i < n; i++) {
		struct fold_char one = run[i];
		unsigned class = class_of(one.point);
		size_t k = i;

		while (k > 0 && class_of(run[k - 1].point) > class) {
			run[k] = run[k - 1];
			k--;
		}
		run[k] = one;
	}
	return TL_OK;
}

static enum tl_err order_marks(struct fold *fold)
{
	size_t i = 0;
	enum tl_err err = TL_OK;

	while (err == TL_OK && i < fold->n) {
		size_t from = i;

		while (i < fold->n && class_of(fold->at[i].point) != 0) {
			i++;
		}
		if (i - from > 1) {
			err = order_run(fold->at + from, i - from);
		}
		i++;
	}
	return err;
}

static bool may_follow(uint32_t point)
{
	const utf8proc_property_t *property;

	if (point < FIRST_MARK || is_southeast(point)) {
		return point == 0x102e;
	}
	if ((point >= 0x1161 && point <= 0x1175) ||
	    (point >= 0x11a8 && point <= 0x11c2)) {
		return true; /* Hangul, composed by arithmetic */
	}
	property = utf8proc_get_property((int32_t)point);
	return property->comb_index != COMBINES_NOT &&
	    property->comb_index >= COMBINES_AFTER;
}

/* The two as one sign, or 0. */
static uint32_t compose_pair(uint32_t first, uint32_t second)
{
	int32_t pair[3] = { (int32_t)first, (int32_t)second, 0 };

	return utf8proc_normalize_utf32(
		   pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) == 1
	    ? (uint32_t)pair[0]
	    : 0;
}

void fold_join(struct fold_char *to, const struct fold_char *one)
{
	to->at = one->at < to->at ? one->at : to->at;
	to->end = one->end > to->end ? one->end : to->end;
}

static void compose(struct fold *fold)
{
	size_t out = 0, starter = SIZE_MAX;
	unsigned last = 0;

	for (size_t i = 0; i < fold->n; i++) {
		struct fold_char one = fold->at[i];
		unsigned class = class_of(one.point);
		bool adjacent = starter != SIZE_MAX && starter + 1 == out;
		uint32_t made = 0;

		if (starter != SIZE_MAX && (adjacent || last < class) &&
		    may_follow(one.point)) {
			made = compose_pair(fold->at[starter].point, one.point);
		}
		if (made != 0) {
			fold->at[starter].point = made;
			fold_join(&fold->at[starter], &one);
			continue;
		}
		if (class == 0) {
			starter = out;
		}
		last = class;
		fold->at[out++] = one;
	}
	fold->n = out;
}

/* ---- digits --------------------------------------------------------------
 */

static void finish(struct fold *fold)
{
	for (size_t i = 0; i < fold->n; i++) {
		uint32_t point = fold->at[i].point;

		fold->at[i].point = ascii_digit(point);
		if (point >= 0xc0 && (point < 0x370 || point >= 0x1e00) &&
		    point < 0x1f00) {
			fold->has_marks = fold->has_marks ||
			    fold_without_mark(point) != point;
		}
	}
	while (fold->n > 0 && fold->at[fold->n - 1].point == SPACE) {
		fold->n--;
	}
}

/* ---- the whole ------------------------------------------------------------
 */

/* In front of all marks, and so in front of all that is put in order below,
 * composed or respelled. */
static bool is_settled(const struct fold *fold)
{
	size_t i = 0;

	while (i < fold->n && fold->at[i].point < FIRST_MARK) {
		i++;
	}
	return i == fold->n;
}

static enum tl_err settle(struct fold *fold)
{
	enum tl_err err = order_marks(fold);

	if (err == TL_OK) {
		compose(fold);
		err = fold_khmer(fold->at, &fold->n);
	}
	if (err == TL_OK) {
		fold_thai_lao(fold->at, &fold->n);
		fold_burmese_wa(fold->at, fold->n);
		/* marks of two scripts may have met by that */
		err = order_marks(fold);
	}
	return err;
}

typedef enum tl_err (*decompose_fn)(struct bytes text, struct fold *fold);

static enum tl_err fold_with(
    struct bytes text, decompose_fn read, struct fold *ret_fold)
{
	struct fold fold = { 0 };
	enum tl_err err;

	if (text.len >= UINT32_MAX / 2) {
		return TL_ETOOBIG;
	}
	/* Khmer and its neighbours take three bytes a letter; room for more
	 * is made when it is needed. */
	err = fold_make_room(&fold,
	    (text.len < SHORT_TEXT ? text.len : text.len / 2) +
		2 * FOLD_DECOMPOSED_MAX);
	if (err == TL_OK) {
		err = read(text, &fold);
	}
	if (err == TL_OK && !is_settled(&fold)) {
		err = settle(&fold);
	}
	if (err != TL_OK) {
		fold_free(&fold);
		return err;
	}
	finish(&fold);
	fold_cut_repeats(&fold);
	*ret_fold = fold;
	return TL_OK;
}

enum tl_err fold_text(struct bytes text, struct fold *ret_fold)
{
	return fold_with(text, decompose, ret_fold);
}

enum tl_err fold_zawgyi(struct bytes text, struct fold *ret_fold)
{
	return fold_with(text, decompose_zawgyi, ret_fold);
}
