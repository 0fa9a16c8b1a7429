/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/facts.h"

#include <stddef.h>
#include <string.h>

#define BIT(value) (UINT32_C(1) << (value))

/* Questions with one answer. */
static const struct {
	const char *name;
	size_t at;
	unsigned last; /* the highest value but 9, "don't know" */
} ones[] = {
	{ "now", offsetof(struct facts, now), 3 },
	{ "who", offsetof(struct facts, who), 5 },
	{ "count", offsetof(struct facts, count), 4 },
	{ "minor", offsetof(struct facts, minor), 3 },
	{ "share", offsetof(struct facts, share), 4 },
	{ "share_knows", offsetof(struct facts, share_knows), 2 },
	{ "contact", offsetof(struct facts, contact), 4 },
	{ "official", offsetof(struct facts, official), 3 },
	{ "where_country", offsetof(struct facts, country), 9 },
	{ "where_province", offsetof(struct facts, province), 25 },
};

/* Questions with many. */
static const struct {
	const char *name;
	size_t at;
	unsigned last;
} manys[] = {
	{ "ind", offsetof(struct facts, ind), IND_LAST },
	{ "work", offsetof(struct facts, work), 12 },
	{ "how", offsetof(struct facts, how), 9 },
};

/* A number of one or two digits; 0: none. */
static unsigned number_of(const json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = text == NULL ? 0 : strlen(text);
	unsigned number = 0;

	if (len < 1 || len > 2) {
		return 0;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return 0;
		}
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	return number;
}

/* Of what was sent more than once, the last. */
static unsigned one_of(const json_t *value)
{
	size_t n = json_array_size(value);

	return number_of(n > 0 ? json_array_get(value, n - 1) : value);
}

static uint32_t many_of(const json_t *value, unsigned last)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned number = number_of(
		    json_is_array(value) ? json_array_get(value, i) : value);

		if (number >= 1 && number <= last) {
			bits |= BIT(number);
		}
	}
	return bits;
}

void facts_take(struct facts *facts, const json_t *answers)
{
	const char *note =
	    json_string_value(json_object_get(answers, "official_note"));

	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		unsigned value = one_of(json_object_get(answers, ones[i].name));

		if (value >= 1 && (value <= ones[i].last || value == 9)) {
			memcpy(
			    (char *)facts + ones[i].at, &value, sizeof(value));
		}
	}
	for (size_t i = 0; i < sizeof(manys) / sizeof(manys[0]); i++) {
		uint32_t bits = many_of(
		    json_object_get(answers, manys[i].name), manys[i].last);

		if (bits != 0) {
			memcpy(
			    (char *)facts + manys[i].at, &bits, sizeof(bits));
		}
	}
	facts->official_note =
	    facts->official_note || (note != NULL && note[0] != '\0');
}

/* Each answer counts for one indicator, the first that it points to. */
static const uint8_t ilo_of[IND_LAST + 1] = {
	[IND_LOCK] = 3,
	[IND_HIT] = 5,
	[IND_SEX] = 5,
	[IND_THREAT] = 6,
	[IND_THREAT_POLICE] = 6,
	[IND_PAPERS] = 7,
	[IND_PAY] = 8,
	[IND_DEBT] = 9,
	[IND_LIE] = 2,
	[IND_PHONE] = 4,
	[IND_FOOD] = 10,
	[IND_HOURS] = 11,
	[IND_DRUG] = 1,
	[IND_VULNERABLE] = 1,
	[IND_MOVE] = 3,
	[IND_RANSOM] = 6,
};

unsigned facts_ilo_of(unsigned ind)
{
	return ind <= IND_LAST ? ilo_of[ind] : 0;
}

uint32_t facts_ilo(const struct facts *facts)
{
	uint32_t bits = 0;

	for (unsigned i = 1; i <= IND_LAST; i++) {
		if ((facts->ind & BIT(i)) != 0) {
			bits |= BIT(ilo_of[i]);
		}
	}
	return bits;
}

bool facts_both_axes(const struct facts *facts)
{
	const uint32_t unwilling = BIT(IND_LIE) | BIT(IND_DEBT) |
	    BIT(IND_LOCK) | BIT(IND_HOURS) | BIT(IND_FOOD);
	const uint32_t menace = BIT(IND_HIT) | BIT(IND_SEX) | BIT(IND_THREAT) |
	    BIT(IND_THREAT_POLICE) | BIT(IND_PAPERS) | BIT(IND_PAY) |
	    BIT(IND_PHONE) | BIT(IND_LOCK) | BIT(IND_RANSOM);
	const uint32_t by_force = BIT(7); /* of how */

	return ((facts->ind & unwilling) != 0 ||
		   (facts->how & by_force) != 0) &&
	    (facts->ind & menace) != 0;
}
