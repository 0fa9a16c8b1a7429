/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/nearest.h"

#include <string.h>

#define NAME_BYTES_MAX 32u
/* a shorter piece is inside of too many names */
#define PIECE_BYTES_MIN 4u

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/*
 * How many letters must be put in, taken out, changed, or swapped with their
 * neighbour (optimal string alignment, three rows of the table at a time).
 */
static size_t distance(struct bytes a, struct bytes b)
{
	size_t rows[3][NAME_BYTES_MAX + 1] = { 0 };

	for (size_t j = 0; j <= b.len; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = rows[i % 3];
		const size_t *before = rows[(i + 2) % 3];
		const size_t *two = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t same = a.at[i - 1] == b.at[j - 1] ? 0 : 1;

			now[j] = least(before[j] + 1, now[j - 1] + 1,
			    before[j - 1] + same);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
			    a.at[i - 2] == b.at[j - 1]) {
				now[j] = least(now[j], two[j - 2] + 1, now[j]);
			}
		}
	}
	return rows[a.len % 3][b.len];
}

static int holds(struct bytes whole, struct bytes piece)
{
	return piece.len >= PIECE_BYTES_MIN &&
	    memmem(whole.at, whole.len, piece.at, piece.len) != NULL;
}

const char *config_nearest(
    struct bytes typed, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_distance = typed.len / 3 + 2; /* beyond: no guess */

	if (typed.len == 0 || typed.len > NAME_BYTES_MAX) {
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		struct bytes name = bytes_str(names[i]);
		size_t d;

		if (name.len > NAME_BYTES_MAX) {
			continue;
		}
		d = distance(typed, name);
		if (d < best_distance) {
			best = names[i];
			best_distance = d;
		}
	}
	for (size_t i = 0; best == NULL && i < n; i++) {
		if (holds(bytes_str(names[i]), typed) ||
		    holds(typed, bytes_str(names[i]))) {
			best = names[i];
		}
	}
	return best;
}
