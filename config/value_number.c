/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Numbers: whole ones, sizes and times. The latter two always have a unit, so
 * that nobody has to remember which one an option counts in. */
#include "config/value.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* smallest first */
static const struct unit size_units[] = {
	{ "KiB", UINT64_C(1024) },
	{ "MiB", UINT64_C(1024) * 1024 },
	{ "GiB", UINT64_C(1024) * 1024 * 1024 },
	{ NULL, 0 },
};
static const struct unit time_units[] = {
	{ "ms", 1 },
	{ "s", UINT64_C(1000) },
	{ "min", UINT64_C(60000) },
	{ "h", UINT64_C(3600000) },
	{ NULL, 0 },
};

static const struct unit *units_of(const struct config_option *row)
{
	if (row->type == OPT_SIZE) {
		return size_units;
	}
	return row->type == OPT_DURATION ? time_units : NULL;
}

void config_number_write(
    const struct config_option *row, uint64_t number, struct buf *out)
{
	const struct unit *units = units_of(row);
	const struct unit *best = units;

	if (units == NULL) {
		buf_put_dec(out, number);
		return;
	}
	for (size_t i = 0; units[i].name != NULL; i++) {
		if (number > 0 && number % units[i].factor == 0) {
			best = &units[i];
		}
	}
	buf_put_dec(out, number / best->factor);
	buf_put_str(out, best->name);
}

static enum tl_err bad_unit(const struct config_value *value, size_t at)
{
	bool none = at == value->text.len;
	const char *what = none ? "the unit is missing" : "is no unit of ours";
	const char *right = value->row->type == OPT_SIZE
	    ? "write KiB, MiB or GiB after the number"
	    : "write ms, s, min or h after the number";

	config_complain(value->said, config_value_place(value, at),
	    "%s: %s; %s", value->row->key, what, right);
	return TL_EINVAL;
}

static enum tl_err out_of_range(const struct config_value *value)
{
	char range[CONFIG_RANGE_BYTES];

	config_value_range_text(value->row, range);
	config_complain(value->said, config_value_place(value, 0),
	    "%s: out of range; it may be %s", value->row->key, range);
	return TL_EINVAL;
}

static enum tl_err find_factor(
    const struct config_value *value, size_t at, uint64_t *ret_factor)
{
	const struct unit *units = units_of(value->row);
	struct bytes name;

	while (at < value->text.len && value->text.at[at] == ' ') {
		at++;
	}
	name = bytes_of(value->text.at + at, value->text.len - at);
	for (size_t i = 0; units[i].name != NULL; i++) {
		if (bytes_equal(name, bytes_str(units[i].name))) {
			*ret_factor = units[i].factor;
			return TL_OK;
		}
	}
	return bad_unit(value, at);
}

enum tl_err config_number_read(
    const struct config_value *value, uint64_t *ret_number)
{
	struct bytes text = value->text;
	uint64_t number = 0;
	uint64_t factor = 1;
	bool huge = false;
	size_t at = 0;
	enum tl_err err;

	for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9';
	     at++) {
		uint64_t digit = (uint64_t)(text.at[at] - '0');

		huge = huge || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, digit, &number);
	}
	if (at == 0 || (at < text.len && units_of(value->row) == NULL)) {
		config_complain(value->said, config_value_place(value, at),
		    "%s: %s is wanted here and nothing after it; comments"
		    " stand on lines of their own",
		    value->row->key, config_value_kind(value->row));
		return TL_EINVAL;
	}
	if (units_of(value->row) != NULL) {
		err = find_factor(value, at, &factor);
		if (err != TL_OK) {
			return err;
		}
	}
	if (huge || __builtin_mul_overflow(number, factor, &number) ||
	    number < value->row->min || number > value->row->max) {
		return out_of_range(value);
	}
	*ret_number = number;
	return TL_OK;
}
