/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/csv.h - rows for spreadsheets (RFC 4180, UTF-8 with its mark, CR LF).
 *
 * Promise:   a reader of RFC 4180 gets back what was put in, but for what
 *            csv_text() says. No spreadsheet program takes a stranger's text
 *            for a formula or a number, nor cuts it unsaid, also one that
 *            parts cells at ";" and not at ",".
 * Knows not: what the columns mean.
 * Runs in:   tipline-open. Pure.
 * Disk:      none.
 */
#ifndef TL_TEXT_CSV_H
#define TL_TEXT_CSV_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Excel has 32,767 units of UTF-16 in a cell, and makes rows of the rest. */
#define CSV_CELL_MAX_UNITS 32000u

struct csv {
	struct buf *out; /* borrowed; its first error sticks and is the rows' */
	bool behind;     /* a cell of this row */
};

/* Append the mark that says UTF-8, in front of all else. */
void csv_begin(struct csv *csv);

/* A cell of our own words. */
void csv_cell(struct csv *csv, struct bytes text);

/*
 * A cell of a stranger's text. It is as plain_text() writes it, with a blank
 * for a tab. An apostrophe stands in front of a sign that begins a formula (=,
 * +, -, @, also wide, small, or the sign of minus), where it is the first of
 * the cell, of a line, or behind ";", whatever blanks, invisible signs and
 * quotes are between; and in front of a cell that is a number. What is longer
 * than CSV_CELL_MAX_UNITS is cut, and says so.
 */
void csv_text(struct csv *csv, struct bytes text);

void csv_end_row(struct csv *csv);

#endif
