/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/resealed.h"

#include <stdlib.h>
#include <string.h>

struct resealed_row {
	uint8_t id[RESEALED_ID_BYTES];
	uint64_t number;
	bool is_again;
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
    const uint8_t id[static RESEALED_ID_BYTES], uint64_t number, bool is_signed)
{
	struct resealed_row row = { .number = number, .is_signed = is_signed };

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

bool resealed_next(
    const struct resealed *set, size_t *at, struct resealed_pair *ret_pair)
{
	while (*at < set->n) {
		const struct resealed_row *first = &set->rows[*at], *row;
		size_t gone = 0;

		/* all of one id, in the order they came */
		for (row = first; row < set->rows + set->n &&
		     memcmp(row->id, first->id, sizeof(row->id)) == 0;
		     row++) {
			gone += row->is_again ? 0 : 1;
		}
		*at = (size_t)(row - set->rows);
		/* two that are gone: nobody knows which one was sealed again */
		if (gone == 1 && !first->is_again && row[-1].is_again) {
			*ret_pair = (struct resealed_pair){
				.gone = first->number,
				.again = row[-1].number,
				.is_signed = first->is_signed,
			};
			return true;
		}
	}
	return false;
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
	return row->is_signed;
}

void resealed_free(struct resealed *set)
{
	free(set->rows);
	*set = (struct resealed){ .rows = NULL };
}
