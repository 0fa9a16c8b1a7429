/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/htcds_fields.h - the fields of HTCDS 2.0 (IOM, CC BY 4.0) that have a
 * place in what partners import, and where: the columns of the templates for
 * spreadsheets, the elements of the survey form.
 *
 * Promise:   names, labels and order are those of the standard's files, also
 *            where these are spelt otherwise or contradict each other.
 * Knows not: JSON, values of lists (text/htcds.h).
 * Runs in:   tipline-open. Pure.
 * Disk:      none.
 */
#ifndef TL_TEXT_HTCDS_FIELDS_H
#define TL_TEXT_HTCDS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum htcds_kind {
	HTCDS_NONE, /* no field of ours */
	HTCDS_TEXT,
	HTCDS_DATE,    /* YYYY-MM-DD */
	HTCDS_PHONE,   /* E.164, with or without its plus */
	HTCDS_CHECK,   /* TRUE, FALSE */
	HTCDS_ONE,     /* of a list */
	HTCDS_MANY,    /* of a list */
	HTCDS_COUNTRY, /* ISO 3166-1 alpha-2 */
	HTCDS_COUNTRIES,
	HTCDS_LANGUAGE, /* ISO 639-2 */
	HTCDS_EVENTS,   /* hte: objects of fields that begin with hte_ */
};

/* Of a member of a referral. */
enum htcds_kind htcds_kind(struct bytes field);

/* Of a member of one of the objects of hte. */
enum htcds_kind htcds_event_kind(struct bytes field);

/* Is value as kind wants it? Not for lists, texts and events. */
bool htcds_is_good(enum htcds_kind kind, struct bytes value);

/* A time as referrals have it: 2026-11-21T22:26:40Z. */
bool htcds_is_time(struct bytes value);

/* A column of the template, A to AM. Rows 1 and 2 of the block of the address
 * contradict each other. */
struct htcds_column {
	const char *name, *label; /* rows 1 and 2 */
	const char *field;        /* by row 1; NULL: the running number */
	const char *by_label;     /* by row 2, where that is another one */
};

extern const struct htcds_column htcds_columns[];
extern const size_t htcds_n_columns;

/* An element of the form. */
struct htcds_element {
	const char *name, *field;
};

extern const struct htcds_element htcds_elements[];
extern const size_t htcds_n_elements;

#define HTCDS_FORM_ID      "htcds_xlsform"
#define HTCDS_FORM_VERSION "vSmt4GQA3C9uBMLPEVfgND"

#endif
