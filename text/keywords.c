/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/keywords.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "text/keywords_parts.h"

#define SPACE ((uint32_t)' ')

/* Signs that may stand in a gap: three or four words. Where words are written
 * without blanks a sign tells more. */
#define GAP_SIGNS          24u
#define GAP_SIGNS_UNSPACED 14u

#define KEYWORD_NAME(name) [GROUP_##name] = #name,
static const char *const group_names[GROUPS] = { KEYWORD_GROUPS(KEYWORD_NAME) };
#undef KEYWORD_NAME

const char *keyword_group_name(enum keyword_group group)
{
	return group < GROUPS ? group_names[group] : "";
}

enum keyword_group keyword_group_find(struct bytes name)
{
	unsigned i = 0;

	while (i < GROUPS && !bytes_equal(name, bytes_str(group_names[i]))) {
		i++;
	}
	return (enum keyword_group)i;
}

/* ---- hits ---------------------------------------------------------------- */

void keyword_hits_free(struct keyword_hits *hits)
{
	if (hits->at != NULL) {
		wipe(hits->at, hits->cap * sizeof(*hits->at));
		free(hits->at);
	}
	*hits = (struct keyword_hits){ 0 };
}

static enum tl_err add_hit(
    struct keyword_hits *hits, const struct keyword_hit *hit)
{
	if (hits->n == hits->cap) {
		size_t cap = hits->cap * 2 + 16;
		struct keyword_hit *at = calloc(cap, sizeof(*at));

		if (at == NULL) {
			return TL_ENOMEM;
		}
		if (hits->n > 0) {
			memcpy(at, hits->at, hits->n * sizeof(*at));
		}
		free(hits->at);
		hits->at = at;
		hits->cap = cap;
	}
	hits->at[hits->n++] = *hit;
	return TL_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct keyword_hit *x = a, *y = b;

	if (x->at != y->at) {
		return x->at < y->at ? -1 : 1;
	}
	if (x->end != y->end) {
		return x->end > y->end ? -1 : 1;
	}
	if (x->group != y->group) {
		/* what hides the others first */
		return x->group == GROUP_PLAIN ||
			(y->group != GROUP_PLAIN && x->group < y->group)
		    ? -1
		    : 1;
	}
	/* an ordinary phrase speaks for a stem spelled alike */
	if (x->combo_only != y->combo_only) {
		return x->combo_only ? 1 : -1;
	}
	return strcmp(x->lang, y->lang);
}

static bool is_repeat(const struct keyword_hit *a, const struct keyword_hit *b)
{
	return a->at == b->at && a->end == b->end && a->group == b->group;
}

/* Sort, and drop hits inside longer ones, repeats of one, and plain words with
 * all that is in them. */
static void keep_longest(struct keyword_hits *hits)
{
	struct keyword_hit widest = { 0 }; /* ends at 0: hides nothing */
	size_t out = 0;

	if (hits->n > 1) {
		qsort(hits->at, hits->n, sizeof(*hits->at), by_place);
	}
	for (size_t i = 0; i < hits->n; i++) {
		struct keyword_hit hit = hits->at[i];
		bool same_place = hit.at == widest.at && hit.end == widest.end;

		if (hit.end <= widest.end &&
		    (!same_place || widest.group == GROUP_PLAIN)) {
			continue;
		}
		if (out > 0 && is_repeat(&hits->at[out - 1], &hit)) {
			continue;
		}
		/* what is between may be another thing */
		if (!same_place && !hit.gapped) {
			widest = hit;
		}
		if (hit.group != GROUP_PLAIN) {
			hits->at[out++] = hit;
		}
	}
	hits->n = out;
}

enum tl_err keyword_hits_join(struct keyword_hits *hits,
    const struct keyword_hits *more, size_t *ret_first, unsigned *ret_groups)
{
	unsigned ordinary = 0, counted = 0;
	size_t n_first = hits->n, out = 0, first = 0;
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < more->n; i++) {
		err = add_hit(hits, &more->at[i]);
	}
	if (err != TL_OK) {
		return err;
	}
	for (size_t i = 0; i < hits->n; i++) {
		if (!hits->at[i].combo_only &&
		    hits->at[i].group != GROUP_PLACE &&
		    hits->at[i].group != GROUP_SOON) {
			ordinary |= GROUP_BIT(hits->at[i].group);
		}
	}
	for (size_t i = 0; i < hits->n; i++) {
		struct keyword_hit hit = hits->at[i];

		if (!hit.combo_only ||
		    (ordinary & ~GROUP_BIT(hit.group)) != 0) {
			counted |= GROUP_BIT(hit.group);
			first += i < n_first ? 1 : 0;
			hits->at[out++] = hit;
		}
	}
	hits->n = out;
	*ret_first = first;
	*ret_groups = counted;
	return TL_OK;
}

/* ---- one copy of the text -------------------------------------------------
 */

/* Where the part before a gap stood last, in signs. */
struct opened {
	size_t from, end; /* end 0: nowhere */
};

struct scan {
	const struct keywords *list;
	const struct fold *fold;
	bool unmarked;         /* the copy without marks: Vietnamese only */
	struct opened *opened; /* one for each gap */
	struct keyword_hits *hits;
};

/* A sign that the next one can make another word of. */
static bool goes_on(const struct fold *fold, size_t i)
{
	return i < fold->n && fold->at[i].point != SPACE &&
	    !keywords_unspaced(fold->at[i].point);
}

/* The words of a plain phrase are side by side: of two sentences, the end of
 * one may be a cry. */
static bool is_broken(const struct fold *fold, size_t from, size_t n)
{
	size_t i = from;

	while (i < from + n && !fold->at[i].breaks) {
		i++;
	}
	return i < from + n;
}

static bool stands(
    const struct scan *scan, const struct phrase *phrase, size_t from, size_t n)
{
	const struct fold *fold = scan->fold;

	return !(scan->unmarked && !phrase->unmarked) &&
	    !(phrase->whole_word && from > 0 && goes_on(fold, from - 1)) &&
	    !(phrase->whole_word && !phrase->prefix &&
		goes_on(fold, from + n)) &&
	    !(phrase->group == GROUP_PLAIN && is_broken(fold, from, n));
}

/* Is the part behind a gap near enough to the one before it, in one sentence?
 * Then it begins where that does. */
static bool closes(const struct scan *scan, const struct phrase *phrase,
    size_t *from, size_t *n)
{
	const struct opened *opened = &scan->opened[phrase->gap - 1];
	size_t most = phrase->whole_word ? GAP_SIGNS : GAP_SIGNS_UNSPACED;

	if (opened->end == 0 || opened->end > *from ||
	    *from - opened->end > most ||
	    is_broken(scan->fold, opened->end, *from - opened->end)) {
		return false;
	}
	*n += *from - opened->from;
	*from = opened->from;
	return true;
}

static enum tl_err take(
    const struct scan *scan, const struct phrase *phrase, size_t from, size_t n)
{
	const struct fold *fold = scan->fold;
	struct keyword_hit hit = {
		.group = (enum keyword_group)phrase->group,
		.combo_only = phrase->combo_only,
		.gapped = phrase->gap != 0,
		.lang = phrase->lang,
		.at = UINT32_MAX,
	};

	if (!stands(scan, phrase, from, n)) {
		return TL_OK;
	}
	/* a prefix shows the whole word */
	while (phrase->prefix && goes_on(fold, from + n)) {
		n++;
	}
	if (phrase->opens) {
		scan->opened[phrase->gap - 1] =
		    (struct opened){ from, from + n };
		return TL_OK;
	}
	if (phrase->gap != 0 && !closes(scan, phrase, &from, &n)) {
		return TL_OK;
	}
	for (size_t i = from; i < from + n; i++) {
		hit.at = fold->at[i].at < hit.at ? fold->at[i].at : hit.at;
		hit.end = fold->at[i].end > hit.end ? fold->at[i].end : hit.end;
	}
	return add_hit(scan->hits, &hit);
}

static enum tl_err scan_exact(const struct scan *scan)
{
	const struct keywords *list = scan->list;
	uint32_t state = 0;
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < list->n_gaps; i++) {
		scan->opened[i] = (struct opened){ 0 };
	}
	for (size_t i = 0; err == TL_OK && i < scan->fold->n; i++) {
		state = keywords_step(list, state, scan->fold->at[i].point);
		for (uint32_t node = list->nodes[state].ends
			 ? state
			 : list->nodes[state].next_end;
		     err == TL_OK && node != 0;
		     node = list->nodes[node].next_end) {
			for (uint32_t p = list->nodes[node].ends;
			     err == TL_OK && p != 0;
			     p = list->phrases[p - 1].next) {
				const struct phrase *phrase =
				    &list->phrases[p - 1];

				err = take(
				    scan, phrase, i + 1 - phrase->n, phrase->n);
			}
		}
	}
	return err;
}

/* Romanised Khmer: nobody agrees on the spelling. */
static enum tl_err scan_near(const struct scan *scan)
{
	const struct fold *fold = scan->fold;
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < fold->n; i++) {
		size_t n = 0;
		uint32_t phrase;

		while (goes_on(fold, i + n)) {
			n++;
		}
		phrase = keywords_near(scan->list, fold->at + i, n);
		if (phrase != 0) {
			err =
			    take(scan, &scan->list->phrases[phrase - 1], i, n);
		}
		i += n;
	}
	return err;
}

static enum tl_err scan_copy(const struct scan *scan)
{
	enum tl_err err = scan_exact(scan);

	if (err == TL_OK && !scan->unmarked) {
		err = scan_near(scan);
	}
	return err;
}

/* The copy as it is, and with runs of letters as one. */
static enum tl_err scan_both(const struct scan *scan)
{
	struct scan single = *scan;
	struct fold fold = { 0 };
	enum tl_err err = scan_copy(scan);

	if (err == TL_OK && scan->fold->has_extra) {
		err = fold_single(scan->fold, &fold);
		single.fold = &fold;
		if (err == TL_OK) {
			err = scan_copy(&single);
		}
		fold_free(&fold);
	}
	return err;
}

static enum tl_err scan_text(struct scan *scan)
{
	const struct fold *text = scan->fold;
	struct fold fold = { 0 };
	enum tl_err err = scan_both(scan);

	if (err == TL_OK && text->has_marks) {
		err = fold_unmarked(text, &fold);
		scan->fold = &fold;
		scan->unmarked = true;
		if (err == TL_OK) {
			err = scan_both(scan);
		}
		fold_free(&fold);
	}
	return err;
}

enum tl_err keywords_find(const struct keywords *list, const struct fold *text,
    struct keyword_hits *hits)
{
	struct scan scan = { .list = list, .fold = text, .hits = hits };
	enum tl_err err;

	scan.opened = calloc(list->n_gaps + 1, sizeof(*scan.opened));
	if (scan.opened == NULL) {
		return TL_ENOMEM;
	}
	err = scan_text(&scan);
	if (err == TL_OK) {
		keep_longest(hits);
	}
	wipe(scan.opened, (list->n_gaps + 1) * sizeof(*scan.opened));
	free(scan.opened);
	return err;
}
