/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/htcds.h - what the Human Trafficking Case Data Standard 2.0 (IOM, CC BY
 * 4.0) has for values, and what answers of ours come to in it.
 * data/htcds-values.tsv and data/htcds.tsv, compiled in: a standard that
 * changes is another file.
 *
 * Promise:   every value of the mapping is in the standard's list (a test holds
 *            it), and every answer of the form is mapped or said not to be.
 * Knows not: what was answered; JSON.
 * Runs in:   the desk; tipline-open. Pure.
 * Disk:      none.
 */
#ifndef TL_TEXT_HTCDS_H
#define TL_TEXT_HTCDS_H

#include <stdbool.h>

#include "base/bytes.h"

/* All borrow from the program. */
struct htcds_value {
	struct bytes field, name, label;
};

struct htcds_row {
	struct bytes question, answer, chip, field, value;
};

/* Every one in the file's order, until fn says false. False: fn has, or the
 * file is damaged. */
bool htcds_values_each(
    bool (*fn)(const struct htcds_value *value, void *arg), void *arg);
bool htcds_rows_each(
    bool (*fn)(const struct htcds_row *row, void *arg), void *arg);

/* Has this field a list of values? */
bool htcds_is_list(struct bytes field);

/* Is name in the list of field? Then *ret_label is its label. */
bool htcds_has(struct bytes field, struct bytes name, struct bytes *ret_label);

#endif
