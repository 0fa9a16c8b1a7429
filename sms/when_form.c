/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/when_form.h"

#include <string.h>
#include <time.h>

#include "sms/when.h"

/* What a time is made of; a form says each once at most. */
enum part {
	YEAR,
	MONTH,
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	FRACTION,
	AFTERNOON,
	ZONE,
	PARTS,
};

enum how { NUMBER, YEAR_OF_TWO, HOUR_OF_TWELVE, MONTH_NAME, HALF, OFFSET };

static const struct directive {
	char letter;
	enum part part;
	enum how how;
	size_t digits_min, digits_max;
	int64_t min, max;
} directives[] = {
	{ 'Y', YEAR, NUMBER, 4, 4, 1970, 9999 },
	{ 'y', YEAR, YEAR_OF_TWO, 2, 2, 0, 99 },
	{ 'm', MONTH, NUMBER, 1, 2, 1, 12 },
	{ 'b', MONTH, MONTH_NAME, 0, 0, 0, 0 },
	{ 'd', DAY, NUMBER, 1, 2, 1, 31 },
	{ 'e', DAY, NUMBER, 1, 2, 1, 31 },
	{ 'H', HOUR, NUMBER, 1, 2, 0, 23 },
	{ 'I', HOUR, HOUR_OF_TWELVE, 1, 2, 1, 12 },
	{ 'M', MINUTE, NUMBER, 1, 2, 0, 59 },
	{ 'S', SECOND, NUMBER, 1, 2, 0, 60 },
	{ 'f', FRACTION, NUMBER, 1, 9, 0, INT64_MAX },
	{ 'p', AFTERNOON, HALF, 0, 0, 0, 0 },
	{ 'z', ZONE, OFFSET, 0, 0, 0, 0 },
};

/* One sign of the form: a directive, or what must stand there. */
struct sign {
	const struct directive *directive; /* NULL: literal */
	char literal;
};

struct reader {
	const char *form;  /* what is left of it */
	const char *inner; /* what is left of %F or %T, or NULL */
	struct bytes text; /* what is left of it */
	int64_t parts[PARTS];
	bool seen[PARTS];
	bool of_twelve;
};

/* What %F and %T stand for; NULL: it is neither. */
static const char *spelled_out(const char *form)
{
	if (form[0] != '%' || (form[1] != 'F' && form[1] != 'T')) {
		return NULL;
	}
	return form[1] == 'F' ? "%Y-%m-%d" : "%H:%M:%S";
}

static const struct directive *find_directive(char letter)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]);
	     i++) {
		if (directives[i].letter == letter) {
			return &directives[i];
		}
	}
	return NULL;
}

/* The next sign; false at the end, or, with *ret_bad, at what is none. */
static bool next_sign(struct reader *reader, struct sign *ret, bool *ret_bad)
{
	const char **at = &reader->inner;
	char letter;

	*ret_bad = false;
	if (reader->inner == NULL || *reader->inner == '\0') {
		reader->inner = spelled_out(reader->form);
		reader->form += reader->inner != NULL ? 2 : 0;
		at = reader->inner != NULL ? &reader->inner : &reader->form;
	}
	*ret = (struct sign){ .literal = **at };
	if (**at == '\0') {
		return false;
	}
	if (*(*at)++ != '%') {
		return true;
	}
	letter = **at;
	ret->directive = find_directive(letter);
	ret->literal = letter == 't' ? ' ' : '%';
	*ret_bad = ret->directive == NULL && letter != '%' && letter != 't';
	*at += letter == '\0' ? 0 : 1;
	return !*ret_bad;
}

bool when_form_ok(const char *form, bool *ret_has_zone)
{
	struct reader reader = { .form = form };
	struct sign sign;
	bool bad;

	while (next_sign(&reader, &sign, &bad)) {
		if (sign.directive == NULL) {
			continue;
		}
		if (reader.seen[sign.directive->part]) {
			return false;
		}
		reader.seen[sign.directive->part] = true;
		reader.of_twelve |= sign.directive->how == HOUR_OF_TWELVE;
	}
	*ret_has_zone = reader.seen[ZONE];
	return !bad && reader.seen[YEAR] && reader.seen[MONTH] &&
	    reader.seen[DAY] && reader.of_twelve == reader.seen[AFTERNOON];
}

bool when_form_has_second(const char *form)
{
	struct reader reader = { .form = form };
	struct sign sign;
	bool bad;

	while (next_sign(&reader, &sign, &bad)) {
		if (sign.directive != NULL && sign.directive->part == SECOND) {
			return true;
		}
	}
	return false;
}

static struct bytes take(struct reader *reader, size_t len)
{
	struct bytes taken = bytes_of(reader->text.at, len);

	reader->text = bytes_of(reader->text.at + len, reader->text.len - len);
	return taken;
}

static bool take_number(
    struct reader *reader, const struct directive *directive)
{
	size_t len = 0;
	int64_t value = 0;

	while (len < directive->digits_max && len < reader->text.len &&
	    reader->text.at[len] >= '0' && reader->text.at[len] <= '9') {
		len++;
	}
	if (len < directive->digits_min ||
	    when_digits(take(reader, len), &value) != TL_OK ||
	    value < directive->min || value > directive->max) {
		return false;
	}
	if (directive->how == YEAR_OF_TWO) {
		value += 2000;
	} else if (directive->how == HOUR_OF_TWELVE) {
		value %= 12;
	}
	reader->parts[directive->part] = value;
	return true;
}

/* Which of the names, all of len letters, the text goes on with; -1. */
static int take_name(struct reader *reader, const char *names, size_t len)
{
	if (reader->text.len < len) {
		return -1;
	}
	for (int i = 0; names[(size_t)i * len] != '\0'; i++) {
		size_t k = 0;

		while (k < len &&
		    (reader->text.at[k] | 0x20) == names[(size_t)i * len + k]) {
			k++;
		}
		if (k == len) {
			(void)take(reader, len);
			return i;
		}
	}
	return -1;
}

static bool take_offset(struct reader *reader)
{
	bool is_z = reader->text.len > 0 && (reader->text.at[0] | 0x20) == 'z';
	bool has_colon = reader->text.len > 3 && reader->text.at[3] == ':';
	size_t len = is_z ? 1 : has_colon ? 6 : 5;

	return reader->text.len >= len &&
	    when_offset(take(reader, len), &reader->parts[ZONE]) == TL_OK;
}

static bool take_directive(
    struct reader *reader, const struct directive *directive)
{
	int found = 0;

	switch (directive->how) {
	case NUMBER:
	case YEAR_OF_TWO:
	case HOUR_OF_TWELVE:
		return take_number(reader, directive);
	case MONTH_NAME:
		found = take_name(
		    reader, "janfebmaraprmayjunjulaugsepoctnovdec", 3);
		reader->parts[MONTH] = found + 1;
		break;
	case HALF:
		found = take_name(reader, "ampm", 2);
		reader->parts[AFTERNOON] = found;
		break;
	case OFFSET:
		return take_offset(reader);
	}
	return found >= 0;
}

/* A day that is not in the calendar comes out as another one. */
static enum tl_err to_seconds(const struct reader *reader, int64_t *ret_s)
{
	const int64_t *parts = reader->parts;
	int day = (int)parts[DAY];
	struct tm tm = {
		.tm_year = (int)parts[YEAR] - 1900,
		.tm_mon = (int)parts[MONTH] - 1,
		.tm_mday = day,
		.tm_hour = (int)(parts[HOUR] + 12 * parts[AFTERNOON]),
		.tm_min = (int)parts[MINUTE],
	};
	int64_t time_s = (int64_t)timegm(&tm);

	if (tm.tm_mday != day) {
		return TL_EFORMAT;
	}
	*ret_s = time_s + parts[SECOND] - parts[ZONE];
	return TL_OK;
}

enum tl_err when_form(
    const char *form, int64_t zone_s, struct bytes text, int64_t *ret_s)
{
	struct reader reader = {
		.form = form,
		.text = text,
		.parts = { [ZONE] = zone_s },
	};
	struct sign sign;
	bool bad;

	while (next_sign(&reader, &sign, &bad)) {
		if (sign.directive != NULL) {
			if (!take_directive(&reader, sign.directive)) {
				return TL_EFORMAT;
			}
		} else if (reader.text.len == 0 ||
		    take(&reader, 1).at[0] != (uint8_t)sign.literal) {
			return TL_EFORMAT;
		}
	}
	return bad || reader.text.len > 0 ? TL_EFORMAT
					  : to_seconds(&reader, ret_s);
}
