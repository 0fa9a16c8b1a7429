/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/htcds.h"

#include "text/data.h"
#include "text/tsv.h"

bool htcds_values_each(
    bool (*fn)(const struct htcds_value *value, void *arg), void *arg)
{
	enum { FIELD, NAME, LABEL };
	struct text_fault fault = { 0 };
	struct tsv tsv;

	if (!tsv_open(&tsv, bytes_of(data_htcds_values, data_htcds_values_len),
		"field\tname\tlabel", &fault)) {
		return false;
	}
	while (tsv_next(&tsv, &fault)) {
		const struct htcds_value value = { .field = tsv.columns[FIELD],
			.name = tsv.columns[NAME],
			.label = tsv.columns[LABEL] };

		if (!fn(&value, arg)) {
			return false;
		}
	}
	return fault.what == NULL;
}

bool htcds_rows_each(
    bool (*fn)(const struct htcds_row *row, void *arg), void *arg)
{
	enum { QUESTION, ANSWER, CHIP, FIELD, VALUE };
	struct text_fault fault = { 0 };
	struct tsv tsv;

	if (!tsv_open(&tsv, bytes_of(data_htcds, data_htcds_len),
		"question\tanswer\tchip\tfield\tvalue", &fault)) {
		return false;
	}
	while (tsv_next(&tsv, &fault)) {
		const struct htcds_row row = { .question =
						   tsv.columns[QUESTION],
			.answer = tsv.columns[ANSWER],
			.chip = tsv.columns[CHIP],
			.field = tsv.columns[FIELD],
			.value = tsv.columns[VALUE] };

		if (!fn(&row, arg)) {
			return false;
		}
	}
	return fault.what == NULL;
}

struct wanted {
	struct bytes field, name;
	bool any;
	struct bytes label;
};

/* False ends the walk: it is the one. */
static bool is_other(const struct htcds_value *value, void *arg)
{
	struct wanted *wanted = arg;

	if (!bytes_equal(value->field, wanted->field) ||
	    (!wanted->any && !bytes_equal(value->name, wanted->name))) {
		return true;
	}
	wanted->label = value->label;
	return false;
}

bool htcds_is_list(struct bytes field)
{
	struct wanted wanted = { .field = field, .any = true };

	return !htcds_values_each(is_other, &wanted);
}

bool htcds_has(struct bytes field, struct bytes name, struct bytes *ret_label)
{
	struct wanted wanted = { .field = field, .name = name };

	if (htcds_values_each(is_other, &wanted)) {
		return false;
	}
	*ret_label = wanted.label;
	return wanted.label.len > 0;
}
