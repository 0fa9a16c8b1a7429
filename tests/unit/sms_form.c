/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/form, sms/concat, sms/when: small readers of what gateways write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "sms/concat.h"
#include "sms/form.h"
#include "sms/when.h"
#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"

static void pieces_are_decoded_and_nothing_is_trimmed(void **state)
{
	static const struct {
		struct bytes in;
		size_t n;
		struct bytes name, value; /* of the first */
	} rows[] = {
		{ B(""), 0, B(""), B("") },
		{ B("&&"), 0, B(""), B("") },
		{ B("a=b"), 1, B("a"), B("b") },
		{ B("a"), 1, B("a"), B("") },
		{ B("a="), 1, B("a"), B("") },
		{ B("=b"), 1, B(""), B("b") },
		{ B("="), 1, B(""), B("") },
		{ B("a=b=c"), 1, B("a"), B("b=c") },
		{ B("&a=b&"), 1, B("a"), B("b") },
		{ B("a;b=c;d"), 1, B("a;b"), B("c;d") },
		{ B(" a = b "), 1, B(" a "), B(" b ") },
		{ B("a+b=c+d"), 1, B("a b"), B("c d") },
		{ B("a=%2B%26%3d"), 1, B("a"), B("+&=") },
		{ B("a=%00%ff"), 1, B("a"), B("\0\xff") },
		{ B("a=%"), 1, B("a"), B("%") },
		{ B("a=%4"), 1, B("a"), B("%4") },
		{ B("a=%4g%zz"), 1, B("a"), B("%4g%zz") },
		{ B("a=%%41"), 1, B("a"), B("%A") },
		{ B("a\0b=c\0d"), 1, B("a\0b"), B("c\0d") },
		{ B("%61=1&%61=2"), 2, B("a"), B("1") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* an exact heap copy, so that ASan sees one byte too many */
		uint8_t *copy = malloc(rows[i].in.len + (rows[i].in.len == 0));
		struct form *form = NULL;

		memcpy(copy, rows[i].in.at, rows[i].in.len);
		assert_int_equal(
		    form_decode(bytes_of(copy, rows[i].in.len), &form), TL_OK);
		assert_int_equal(form_count(form), rows[i].n);
		if (rows[i].n > 0) {
			assert_true(
			    bytes_equal(form_at(form, 0)->name, rows[i].name));
			assert_true(bytes_equal(
			    form_at(form, 0)->value, rows[i].value));
		}
		form_free(form);
		free(copy);
	}
}

static void of_fields_that_come_twice_the_last_counts(void **state)
{
	struct form *form = NULL;

	(void)state;
	assert_int_equal(form_decode(B("a=1&A=2&a=3&b"), &form), TL_OK);
	assert_bytes(form_value(form, "a"), "3");
	assert_bytes(form_value(form, "A"), "2");
	assert_non_null(form_last(form, "b"));
	assert_int_equal(form_value(form, "b").len, 0);
	assert_null(form_last(form, "c"));
	assert_int_equal(form_value(form, "c").len, 0);
	form_free(form);
	form_free(NULL);
}

static void sorting_goes_by_bytes_of_name_then_value(void **state)
{
	static const char *const order[] = { "", "A", "a", "a", "aa", "\xff" };
	struct form *form = NULL;

	(void)state;
	assert_int_equal(
	    form_decode(B("%ff=1&aa=1&a=2&a=1&A=9&=x"), &form), TL_OK);
	form_sort(form);
	assert_int_equal(form_count(form), 6);
	for (size_t i = 0; i < 6; i++) {
		assert_true(
		    bytes_equal(form_at(form, i)->name, bytes_str(order[i])));
	}
	assert_bytes(form_at(form, 2)->value, "1");
	assert_bytes(form_at(form, 3)->value, "2");
	form_free(form);
}

static void a_flood_of_fields_is_refused_before_it_is_sorted(void **state)
{
	static uint8_t body[2 * (FORM_PAIRS_MAX + 1)];
	struct form *form = NULL;

	(void)state;
	memset(body, '&', sizeof(body));
	assert_int_equal(
	    form_decode(bytes_of(body, sizeof(body)), &form), TL_OK);
	assert_int_equal(form_count(form), 0);
	form_free(form);
	for (size_t i = 0; i < sizeof(body); i += 2) {
		body[i] = 'a';
	}
	assert_int_equal(
	    form_decode(bytes_of(body, sizeof(body) - 2), &form), TL_OK);
	assert_int_equal(form_count(form), FORM_PAIRS_MAX);
	form_free(form);
	form = NULL;
	assert_int_equal(
	    form_decode(bytes_of(body, sizeof(body)), &form), TL_EFORMAT);
	assert_null(form);
}

#define CT   "multipart/form-data; boundary=b1"
#define FROM "--b1\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\n"
#define PHOTO \
	"--b1\r\nContent-Disposition: form-data; name=\"p\"; " \
	"filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
#define WHOLE \
	FROM "+855\r\n" PHOTO "\xff\xd8\r\n--b\r\n" FROM "\r\n" \
	     "--b1--\r\n"

static void parts_of_a_form_are_fields_and_files(void **state)
{
	struct form *form = NULL;

	(void)state;
	assert_int_equal(form_decode_multipart(B(CT), B(WHOLE), &form), TL_OK);
	assert_int_equal(form_count(form), 3);
	assert_bytes(form_at(form, 0)->value, "+855");
	assert_null(form_at(form, 0)->filename.at);
	assert_bytes(form_at(form, 1)->name, "p");
	assert_bytes(form_at(form, 1)->filename, "a.jpg");
	/* what looks like a boundary and is none */
	assert_true(bytes_equal(form_at(form, 1)->value, B("\xff\xd8\r\n--b")));
	/* there and empty, and the last one */
	assert_non_null(form_last(form, "from"));
	assert_non_null(form_last(form, "from")->at);
	assert_int_equal(form_value(form, "from").len, 0);
	form_free(form);
}

static void a_cut_form_of_parts_is_none(void **state)
{
	const struct bytes whole = B(WHOLE);

	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		uint8_t *copy = malloc(len + (len == 0));
		struct form *form = NULL;

		memcpy(copy, whole.at, len);
		/* the last line end may be missing */
		assert_int_equal(
		    form_decode_multipart(B(CT), bytes_of(copy, len), &form),
		    len == whole.len - 2 ? TL_OK : TL_EFORMAT);
		form_free(form);
		free(copy);
	}
}

static void what_is_no_form_of_parts_is_not_read(void **state)
{
	static const struct {
		struct bytes type, body;
	} rows[] = {
		{ B(""), B(WHOLE) },
		{ B("multipart/form-data"), B(WHOLE) },
		{ B("multipart/mixed; boundary=b1"), B(WHOLE) },
		{ B("multipart/form-data; boundary=b2"), B(WHOLE) },
		{ B(CT), B("--b1--\r\n") },
		{ B(CT), B("--b1\r\n\r\nx\r\n--b1--\r\n") },
		{ B(CT), B(FROM "x\r\n--b1--\r\nmore") },
		{ B(CT), B("preamble\r\n" FROM "x\r\n--b1--\r\n") },
	};
	struct form *form = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    form_decode_multipart(rows[i].type, rows[i].body, &form),
		    TL_EFORMAT);
		assert_null(form);
	}
}

static void part_numbers_are_read_in_both_widths(void **state)
{
	static const struct {
		struct bytes udh;
		enum udh_says says;
		struct sms_concat concat;
	} rows[] = {
		{ B(""), UDH_NOTHING, { 0 } },
		{ B("\x00"), UDH_NOTHING, { 0 } },
		{ B("\x05\x00\x03\x77\x02\x01"), UDH_PART,
		    { 0x77, 2, 1, false } },
		{ B("\x06\x08\x04\x12\x34\x03\x03"), UDH_PART,
		    { 0x1234, 3, 3, true } },
		{ B("\x05\x00\x03\x00\x01\x01"), UDH_PART, { 0, 1, 1, false } },
		{ B("\x05\x00\x03\xff\xff\xff"), UDH_PART,
		    { 255, 255, 255, false } },
		{ B("\x06\x05\x04\x0b\x84\x23\xf0"), UDH_MORE, { 0 } },
		{ B("\x0b\x00\x03\x07\x02\x01\x05\x04\x0b\x84\x23\xf0"),
		    UDH_PART_AND_MORE, { 7, 2, 1, false } },
		/* twice: the last counts */
		{ B("\x0a\x00\x03\x07\x02\x01\x00\x03\x08\x02\x02"), UDH_PART,
		    { 8, 2, 2, false } },
		/* total 0, index 0, index above the total */
		{ B("\x05\x00\x03\x77\x00\x00"), UDH_BAD, { 0 } },
		{ B("\x05\x00\x03\x77\x02\x00"), UDH_BAD, { 0 } },
		{ B("\x05\x00\x03\x77\x02\x03"), UDH_BAD, { 0 } },
		/* lengths that lie */
		{ B("\x05\x00\x04\x77\x02\x01"), UDH_BAD, { 0 } },
		{ B("\x05\x00\x02\x77\x02\x01"), UDH_BAD, { 0 } },
		{ B("\x04\x00\x02\x77\x02"), UDH_BAD, { 0 } },
		{ B("\xff\x00\x03\x77\x02\x01"), UDH_BAD, { 0 } },
		{ B("\x04\x00\x03\x77\x02\x01"), UDH_BAD, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_concat concat = { 0 };

		assert_int_equal(udh_read(rows[i].udh, &concat), rows[i].says);
		assert_int_equal(concat.ref, rows[i].concat.ref);
		assert_int_equal(concat.total, rows[i].concat.total);
		assert_int_equal(concat.seq, rows[i].concat.seq);
		assert_int_equal(concat.wide, rows[i].concat.wide);
	}
}

static void every_cut_of_a_header_is_bad_and_writes_nothing(void **state)
{
	static const struct bytes udh = B("\x06\x08\x04\x12\x34\x03\x03");

	(void)state;
	for (size_t len = 1; len < udh.len; len++) {
		uint8_t *cut = malloc(len);
		struct sms_concat concat = { .ref = 99 };

		memcpy(cut, udh.at, len);
		assert_int_equal(
		    udh_read(bytes_of(cut, len), &concat), UDH_BAD);
		assert_int_equal(concat.ref, 99);
		free(cut);
	}
}

static void digits_are_digits_only(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1.0",
		"0x1", "1e3", "1234567890123456" };
	int64_t value = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    when_digits(bytes_str(bad[i]), &value), TL_EFORMAT);
	}
	assert_int_equal(when_digits(B("1\0"), &value), TL_EFORMAT);
	assert_int_equal(value, 99);
	assert_int_equal(when_digits(B("999999999999999"), &value), TL_OK);
	assert_int_equal(value, 999999999999999);
	assert_int_equal(when_digits(B("007"), &value), TL_OK);
	assert_int_equal(value, 7);
}

static void times_are_read_with_their_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t at_s;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-21T22:26:38Z", 1795299998 },
		{ "2026-11-21T22:26:38.000Z", 1795299998 },
		{ "2026-11-21t22:26:38.999999999z", 1795299998 },
		{ "2026-11-22T05:26:38.000+07:00", 1795299998 },
		{ "2026-11-21T16:56:38-05:30", 1795299998 },
	};
	static const char *const bad[] = { "", "2026-11-21",
		"2026-11-21T22:26:38", "2026-11-21 22:26:38Z",
		"2026-11-21T22:26Z", "2026-13-21T22:26:38Z",
		"2026-00-21T22:26:38Z", "2026-11-32T22:26:38Z",
		"2026-11-21T24:26:38Z", "2026-11-21T22:60:38Z",
		"2026-11-21T22:26:61Z", "1969-11-21T22:26:38Z",
		"2026-11-21T22:26:38.Z", "2026-11-21T22:26:38+0700",
		"2026-11-21T22:26:38+24:00", "2026-11-21T22:26:38+07:60",
		"2026-11-21T22:26:38ZZ", "2026-11-21T22:26:38.5",
		"-026-11-21T22:26:38Z" };
	int64_t at_s;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
		    when_rfc3339(bytes_str(good[i].text), &at_s), TL_OK);
		assert_int_equal(at_s, good[i].at_s);
	}
	at_s = 99;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    when_rfc3339(bytes_str(bad[i]), &at_s), TL_EFORMAT);
	}
	assert_int_equal(at_s, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_decoded_and_nothing_is_trimmed),
		cmocka_unit_test(of_fields_that_come_twice_the_last_counts),
		cmocka_unit_test(sorting_goes_by_bytes_of_name_then_value),
		cmocka_unit_test(
		    a_flood_of_fields_is_refused_before_it_is_sorted),
		cmocka_unit_test(parts_of_a_form_are_fields_and_files),
		cmocka_unit_test(a_cut_form_of_parts_is_none),
		cmocka_unit_test(what_is_no_form_of_parts_is_not_read),
		cmocka_unit_test(part_numbers_are_read_in_both_widths),
		cmocka_unit_test(
		    every_cut_of_a_header_is_bad_and_writes_nothing),
		cmocka_unit_test(digits_are_digits_only),
		cmocka_unit_test(times_are_read_with_their_offset),
	};

	return cmocka_run_group_tests_name("sms/form", tests, NULL, NULL);
}
