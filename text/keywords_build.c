/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/cksum.h"
#include "text/keywords_parts.h"

#define PHRASES_MAX       20000u
#define PHRASE_POINTS_MAX 64u

/* ---- the automaton ------------------------------------------------------- */

size_t keywords_power_of_two(size_t least)
{
	size_t n = 64;

	while (n < least) {
		n *= 2;
	}
	return n;
}

uint64_t keywords_mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

/* Where the edge is, or where it would be. */
static struct edge *find_edge(
    const struct keywords *list, uint32_t node, uint32_t point)
{
	uint64_t key = (uint64_t)node << 32 | point;
	size_t i = (size_t)keywords_mix(key) & (list->n_edges - 1);

	while (list->edges[i].from != 0 &&
	    (list->edges[i].from != node + 1 ||
		list->edges[i].point != point)) {
		i = (i + 1) & (list->n_edges - 1);
	}
	return &list->edges[i];
}

/* Most signs go on from few nodes: this spares the search. */
static bool may_go(const struct keywords *list, uint32_t state, uint32_t point)
{
	return state == 0
	    ? (list->first[point % FIRST_BITS / 8] >> point % 8 & 1) != 0
	    : (list->nodes[state].goes >> point % 64 & 1) != 0;
}

static void let_go(struct keywords *list, uint32_t state, uint32_t point)
{
	if (state == 0) {
		list->first[point % FIRST_BITS / 8] |=
		    (uint8_t)(1u << point % 8);
	}
	list->nodes[state].goes |= UINT64_C(1) << point % 64;
}

uint32_t keywords_step(
    const struct keywords *list, uint32_t state, uint32_t point)
{
	for (;;) {
		if (may_go(list, state, point)) {
			const struct edge *edge = find_edge(list, state, point);

			if (edge->from != 0) {
				return (uint32_t)edge->to;
			}
		}
		if (state == 0) {
			return 0;
		}
		state = list->nodes[state].fail;
	}
}

static void add_phrase(struct keywords *list, uint32_t number)
{
	struct phrase *phrase = &list->phrases[number - 1];
	uint32_t state = 0;

	for (size_t i = 0; i < phrase->n; i++) {
		uint32_t point = phrase->points[i];
		struct edge *edge = find_edge(list, state, point);

		let_go(list, state, point);
		if (edge->from == 0) {
			edge->from = (state + 1) & EDGE_BITS_21;
			edge->point = point & EDGE_BITS_21;
			edge->to = (uint32_t)list->n_nodes & EDGE_BITS_22;
			list->nodes[list->n_nodes++].depth = (uint32_t)i + 1;
		}
		state = (uint32_t)edge->to;
	}
	phrase->next = list->nodes[state].ends;
	list->nodes[state].ends = number;
}

static void link_edge(struct keywords *list, const struct edge *edge)
{
	uint32_t from = (uint32_t)edge->from - 1;
	uint32_t point = (uint32_t)edge->point;
	struct node *node = &list->nodes[edge->to];
	const struct node *fail;

	node->fail =
	    from == 0 ? 0 : keywords_step(list, list->nodes[from].fail, point);
	fail = &list->nodes[node->fail];
	node->next_end = fail->ends != 0 ? node->fail : fail->next_end;
}

/* Nodes in the order of their depth: a node's fail is always nearer to the
 * root, so it is known when it is needed. */
static enum tl_err link_all(struct keywords *list)
{
	/* behind[d]: how many edges lead to a node of depth d or less */
	size_t behind[PHRASE_POINTS_MAX + 1] = { 0 };
	uint32_t *order = calloc(list->n_nodes, sizeof(*order));

	if (order == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 1; i < list->n_nodes; i++) {
		behind[list->nodes[i].depth]++;
	}
	for (size_t depth = 1; depth <= PHRASE_POINTS_MAX; depth++) {
		behind[depth] += behind[depth - 1];
	}
	for (size_t i = 0; i < list->n_edges; i++) {
		if (list->edges[i].from != 0) {
			uint32_t to = (uint32_t)list->edges[i].to;

			order[--behind[list->nodes[to].depth]] = (uint32_t)i;
		}
	}
	for (size_t i = 0; i + 1 < list->n_nodes; i++) {
		link_edge(list, &list->edges[order[i]]);
	}
	free(order);
	return TL_OK;
}

/* Many phrases begin alike: there are fewer nodes than was room made for. */
static enum tl_err fit(struct keywords *list)
{
	struct edge *old = list->edges;
	size_t n_old = list->n_edges;
	struct node *nodes =
	    realloc(list->nodes, list->n_nodes * sizeof(*nodes));

	if (nodes == NULL) {
		return TL_ENOMEM;
	}
	list->nodes = nodes;
	list->edges = NULL;
	list->n_edges =
	    keywords_power_of_two(list->n_nodes + list->n_nodes / 4);
	list->edges = calloc(list->n_edges, sizeof(*list->edges));
	for (size_t i = 0; list->edges != NULL && i < n_old; i++) {
		if (old[i].from != 0) {
			*find_edge(list, (uint32_t)old[i].from - 1,
			    (uint32_t)old[i].point) = old[i];
		}
	}
	free(old);
	return list->edges != NULL ? TL_OK : TL_ENOMEM;
}

static enum tl_err build_automaton(struct keywords *list)
{
	size_t n = 1;
	enum tl_err err;

	for (size_t i = 0; i < list->n_phrases; i++) {
		n += list->phrases[i].n;
	}
	list->nodes = calloc(n, sizeof(*list->nodes));
	list->n_edges = keywords_power_of_two(n * 2);
	list->edges = calloc(list->n_edges, sizeof(*list->edges));
	if (list->nodes == NULL || list->edges == NULL) {
		return TL_ENOMEM;
	}
	list->n_nodes = 1;
	for (size_t i = 0; i < list->n_phrases; i++) {
		add_phrase(list, (uint32_t)i + 1);
	}
	err = fit(list);
	return err == TL_OK ? link_all(list) : err;
}

/* ---- reading the list -----------------------------------------------------
 */

bool keywords_unspaced(uint32_t point)
{
	if (point < 0x0e00) {
		return false;
	}
	return point <= 0x0eff ||                   /* Thai, Lao */
	    (point >= 0x1000 && point <= 0x109f) || /* Burmese */
	    (point >= 0x1780 && point <= 0x17ff) || /* Khmer */
	    (point >= 0x2e80 && point <= 0x9fff) || /* Chinese, kana */
	    (point >= 0xaa60 && point <= 0xaa7f) ||
	    (point >= 0xf900 && point <= 0xfaff) ||
	    (point >= 0x20000 && point <= 0x3ffff);
}

static bool is_ascii_word(const struct phrase *phrase)
{
	for (size_t i = 0; i < phrase->n; i++) {
		if (phrase->points[i] < 'a' || phrase->points[i] > 'z') {
			return false;
		}
	}
	return true;
}

static bool has_no_marks(const struct phrase *phrase)
{
	for (size_t i = 0; i < phrase->n; i++) {
		if (phrase->points[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

static void describe(struct phrase *phrase)
{
	phrase->whole_word = true;
	for (size_t i = 0; i < phrase->n; i++) {
		if (keywords_unspaced(phrase->points[i])) {
			phrase->whole_word = false;
		}
	}
	phrase->unmarked =
	    strcmp(phrase->lang, "vi") == 0 && has_no_marks(phrase);
	phrase->near = strcmp(phrase->lang, "km-Latn") == 0 &&
	    phrase->gap == 0 && phrase->n >= NEAR_WORD_MIN &&
	    phrase->n <= NEAR_WORD_MAX - 1 && is_ascii_word(phrase);
}

static enum tl_err fold_phrase(struct bytes text, struct phrase *phrase)
{
	struct fold fold;
	enum tl_err err = fold_text(text, &fold);

	if (err != TL_OK) {
		return err;
	}
	phrase->n = fold.n;
	phrase->points = calloc(fold.n + 1, sizeof(*phrase->points));
	for (size_t i = 0; phrase->points != NULL && i < fold.n; i++) {
		phrase->points[i] = fold.at[i].point;
	}
	fold_free(&fold);
	return phrase->points != NULL ? TL_OK : TL_ENOMEM;
}

static const char *read_row(const struct tsv *tsv, struct phrase *phrase)
{
	struct bytes lang = tsv->columns[0], combo = tsv->columns[2];
	enum keyword_group group = keyword_group_find(tsv->columns[1]);

	if (lang.len == 0 || lang.len >= sizeof(phrase->lang)) {
		return "the language is no tag such as km or zh-Hans";
	}
	if (group == GROUPS) {
		return "there is no such group";
	}
	if (combo.len != 1 || (combo.at[0] != '0' && combo.at[0] != '1')) {
		return "combo_only must be 0 or 1";
	}
	memcpy(phrase->lang, lang.at, lang.len);
	phrase->group = (uint8_t)group;
	phrase->combo_only = combo.at[0] == '1';
	return NULL;
}

static enum tl_err grow(struct keywords *list)
{
	size_t cap = list->cap_phrases * 2 + 512;
	struct phrase *phrases;

	if (list->n_phrases >= PHRASES_MAX) {
		return TL_ETOOBIG;
	}
	if (list->n_phrases < list->cap_phrases) {
		return TL_OK;
	}
	phrases = calloc(cap, sizeof(*phrases));
	if (phrases == NULL) {
		return TL_ENOMEM;
	}
	if (list->n_phrases > 0) {
		memcpy(
		    phrases, list->phrases, list->n_phrases * sizeof(*phrases));
	}
	free(list->phrases);
	list->phrases = phrases;
	list->cap_phrases = cap;
	return TL_OK;
}

/* One phrase as the next of the list. like has all but its letters. */
static enum tl_err add_text(struct keywords *list, struct bytes text,
    const struct phrase *like, const char **ret_wrong)
{
	struct phrase *phrase = &list->phrases[list->n_phrases];
	enum tl_err err;

	*phrase = *like;
	phrase->prefix = text.len > 0 && text.at[text.len - 1] == '*';
	text.len -= phrase->prefix ? 1 : 0;
	err = fold_phrase(text, phrase);
	if (err == TL_OK) {
		list->n_phrases++;
		if (phrase->n == 0 || phrase->n > PHRASE_POINTS_MAX) {
			*ret_wrong = "the phrase is empty or too long";
			err = TL_EFORMAT;
		}
		describe(phrase);
	}
	return err;
}

static struct bytes trimmed(const uint8_t *at, size_t len)
{
	while (len > 0 && at[0] == ' ') {
		at++;
		len--;
	}
	while (len > 0 && at[len - 1] == ' ') {
		len--;
	}
	return bytes_of(at, len);
}

/* One side of a gap: any of the phrases between its strokes. */
static enum tl_err add_side(struct keywords *list, struct bytes text,
    const struct phrase *like, const char **ret_wrong)
{
	size_t from = 0;
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i <= text.len; i++) {
		if (i < text.len && text.at[i] != '|') {
			continue;
		}
		err = grow(list);
		if (err == TL_OK) {
			err = add_text(list, trimmed(text.at + from, i - from),
			    like, ret_wrong);
		}
		from = i + 1;
	}
	return err;
}

/* Both sides of the gap at text.at[gap]. */
static enum tl_err add_gapped(struct keywords *list, struct bytes text,
    size_t gap, struct phrase *like, const char **ret_wrong)
{
	enum tl_err err;

	if (like->group == GROUP_PLAIN) {
		*ret_wrong = "a PLAIN phrase has no gap";
		return TL_EFORMAT;
	}
	if (memchr(text.at + gap + 1, '~', text.len - gap - 1) != NULL) {
		*ret_wrong = "a phrase has one gap at most";
		return TL_EFORMAT;
	}
	like->gap = (uint32_t)++list->n_gaps;
	like->opens = true;
	err = add_side(list, bytes_of(text.at, gap), like, ret_wrong);
	if (err == TL_OK) {
		like->opens = false;
		err = add_side(list,
		    bytes_of(text.at + gap + 1, text.len - gap - 1), like,
		    ret_wrong);
	}
	return err;
}

static enum tl_err read_phrase(
    struct keywords *list, const struct tsv *tsv, struct text_fault *ret_fault)
{
	struct phrase like = { 0 };
	struct bytes text = tsv->columns[3];
	const char *wrong = read_row(tsv, &like);
	const uint8_t *gap =
	    text.len == 0 ? NULL : memchr(text.at, '~', text.len);
	enum tl_err err = wrong == NULL ? TL_OK : TL_EFORMAT;

	if (err == TL_OK && gap != NULL) {
		err = add_gapped(
		    list, text, (size_t)(gap - text.at), &like, &wrong);
	} else if (err == TL_OK) {
		err = add_text(list, text, &like, &wrong);
	}
	if (wrong != NULL) {
		*ret_fault = (struct text_fault){ tsv->line, wrong };
	}
	return err;
}

/* Letters are in the automaton; only near words are compared by theirs. */
static enum tl_err cut_phrases(struct keywords *list)
{
	struct phrase *phrases = calloc(list->n_phrases + 1, sizeof(*phrases));

	if (phrases == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < list->n_phrases; i++) {
		phrases[i] = list->phrases[i];
		if (!phrases[i].near) {
			free(phrases[i].points);
			phrases[i].points = NULL;
		}
	}
	free(list->phrases);
	list->phrases = phrases;
	list->cap_phrases = list->n_phrases + 1;
	return TL_OK;
}

enum tl_err keywords_new(
    struct bytes file, struct keywords **ret_list, struct text_fault *ret_fault)
{
	struct keywords *list = calloc(1, sizeof(*list));
	struct tsv tsv;
	enum tl_err err = TL_OK;

	*ret_fault = (struct text_fault){ 0 };
	if (list == NULL) {
		return TL_ENOMEM;
	}
	(void)snprintf(list->version, sizeof(list->version), "cksum %lu",
	    (unsigned long)cksum(file));
	if (!tsv_open(
		&tsv, file, "lang\tgroup\tcombo_only\tphrase", ret_fault)) {
		err = TL_EFORMAT;
	}
	while (err == TL_OK && tsv_next(&tsv, ret_fault)) {
		err = grow(list);
		if (err == TL_OK) {
			err = read_phrase(list, &tsv, ret_fault);
		}
	}
	if (err == TL_OK && ret_fault->what != NULL) {
		err = TL_EFORMAT;
	}
	if (err == TL_OK) {
		err = build_automaton(list);
	}
	if (err == TL_OK) {
		err = keywords_build_near(list);
	}
	if (err == TL_OK) {
		err = cut_phrases(list);
	}
	if (err != TL_OK) {
		keywords_free(list);
		return err;
	}
	*ret_list = list;
	return TL_OK;
}

void keywords_free(struct keywords *list)
{
	if (list == NULL) {
		return;
	}
	for (size_t i = 0; i < list->n_phrases; i++) {
		free(list->phrases[i].points);
	}
	free(list->phrases);
	free(list->nodes);
	free(list->edges);
	free(list->near);
	free(list);
}

const char *keywords_version(const struct keywords *list)
{
	return list->version;
}

size_t keywords_bytes(const struct keywords *list)
{
	size_t bytes = sizeof(*list) +
	    list->cap_phrases * sizeof(*list->phrases) +
	    list->n_nodes * sizeof(*list->nodes) +
	    list->n_edges * sizeof(*list->edges) +
	    list->n_near * sizeof(*list->near);

	for (size_t i = 0; i < list->n_phrases; i++) {
		bytes += list->phrases[i].points == NULL
		    ? 0
		    : (list->phrases[i].n + 1) * sizeof(uint32_t);
	}
	return bytes;
}
