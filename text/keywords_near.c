/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Words that are nearly one of the list: a table of each with one letter left
 * out. */
#include <stdlib.h>
#include <string.h>

#include "text/keywords_parts.h"

/* The word without its letter number skip; SIZE_MAX: all of it. */
static uint64_t hash_points(const uint32_t *points, size_t n, size_t skip)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < n; i++) {
		if (i != skip) {
			hash = keywords_mix(hash ^ points[i]);
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

enum tl_err keywords_build_near(struct keywords *list)
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
	list->n_near = keywords_power_of_two(n * 2);
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
