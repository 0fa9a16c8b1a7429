/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_export.h"

#include <string.h>

#include "cli/htcds_words.h"
#include "text/csv.h"
#include "text/htcds.h"
#include "text/htcds_fields.h"

#define DETAILS_MAX_BYTES (64u * 1024u * 1024u)

static void put_head_row(struct csv *csv, bool labels)
{
	for (size_t i = 0; i < htcds_n_columns; i++) {
		csv_cell(csv,
		    bytes_str(labels ? htcds_columns[i].label
				     : htcds_columns[i].name));
	}
	csv_end_row(csv);
}

void htcds_excel_head(struct htcds_export *export)
{
	struct csv csv = { .out = &export->out };

	csv_begin(&csv);
	if (export->header != HTCDS_HEADER_LABELS) {
		put_head_row(&csv, false);
	}
	if (export->header != HTCDS_HEADER_NAMES) {
		put_head_row(&csv, true);
	}
}

/* Only the block of the address is read by labels where there are no names. */
static const char *field_of(
    const struct htcds_export *export, const struct htcds_column *column)
{
	return export->header == HTCDS_HEADER_LABELS && column->by_label != NULL
	    ? column->by_label
	    : column->field;
}

static bool has_column(const char *field)
{
	for (size_t i = 0; i < htcds_n_columns; i++) {
		if (htcds_columns[i].field != NULL &&
		    strcmp(htcds_columns[i].field, field) == 0) {
			return true;
		}
	}
	return false;
}

/* The templates' lists are not spelt as the standard is, and hold names where
 * the field is the gender. */
static struct bytes label_of(const char *field, struct bytes name)
{
	static const struct {
		const char *field, *name, *label;
	} odd[] = {
		{ "cas_Status", "FollowUp", "Follow up" },
		{ "cas_ReasonForIncomingReferral",
		    "MigrationOrChangeOfLocation",
		    "Migration Or Change Of Location" },
		{ "cas_ReasonForOutgoingReferral",
		    "MigrationOrChangeOfLocation",
		    "Migration Or Change Of Location" },
	};
	struct bytes label = name;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (strcmp(odd[i].field, field) == 0 &&
		    bytes_equal(bytes_str(odd[i].name), name)) {
			return bytes_str(odd[i].label);
		}
	}
	return strcmp(field, "prs_Gender") == 0 ||
		!htcds_has(bytes_str(field), name, &label)
	    ? name
	    : label;
}

/* Values of a list, or what else is ours to write. */
static void put_values(const struct htcds_export *export, const char *field,
    const json_t *value, struct csv *csv)
{
	struct buf cell;
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	buf_init(&cell, DETAILS_MAX_BYTES);
	for (size_t i = 0; i < n; i++) {
		const json_t *one =
		    json_is_array(value) ? json_array_get(value, i) : value;
		struct bytes name =
		    bytes_of(json_string_value(one), json_string_length(one));

		if (export->labels) {
			name = label_of(field, name);
		}
		buf_put_str(&cell, i > 0 ? ";" : "");
		buf_put(&cell, name.at, name.len);
	}
	csv_cell(csv, bytes_of(cell.data, cell.len));
	if (csv->out->err == TL_OK) {
		csv->out->err = cell.err;
	}
	buf_free(&cell);
}

/* What a function writes, as a stranger's text. */
static void put_words(const struct htcds_case *it, struct csv *csv, bool place)
{
	struct buf words;

	buf_init(&words, DETAILS_MAX_BYTES);
	if (place) {
		htcds_place(it, &words);
	} else {
		htcds_words(it, has_column, &words);
	}
	csv_text(csv, bytes_of(words.data, words.len));
	if (csv->out->err == TL_OK) {
		csv->out->err = words.err;
	}
	buf_free(&words);
}

static void put_field(const struct htcds_export *export,
    const struct htcds_case *it, const char *field, struct csv *csv)
{
	const json_t *value = json_object_get(it->fields, field);

	if (strcmp(field, "cas_IncomingReferralDetails") == 0) {
		put_words(it, csv, false);
	} else if (strcmp(field, "vic_LocationOfExploitation") == 0 &&
	    value == NULL) {
		put_words(it, csv, true);
	} else if (value == NULL) {
		csv_cell(csv, bytes_str(""));
	} else {
		enum htcds_kind kind = htcds_kind(bytes_str(field));

		if (kind == HTCDS_TEXT || kind == HTCDS_PHONE) {
			csv_text(csv, htcds_case_first(it, field));
		} else {
			put_values(export, field, value, csv);
		}
	}
}

void htcds_excel_row(struct htcds_export *export, const struct htcds_case *it)
{
	struct csv csv = { .out = &export->out };
	struct buf number;

	for (size_t i = 0; i < htcds_n_columns; i++) {
		const char *field = field_of(export, &htcds_columns[i]);

		if (field != NULL) {
			put_field(export, it, field, &csv);
			continue;
		}
		buf_init(&number, 32);
		buf_put_dec(&number, export->n);
		csv_cell(&csv, bytes_of(number.data, number.len));
		buf_free(&number);
	}
	csv_end_row(&csv);
}
