/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/tsv.h - lists of words as files: columns between tabs, a heading that
 * names them, lines that begin with # left out.
 */
#ifndef TL_TEXT_TSV_H
#define TL_TEXT_TSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define TSV_COLUMNS_MAX 8u

/* What is wrong with a file, and where. what is a literal. */
struct text_fault {
	size_t line; /* from 1 */
	const char *what;
};

struct tsv {
	struct bytes rest;
	size_t line; /* of the row read last, from 1 */
	size_t n_columns;
	struct bytes columns[TSV_COLUMNS_MAX]; /* of the row read last */
};

/* Begin to read file; heading is its first line ("lang\tgroup"). */
bool tsv_open(struct tsv *tsv, struct bytes file, const char *heading,
    struct text_fault *ret_fault);

/* The next row. False: there is none, or it is bad and ret_fault->what says
 * why (NULL before). */
bool tsv_next(struct tsv *tsv, struct text_fault *ret_fault);

/* The next line of a file without its end; false at the end of the file. */
bool text_line(struct bytes *rest, struct bytes *ret_line);

#endif
