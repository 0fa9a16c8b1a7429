/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/htcds_fields: the template and the form are whole, and what may stand in
 * a field is what the standard says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/htcds.h"
#include "text/htcds_fields.h"

static unsigned columns_of(const char *field)
{
	unsigned n = 0;

	for (size_t i = 0; i < htcds_n_columns; i++) {
		n += htcds_columns[i].field != NULL &&
		    strcmp(htcds_columns[i].field, field) == 0;
	}
	return n;
}

static void each_column_has_a_field_and_no_field_has_two(void **state)
{
	(void)state;
	assert_int_equal(htcds_n_columns, 39); /* A to AM */
	assert_null(htcds_columns[0].field);
	for (size_t i = 1; i < htcds_n_columns; i++) {
		const struct htcds_column *column = &htcds_columns[i];

		assert_int_not_equal(
		    htcds_kind(bytes_str(column->field)), HTCDS_NONE);
		assert_int_equal(columns_of(column->field), 1);
		if (column->by_label != NULL) {
			assert_int_equal(columns_of(column->by_label), 1);
		}
		/* T is misspelt, AJ has no name in the template */
		if (i != 19 && i != 35) {
			assert_string_equal(column->name, column->field);
		}
	}
	assert_string_equal(
	    htcds_columns[19].name, "vic_TraffickinStatusDecisionMakingOrg");
	assert_string_equal(htcds_columns[35].name, "");
}

static void the_form_has_the_core_but_what_is_of_outgoing_referrals(
    void **state)
{
	(void)state;
	assert_int_equal(htcds_n_elements, 38 - 7);
	for (size_t i = 0; i < htcds_n_elements; i++) {
		const struct htcds_element *element = &htcds_elements[i];

		assert_int_equal(columns_of(element->field), 1);
		assert_null(strstr(element->field, "Outgoing"));
	}
}

static bool is_of_a_list(const struct htcds_value *value, void *arg)
{
	enum htcds_kind kind = htcds_kind(value->field);

	(void)arg;
	if (kind == HTCDS_NONE) {
		kind = htcds_event_kind(value->field);
	}
	assert_true(kind == HTCDS_ONE || kind == HTCDS_MANY);
	return true;
}

static void each_list_of_the_standard_is_of_a_field(void **state)
{
	(void)state;
	assert_true(htcds_values_each(is_of_a_list, NULL));
	for (size_t i = 1; i < htcds_n_columns; i++) {
		struct bytes field = bytes_str(htcds_columns[i].field);
		enum htcds_kind kind = htcds_kind(field);

		assert_int_equal(kind == HTCDS_ONE || kind == HTCDS_MANY,
		    htcds_is_list(field));
	}
	/* the standard has withdrawn these, and we never write that */
	assert_int_equal(
	    htcds_kind(bytes_str("vic_Vulnerabilities")), HTCDS_NONE);
	assert_int_equal(
	    htcds_kind(bytes_str("prs_IdentityNumber")), HTCDS_NONE);
}

static void values_are_as_the_standard_wants_them(void **state)
{
	static const struct {
		enum htcds_kind kind;
		const char *value;
		bool good;
	} rows[] = {
		{ HTCDS_DATE, "2026-11-21", true },
		{ HTCDS_DATE, "2024-02-29", true },
		{ HTCDS_DATE, "2000-02-29", true },
		{ HTCDS_DATE, "1900-02-29", false },
		{ HTCDS_DATE, "2026-02-29", false },
		{ HTCDS_DATE, "2026-04-31", false },
		{ HTCDS_DATE, "2026-13-01", false },
		{ HTCDS_DATE, "2026-00-01", false },
		{ HTCDS_DATE, "2026-01-00", false },
		{ HTCDS_DATE, "0000-01-01", false },
		{ HTCDS_DATE, "2026-1-01", false },
		{ HTCDS_DATE, "2026-11-21T", false },
		{ HTCDS_DATE, "", false },
		{ HTCDS_PHONE, "+85512345678", true },
		{ HTCDS_PHONE, "85512345678", true },
		{ HTCDS_PHONE, "+012", false },
		{ HTCDS_PHONE, "012345678", false },
		{ HTCDS_PHONE, "+8", false },
		{ HTCDS_PHONE, "++85", false },
		{ HTCDS_PHONE, "+", false },
		{ HTCDS_PHONE, "855 12", false },
		{ HTCDS_PHONE, "+123456789012345", true },
		{ HTCDS_PHONE, "+1234567890123456", false },
		{ HTCDS_CHECK, "TRUE", true },
		{ HTCDS_CHECK, "FALSE", true },
		{ HTCDS_CHECK, "true", false },
		{ HTCDS_COUNTRY, "KH", true },
		{ HTCDS_COUNTRY, "kh", false },
		{ HTCDS_COUNTRIES, "KHM", false },
		{ HTCDS_LANGUAGE, "khm", true },
		{ HTCDS_LANGUAGE, "km", false },
		{ HTCDS_TEXT, "x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    htcds_is_good(rows[i].kind, bytes_str(rows[i].value)),
		    rows[i].good);
	}
}

static void a_time_is_one_that_there_is(void **state)
{
	static const struct {
		const char *time;
		bool good;
	} times[] = {
		{ "2026-11-21T22:26:40Z", true },
		{ "2026-11-21T24:26:40Z", false },
		{ "2026-11-21T29:26:40Z", false },
		{ "2026-11-21T32:26:40Z", false },
		{ "2026-11-21T22:60:40Z", false },
		{ "2026-11-21T22:26:60Z", false },
		{ "2026-02-30T22:26:40Z", false },
		{ "2026-11-21 22:26:40Z", false },
		{ "2026-11-21T22:26:40z", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(
		    htcds_is_time(bytes_str(times[i].time)), times[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_column_has_a_field_and_no_field_has_two),
		cmocka_unit_test(
		    the_form_has_the_core_but_what_is_of_outgoing_referrals),
		cmocka_unit_test(each_list_of_the_standard_is_of_a_field),
		cmocka_unit_test(values_are_as_the_standard_wants_them),
		cmocka_unit_test(a_time_is_one_that_there_is),
	};

	return cmocka_run_group_tests_name(
	    "text/htcds_fields", tests, NULL, NULL);
}
