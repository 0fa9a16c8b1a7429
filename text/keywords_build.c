/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "text/keywords_parts.h"

#define NEAR_WORD_MIN     5u /* shorter words are too much like others */
#define NEAR_WORD_MAX     32u
#define PHRASES_MAX       20000u
#define PHRASE_POINTS_MAX 64u

/* ---- the automaton ------------------------------------------------------- */

static size_t power_of_two(size_t least)
{
	size_t n = 64;

	while (n < least) {
		n *= 2;
	}
	return n;
}

static uint64_t edge_key(uint32_t node, uint32_t point)
{
	/* + 1: the key of a free place is 0 */
	return ((uint64_t)node + 1) << 32 | point;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

/* Where the edge is, or where it would be. */
static struct edge *find_edge(
    const struct keywords *list, uint32_t node, uint32_t point)
{
	uint64_t key = edge_key(node, point);
	size_t i = (size_t)mix(key) & (list->n_edges - 1);

	while (list->edges[i].key != 0 && list->edges[i].key != key) {
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

			if (edge->key != 0) {
				return edge->to;
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
		if (edge->key == 0) {
			edge->key = edge_key(state, point);
			edge->to = (uint32_t)list->n_nodes;
			list->nodes[list->n_nodes++].depth = (uint32_t)i + 1;
		}
		state = edge->to;
	}
	phrase->next = list->nodes[state].ends;
	list->nodes[state].ends = number;
}

/* Nodes in the order of their depth: a node's fail is always nearer to the
 * root, so it is known when it is needed. */
static void link_depth(struct keywords *list, uint32_t depth)
{
	for (size_t i = 0; i < list->n_edges; i++) {
		const struct edge *edge = &list->edges[i];
		uint32_t from = (uint32_t)(edge->key >> 32) - 1;
		uint32_t point = (uint32_t)edge->key;
		struct node *node = &list->nodes[edge->to];
		const struct node *fail;

		if (edge->key == 0 || node->depth != depth) {
			continue;
		}
		node->fail = from == 0
		    ? 0
		    : keywords_step(list, list->nodes[from].fail, point);
		fail = &list->nodes[node->fail];
		node->next_end = fail->ends != 0 ? node->fail : fail->next_end;
	}
}

static enum tl_err build_automaton(struct keywords *list)
{
	size_t n = 1, deepest = 0;

	for (size_t i = 0; i < list->n_phrases; i++) {
		n += list->phrases[i].n;
		deepest =
		    list->phrases[i].n > deepest ? list->phrases[i].n : deepest;
	}
	list->nodes = calloc(n, sizeof(*list->nodes));
	list->n_edges = power_of_two(n * 2);
	list->edges = calloc(list->n_edges, sizeof(*list->edges));
	if (list->nodes == NULL || list->edges == NULL) {
		return TL_ENOMEM;
	}
	list->n_nodes = 1;
	for (size_t i = 0; i < list->n_phrases; i++) {
		add_phrase(list, (uint32_t)i + 1);
	}
	for (size_t depth = 1; depth <= deepest; depth++) {
		link_depth(list, (uint32_t)depth);
	}
	return TL_OK;
}

/* ---- words that are nearly one --------------------------------------------
 */

/* The word without its letter number skip; SIZE_MAX: all of it. */
static uint64_t hash_points(const uint32_t *points, size_t n, size_t skip)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < n; i++) {
		if (i != skip) {
			hash = mix(hash ^ points[i]);
		}
	}
	return hash | 1;
}

static void add_near(struct keywords *list, uint64_t hash, uint32_t phrase)
{
	size_t i = (size_t)hash & (list->n_near - 1);

	while (list->near[i].phrase != 0) {
		i = (i + 1) & (list->n_near - 1);
	}
	list->near[i] = (struct near){ hash, phrase };
}

static enum tl_err build_near(struct keywords *list)
{
	size_t n = 0;

	list->near_min = SIZE_MAX;
	for (size_t i = 0; i < list->n_phrases; i++) {
		struct phrase *phrase = &list->phrases[i];

		if (!phrase->near) {
			continue;
		}
		n += phrase->n + 1;
		if (phrase->n < list->near_min) {
			list->near_min = phrase->n;
		}
		if (phrase->n > list->near_max) {
			list->near_max = phrase->n;
		}
	}
	list->n_near = power_of_two(n * 2);
	list->near = calloc(list->n_near, sizeof(*list->near));
	if (list->near == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < list->n_phrases; i++) {
		const struct phrase *phrase = &list->phrases[i];

		if (!phrase->near) {
			continue;
		}
		add_near(list, hash_points(phrase->points, phrase->n, SIZE_MAX),
		    (uint32_t)i + 1);
		for (size_t k = 0; k < phrase->n; k++) {
			add_near(list,
			    hash_points(phrase->points, phrase->n, k),
			    (uint32_t)i + 1);
		}
	}
	return TL_OK;
}

/* Is a b with at most one letter more, less or other? */
static bool within_one(
    const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
	size_t front = 0, back = 0;
	size_t longer = n_a > n_b ? n_a : n_b;
	size_t shorter = n_a > n_b ? n_b : n_a;

	while (front < shorter && a[front] == b[front]) {
		front++;
	}
	while (
	    back < shorter - front && a[n_a - 1 - back] == b[n_b - 1 - back]) {
		back++;
	}
	return longer - front - back <= 1;
}

static uint32_t look_up(
    const struct keywords *list, uint64_t hash, const uint32_t *word, size_t n)
{
	size_t i = (size_t)hash & (list->n_near - 1);

	for (; list->near[i].phrase != 0; i = (i + 1) & (list->n_near - 1)) {
		const struct phrase *phrase =
		    &list->phrases[list->near[i].phrase - 1];

		if (list->near[i].hash == hash &&
		    within_one(word, n, phrase->points, phrase->n)) {
			return list->near[i].phrase;
		}
	}
	return 0;
}

static uint32_t find_near(
    const struct keywords *list, const struct fold_char *word, size_t n)
{
	uint32_t points[NEAR_WORD_MAX + 1] = { 0 };
	uint32_t found;

	for (size_t i = 0; i < n; i++) {
		points[i] = word[i].point;
		if (points[i] < 'a' || points[i] > 'z') {
			return 0;
		}
	}
	found = look_up(list, hash_points(points, n, SIZE_MAX), points, n);
	for (size_t k = 0; found == 0 && k < n; k++) {
		found = look_up(list, hash_points(points, n, k), points, n);
	}
	return found;
}

/* In most languages most words are too short or too long. */
uint32_t keywords_near(
    const struct keywords *list, const struct fold_char *word, size_t n)
{
	return n + 1 < list->near_min || n > list->near_max + 1
	    ? 0
	    : find_near(list, word, n);
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
	    phrase->n >= NEAR_WORD_MIN && phrase->n <= NEAR_WORD_MAX - 1 &&
	    is_ascii_word(phrase);
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

static enum tl_err read_phrase(
    struct keywords *list, const struct tsv *tsv, struct text_fault *ret_fault)
{
	struct phrase *phrase = &list->phrases[list->n_phrases];
	struct bytes text = tsv->columns[3];
	const char *wrong = read_row(tsv, phrase);
	enum tl_err err;

	phrase->prefix = text.len > 0 && text.at[text.len - 1] == '*';
	text.len -= phrase->prefix ? 1 : 0;
	err = wrong == NULL ? fold_phrase(text, phrase) : TL_EFORMAT;
	if (err == TL_OK) {
		list->n_phrases++;
		if (phrase->n == 0 || phrase->n > PHRASE_POINTS_MAX) {
			wrong = "the phrase is empty or too long";
			err = TL_EFORMAT;
		}
		describe(phrase);
	}
	if (wrong != NULL) {
		*ret_fault = (struct text_fault){ tsv->line, wrong };
	}
	return err;
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
		err = build_near(list);
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

size_t keywords_bytes(const struct keywords *list)
{
	size_t bytes = sizeof(*list) +
	    list->cap_phrases * sizeof(*list->phrases) +
	    list->n_nodes * sizeof(*list->nodes) +
	    list->n_edges * sizeof(*list->edges) +
	    list->n_near * sizeof(*list->near);

	for (size_t i = 0; i < list->n_phrases; i++) {
		bytes += (list->phrases[i].n + 1) * sizeof(uint32_t);
	}
	return bytes;
}
