/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/utf8, text/utf16: valid text passes as it is; what is not valid is
 * repaired, never refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"
#include "text/utf16.h"
#include "text/utf8.h"

#define BAD "\xef\xbf\xbd"

static void check_repair(struct bytes in, struct bytes wanted)
{
	/* an exact heap copy, so that ASan sees one byte too many */
	uint8_t *copy = malloc(in.len + (in.len == 0));
	struct buf out;
	bool valid = bytes_equal(in, wanted);

	memcpy(copy, in.at, in.len);
	in.at = copy;
	buf_init(&out, 3 * in.len);
	assert_int_equal(utf8_valid(in), valid);
	assert_int_equal(utf8_repair(in, &out), valid);
	assert_int_equal(buf_err(&out), TL_OK);
	assert_true(bytes_equal(bytes_of(out.data, out.len), wanted));
	assert_true(utf8_valid(bytes_of(out.data, out.len)));
	buf_free(&out);
	free(copy);
}

static void valid_text_passes_as_it_is(void **state)
{
	static const struct bytes rows[] = {
		B(""),
		B("a"),
		B("\0"),
		B("\r\n\t\x7f"),
		B("\xc2\x80"),
		B("\xdf\xbf"),
		B("\xe0\xa0\x80"),
		B("\xed\x9f\xbf"),
		B("\xee\x80\x80"),
		B("\xef\xbf\xbd"), /* U+FFFD itself */
		B("\xef\xbf\xbf"),
		B("\xf0\x90\x80\x80"),
		B("\xf4\x8f\xbf\xbf"),
		B("\xe2\x80\x8b\xef\xbb\xbf"),
		B("ជួយខ្ញុំផង 😀"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_repair(rows[i], rows[i]);
	}
}

static void each_bad_part_becomes_one_replacement(void **state)
{
	static const struct {
		struct bytes in, out;
	} rows[] = {
		{ B("\x80"), B(BAD) },
		{ B("\xff\xfe"), B(BAD BAD) },
		{ B("\xc0\x80"), B(BAD BAD) },         /* overlong */
		{ B("\xc1\xbf"), B(BAD BAD) },         /* overlong */
		{ B("\xe0\x80\x80"), B(BAD BAD BAD) }, /* overlong */
		{ B("\xf0\x80\x80\x80"), B(BAD BAD BAD BAD) },
		{ B("\xed\xa0\x80"), B(BAD BAD BAD) }, /* surrogate */
		{ B("\xf4\x90\x80\x80"), B(BAD BAD BAD BAD) },
		{ B("\xf5\x80\x80\x80"), B(BAD BAD BAD BAD) },
		{ B("\xe1\x9e"), B(BAD) },     /* cut: one */
		{ B("\xf0\x9f\x98"), B(BAD) }, /* cut: one */
		{ B("\xe1\x9e"
		    "a"),
		    B(BAD "a") },
		{ B("\xe1\xe1\x9e\x87"), B(BAD "\xe1\x9e\x87") },
		{ B("a\xc3"
		    "b"),
		    B("a" BAD "b") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_repair(rows[i].in, rows[i].out);
	}
}

static void every_code_point_goes_there_and_back(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 16);
	for (uint32_t point = 0; point <= 0x110000; point++) {
		bool good =
		    point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
		uint32_t back = 99;
		size_t bad;

		buf_reset(&out);
		utf8_put(&out, point);
		assert_int_equal(
		    utf8_read(bytes_of(out.data, out.len), &back, &bad),
		    out.len);
		assert_int_equal(back, good ? point : UTF8_REPLACEMENT);
	}
	buf_free(&out);
}

static void a_cut_never_halves_a_letter(void **state)
{
	static const struct bytes text = B("a\xe1\x9e\x87\xf0\x9f\x98\x80");
	static const size_t lengths[] = { 0, 1, 1, 1, 4, 4, 4, 4, 8, 8 };

	(void)state;
	for (size_t max = 0; max < 10; max++) {
		assert_int_equal(utf8_cut(text, max).len, lengths[max]);
	}
}

static void check_utf16(struct bytes in, struct bytes wanted, bool whole)
{
	uint8_t *copy = malloc(in.len + (in.len == 0));
	struct buf out;

	memcpy(copy, in.at, in.len);
	buf_init(&out, in.len / 2 * 3 + 3);
	assert_int_equal(utf16be_decode(bytes_of(copy, in.len), &out), whole);
	assert_int_equal(buf_err(&out), TL_OK);
	assert_true(bytes_equal(bytes_of(out.data, out.len), wanted));
	buf_free(&out);
	free(copy);
}

static void utf16_is_decoded_and_lone_halves_are_marked(void **state)
{
	static const struct {
		struct bytes in, out;
		bool whole;
	} rows[] = {
		{ B(""), B(""), true },
		{ B("\x17\x87"), B("\xe1\x9e\x87"), true },
		{ B("\x00\x00"), B("\0"), true },
		{ B("\xff\xfd"), B(BAD), true }, /* U+FFFD itself */
		{ B("\xfe\xff"), B("\xef\xbb\xbf"), true },
		{ B("\xd8\x3d\xde\x00"), B("\xf0\x9f\x98\x80"), true },
		{ B("\xdb\xff\xdf\xff"), B("\xf4\x8f\xbf\xbf"), true },
		{ B("\x00"), B(BAD), false },
		{ B("\x17\x87\x17"), B("\xe1\x9e\x87" BAD), false },
		{ B("\x00"
		    "a\xd8\x3c"),
		    B("a" BAD), false },
		{ B("\xd8\x3c\x00"), B(BAD BAD), false },
		{ B("\xde\x00"), B(BAD), false },
		{ B("\xde\x00\xd8\x3d"), B(BAD BAD), false },
		{ B("\xd8\x3d\xd8\x3d\xde\x00"), B(BAD "\xf0\x9f\x98\x80"),
		    false },
		{ B("\xd8\x3d\x00"
		    "a"),
		    B(BAD "a"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_utf16(rows[i].in, rows[i].out, rows[i].whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_text_passes_as_it_is),
		cmocka_unit_test(each_bad_part_becomes_one_replacement),
		cmocka_unit_test(every_code_point_goes_there_and_back),
		cmocka_unit_test(a_cut_never_halves_a_letter),
		cmocka_unit_test(utf16_is_decoded_and_lone_halves_are_marked),
	};

	return cmocka_run_group_tests_name("text/utf", tests, NULL, NULL);
}
