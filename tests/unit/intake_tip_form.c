/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip_form: the fields of step A, whichever way a browser
 * encodes them.
 */
#include "server/intake/tip_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART  "multipart/form-data; boundary=XY"
#define PART(name, value) \
	"--XY\r\nContent-Disposition: form-data; name=\"" name \
	"\"\r\n\r\n" value "\r\n"
#define IDEM "00112233445566778899aabbccddeeff"

static enum tl_err read_as(
    const char *type, const char *body, struct tip_form *ret_form)
{
	return tip_form_read(bytes_str(type), bytes_str(body), ret_form);
}

static void has(
    const struct tip_form *form, enum tip_field field, const char *want)
{
	assert_true(bytes_equal(form->fields[field], bytes_str(want)));
}

static void both_encodings_give_the_same_fields(void **state)
{
	static const char *const bodies[][2] = {
		{ URLENCODED,
		    "story=a%0D%0Ab+%E1%9E%81&now=1&other=x&where_near=&k=" IDEM
		    "&where_country=9" },
		{ MULTIPART,
		    PART("story", "a\r\nb \xe1\x9e\x81") PART("now", "1") PART(
			"other", "x") PART("where_near", "") PART("k", IDEM)
			PART("where_country", "9") "--XY--" },
	};
	uint8_t contents[2][FORM_CONTENT_BYTES];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tip_form form = { 0 };

		assert_int_equal(
		    read_as(bodies[i][0], bodies[i][1], &form), TL_OK);
		has(&form, FORM_STORY, "a\r\nb \xe1\x9e\x81");
		has(&form, FORM_NOW, "1");
		has(&form, FORM_COUNTRY, "9");
		has(&form, FORM_NEAR, "");
		has(&form, FORM_PROVINCE, "");
		assert_true(form.has_idem);
		assert_memory_equal(form.idem,
		    "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd"
		    "\xee\xff",
		    FORM_IDEM_BYTES);
		tip_form_content(&form, contents[i]);
		tip_form_free(&form);
		assert_null(form.decoded.data);
	}
	assert_memory_equal(contents[0], contents[1], FORM_CONTENT_BYTES);
}

static void each_field_but_the_key_changes_the_content(void **state)
{
	static const char *const bodies[] = { "story=a", "story=b", "now=a",
		"story=a&now=1", "story=a&where_near=1",
		"story=a1&now=", "story=a&website=x" };
	uint8_t contents[7][FORM_CONTENT_BYTES];
	struct tip_form form = { 0 };
	uint8_t again[FORM_CONTENT_BYTES];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(read_as(URLENCODED, bodies[i], &form), TL_OK);
		tip_form_content(&form, contents[i]);
		tip_form_free(&form);
		for (size_t k = 0; k < i; k++) {
			assert_memory_not_equal(
			    contents[i], contents[k], FORM_CONTENT_BYTES);
		}
	}
	assert_int_equal(
	    read_as(URLENCODED, "k=" IDEM "&story=a", &form), TL_OK);
	tip_form_content(&form, again);
	tip_form_free(&form);
	assert_memory_equal(again, contents[0], FORM_CONTENT_BYTES);
}

static void a_key_that_is_none_is_no_key(void **state)
{
	static const char *const bodies[] = { "story=a", "k=", "k=00112233",
		"k=" IDEM "00", "k=0011223344556677889aabbccddeefzz" };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct tip_form form = { 0 };

		assert_int_equal(read_as(URLENCODED, bodies[i], &form), TL_OK);
		assert_false(form.has_idem);
		tip_form_free(&form);
	}
}

static void what_is_no_form_is_refused_and_touches_nothing(void **state)
{
	static const struct {
		const char *type, *body;
		enum tl_err err;
	} rows[] = {
		{ "text/plain", "story=a", TL_EINVAL },
		{ "", "story=a", TL_EINVAL },
		{ URLENCODED, "story=%zz", TL_EFORMAT },
		{ URLENCODED, "story=a&story=b", TL_EFORMAT },
		{ MULTIPART, PART("story", "a"), TL_EFORMAT },
		{ MULTIPART, PART("now", "1") PART("now", "2") "--XY--",
		    TL_EFORMAT },
		{ MULTIPART, "story=a", TL_EFORMAT },
		{ "multipart/form-data", "--XY--", TL_EFORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tip_form form = { .has_idem = true };

		assert_int_equal(
		    read_as(rows[i].type, rows[i].body, &form), rows[i].err);
		assert_true(form.has_idem);
	}
}

static void a_file_is_dropped_and_costs_no_text(void **state)
{
	struct tip_form form = { 0 };

	(void)state;
	assert_int_equal(
	    read_as(MULTIPART,
		PART("story", "text") "--XY\r\nContent-Disposition: form-data; "
				      "name=\"now\"; filename=\"a\"\r\n\r\n"
				      "file\r\n" PART("now", "1") "--XY--",
		&form),
	    TL_OK);
	has(&form, FORM_STORY, "text");
	has(&form, FORM_NOW, "1");
	tip_form_free(&form);
}

static void what_may_be_chosen_often_comes_as_often(void **state)
{
	struct tip_form form = { 0 };

	(void)state;
	assert_int_equal(
	    read_as(
		URLENCODED, "ind=1&work=12&ind=&ind=16&s=a&who=2&ind=1", &form),
	    TL_OK);
	has(&form, FORM_IND, "1");
	assert_int_equal(form.n_values, 6);
	assert_int_equal(form.values[2].field, FORM_IND);
	assert_true(bytes_equal(form.values[2].value, bytes_str("16")));
	tip_form_free(&form);
	assert_int_equal(read_as(URLENCODED, "who=1&who=2", &form), TL_EFORMAT);
}

static void without_contact_there_are_no_ways_to_it(void **state)
{
	static const struct {
		const char *body;
		bool answer;
	} rows[] = {
		{ "contact_number=1", false },
		{ "contact_number=1&contact=", false },
		{ "contact_number=1&contact=1", false },
		{ "contact_number=1&contact=2", true },
		{ "contact=4&contact_number=1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tip_form form = { 0 };

		assert_int_equal(
		    read_as(URLENCODED, rows[i].body, &form), TL_OK);
		assert_int_equal(
		    tip_form_is_answer(&form, FORM_NUMBER), rows[i].answer);
		assert_true(tip_form_is_answer(&form, FORM_CONTACT));
		assert_false(tip_form_is_answer(&form, FORM_STORY));
		assert_false(tip_form_is_answer(&form, FORM_STATE));
		tip_form_free(&form);
	}
}

static void a_field_may_be_as_long_as_its_row_says(void **state)
{
	static const struct {
		const char *name;
		enum tip_field field;
		size_t chars;
	} rows[] = {
		{ "story", FORM_STORY, 10000 },
		{ "now", FORM_NOW, 100 },
		{ "where_near", FORM_NEAR, 500 },
		{ "perp", FORM_PERP, 2000 },
		{ "contact_when", FORM_WHEN, 200 },
		{ "official_note", FORM_NOTE, 1000 },
		{ "ind", FORM_IND, 100 },
	};
	char body[16 + 3 * 10001 + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t more = 0; more < 2; more++) {
			struct tip_form form = { 0 };
			size_t at = (size_t)snprintf(
			    body, sizeof(body), "%s=", rows[i].name);

			for (size_t c = 0; c < rows[i].chars + more; c++) {
				memcpy(body + at, "\xe1\x9e\x81", 4);
				at += 3;
			}
			assert_int_equal(
			    read_as(URLENCODED, body, &form), TL_OK);
			assert_int_equal(
			    tip_form_is_long(&form, rows[i].field), more);
			tip_form_free(&form);
		}
	}
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(tip_form_count_chars(bytes_str("")), 0);
	assert_int_equal(tip_form_count_chars(bytes_str("abc")), 3);
	assert_int_equal(
	    tip_form_count_chars(bytes_str("\xe1\x9e\x81\xf0\x9f\x98\x80")), 2);
	/* halves of characters, without end, are not none */
	assert_int_equal(
	    tip_form_count_chars(bytes_str("\x80\x80\x80\x80\x80")), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_encodings_give_the_same_fields),
		cmocka_unit_test(each_field_but_the_key_changes_the_content),
		cmocka_unit_test(a_key_that_is_none_is_no_key),
		cmocka_unit_test(
		    what_is_no_form_is_refused_and_touches_nothing),
		cmocka_unit_test(a_file_is_dropped_and_costs_no_text),
		cmocka_unit_test(what_may_be_chosen_often_comes_as_often),
		cmocka_unit_test(without_contact_there_are_no_ways_to_it),
		cmocka_unit_test(a_field_may_be_as_long_as_its_row_says),
		cmocka_unit_test(characters_are_counted_not_bytes),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/tip_form", tests, NULL, NULL);
}
