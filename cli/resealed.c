/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/resealed.h"

#include <stdlib.h>
#include <string.h>

struct resealed_row {
	uint8_t id[RESEALED_ID_BYTES];
	uint64_t number;
	bool is_again;
	bool is_strange;
	bool is_signed;
};

static enum tl_err add(struct resealed *set, const struct resealed_row *row)
{
	if (set->n == set->room) {
		size_t room = set->room == 0 ? 64 : 2 * set->room;
		void *rows = reallocarray(set->rows, room, sizeof(*set->rows));

		if (rows == NULL) {
			return TL_ENOMEM;
		}
		set->rows = rows;
		set->room = room;
	}
	set->rows[set->n++] = *row;
	return TL_OK;
}

enum tl_err resealed_add_gone(struct resealed *set,
    const uint8_t id[static RESEALED_ID_BYTES], uint64_t number,
    bool is_strange, bool is_signed)
{
	struct resealed_row row = {
		.number = number,
		.is_strange = is_strange,
		.is_signed = is_signed,
	};

	memcpy(row.id, id, sizeof(row.id));
	return add(set, &row);
}

enum tl_err resealed_add_again(struct resealed *set,
    const uint8_t id[static RESEALED_ID_BYTES], uint64_t number)
{
	struct resealed_row row = { .number = number, .is_again = true };

	memcpy(row.id, id, sizeof(row.id));
	return add(set, &row);
}

static int by_id_and_number(const void *a, const void *b)
{
	const struct resealed_row *x = a, *y = b;
	int order = memcmp(x->id, y->id, sizeof(x->id));

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

void resealed_settle(struct resealed *set)
{
	if (set->n > 0) {
		qsort(set->rows, set->n, sizeof(*set->rows), by_id_and_number);
	}
}

/* Rows from first on that have its id. */
static size_t same_id(
    const struct resealed *set, const struct resealed_row *first)
{
	size_t n = 1;

	while (first + n < set->rows + set->n &&
	    memcmp(first[n].id, first->id, sizeof(first->id)) == 0) {
		n++;
	}
	return n;
}

/*
 * Among n rows of one id, the one that was sealed again: the tip, whatever
 * strangers put beside it, as `tipline key reseal` chooses. NULL: there is
 * none, or several, and nobody knows which.
 */
static const struct resealed_row *find_gone(
    const struct resealed_row *first, size_t n)
{
	const struct resealed_row *tip = NULL, *strange = NULL;
	size_t n_tips = 0, n_strange = 0;

	for (size_t i = 0; i < n; i++) {
		if (first[i].is_again) {
			continue;
		}
		if (first[i].is_strange) {
			strange = &first[i];
			n_strange++;
		} else {
			tip = &first[i];
			n_tips++;
		}
	}
	if (n_tips > 0) {
		return n_tips == 1 ? tip : NULL;
	}
	return n_strange == 1 ? strange : NULL;
}

/* The tip that is gone, and the newest behind it that stands for it. */
static bool pair_of(
    const struct resealed_row *first, size_t n, struct resealed_pair *ret_pair)
{
	const struct resealed_row *gone = find_gone(first, n);

	for (; gone != NULL && first + n - 1 > gone; n--) {
		if (first[n - 1].is_again) {
			*ret_pair = (struct resealed_pair){
				.gone = gone->number,
				.again = first[n - 1].number,
				.is_signed = gone->is_signed,
			};
			return true;
		}
	}
	return false;
}

bool resealed_next(
    const struct resealed *set, size_t *at, struct resealed_pair *ret_pair)
{
	bool found = false;

	while (*at < set->n && !found) {
		const struct resealed_row *first = &set->rows[*at];
		size_t n = same_id(set, first);

		found = pair_of(first, n, ret_pair);
		*at += n;
	}
	return found;
}

static int by_id(const void *a, const void *b)
{
	const struct resealed_row *x = a, *y = b;

	return memcmp(x->id, y->id, sizeof(x->id));
}

bool resealed_is_signed(
    const struct resealed *set, const uint8_t id[static RESEALED_ID_BYTES])
{
	struct resealed_row want = { .number = 0 };
	const struct resealed_row *row = NULL;
	struct resealed_pair pair;

	memcpy(want.id, id, sizeof(want.id));
	if (set->n > 0) {
		row = bsearch(&want, set->rows, set->n, sizeof(want), by_id);
	}
	if (row == NULL) {
		return false;
	}
	while (row > set->rows && by_id(row - 1, &want) == 0) {
		row--;
	}
	return pair_of(row, same_id(set, row), &pair) && pair.is_signed;
}

void resealed_free(struct resealed *set)
{
	free(set->rows);
	*set = (struct resealed){ .rows = NULL };
}
