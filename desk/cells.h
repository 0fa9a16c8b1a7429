/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/cells.h - counts by name, with small ones hidden: who is one of three is
 * found.
 *
 * Promise:   a cell of 1 to CELLS_LEAST - 1 is hidden; and where that would
 *            follow from the total and the others, another is hidden with it.
 * Knows not: what is counted.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_CELLS_H
#define TL_DESK_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inside the house; what is published has 11. */
#define CELLS_LEAST      5u
#define CELLS_MAX        400u
#define CELLS_NAME_BYTES 24u

struct cells {
	struct cell {
		char name[CELLS_NAME_BYTES];
		unsigned n;
		bool hidden;
	} items[CELLS_MAX];
	size_t n;
};

/* Count one more of this name; names that are too long are cut. Beyond
 * CELLS_MAX names they count as "other". */
void cells_add(struct cells *cells, const char *name);

/* Hide what has to be. By name afterwards. */
void cells_hide(struct cells *cells);

/* The value that per_cent of all n are not above; sorts them. 0 without any. */
uint64_t cells_percentile(uint64_t *values, size_t n, unsigned per_cent);

#endif
