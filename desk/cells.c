/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cell *find(struct cells *cells, const char *name)
{
	for (size_t i = 0; i < cells->n; i++) {
		if (strncmp(cells->items[i].name, name, CELLS_NAME_BYTES - 1) ==
		    0) {
			return &cells->items[i];
		}
	}
	return NULL;
}

void cells_add(struct cells *cells, const char *name)
{
	struct cell *cell = find(cells, name);

	if (cell == NULL && cells->n == CELLS_MAX) {
		cell = &cells->items[CELLS_MAX - 1];
		(void)snprintf(cell->name, sizeof(cell->name), "other");
	}
	if (cell == NULL) {
		cell = &cells->items[cells->n++];
		*cell = (struct cell){ .n = 0 };
		(void)snprintf(cell->name, sizeof(cell->name), "%.23s", name);
	}
	cell->n++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct cell *)a)->name, ((const struct cell *)b)->name);
}

void cells_hide(struct cells *cells)
{
	struct cell *least = NULL; /* of those that can be seen */
	unsigned sum = 0;
	size_t hidden = 0;

	qsort(cells->items, cells->n, sizeof(cells->items[0]), by_name);
	for (size_t i = 0; i < cells->n; i++) {
		struct cell *cell = &cells->items[i];

		cell->hidden = cell->n > 0 && cell->n < CELLS_LEAST;
		if (cell->hidden) {
			hidden++;
			sum += cell->n;
		} else if (cell->n > 0 &&
		    (least == NULL || cell->n < least->n)) {
			least = cell;
		}
	}
	/* the total less what is seen must not give a small one away */
	if (hidden == 1 || (hidden > 1 && sum < CELLS_LEAST)) {
		if (least != NULL) {
			least->hidden = true;
		}
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t cells_percentile(uint64_t *values, size_t n, unsigned per_cent)
{
	size_t at = (n * per_cent + 99) / 100;

	if (n == 0) {
		return 0;
	}
	qsort(values, n, sizeof(values[0]), by_value);
	return values[at == 0 ? 0 : at - 1];
}
