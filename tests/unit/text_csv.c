/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/csv, text/plain: a stranger's text is text to every spreadsheet, and
 * all of it is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/csv.h"
#include "text/plain.h"

/* The cell that a text becomes, as it stands in the file; the caller frees. */
static char *cell_of(const char *text)
{
	struct buf out;
	struct csv csv = { .out = &out };
	char *cell;

	buf_init(&out, 1u << 20);
	csv_text(&csv, bytes_str(text));
	assert_int_equal(buf_err(&out), TL_OK);
	cell = strndup((const char *)out.data, out.len);
	assert_non_null(cell);
	buf_free(&out);
	return cell;
}

struct row {
	const char *text, *cell;
};

static void no_text_is_a_formula_or_a_number(void **state)
{
	static const struct row rows[] = {
		{ "three people", "three people" },
		{ "ជួយ", "ជួយ" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+SUM(A1)", "\"'+SUM(A1)\"" },
		{ "-x", "\"'-x\"" },
		{ "@x", "\"'@x\"" },
		{ "\t=x", "\" '=x\"" },
		{ "\r=x", "\"\n'=x\"" },
		{ "  =x", "\"  '=x\"" },
		{ "\u200b\u2060=x", "\"\u200b\u2060'=x\"" },
		{ "\u00a0\u3000=x", "\"\u00a0\u3000'=x\"" },
		{ "\uff1dx", "\"'\uff1dx\"" },
		{ "\uff0bx", "\"'\uff0bx\"" },
		{ "\uff0dx", "\"'\uff0dx\"" },
		{ "\uff20x", "\"'\uff20x\"" },
		{ "\u22121", "\"'\u22121\"" },
		{ "\"=x\"", "\"\"\"'=x\"\"\"" },
		{ "a\n=x", "\"a\n'=x\"" },
		{ "a; =x;b", "\"a; '=x;b\"" },
		{ "a;\"=x", "\"a;\"\"'=x\"" },
		{ "a=x, -5", "\"a=x, -5\"" },
		{ "\ufeff=x", "<U+FEFF>=x" },
		/* numbers, dates and what would lose its nought */
		{ "+85512345678", "\"'+85512345678\"" },
		{ "85512345678", "\"'85512345678\"" },
		{ "012 345 678", "\"'012 345 678\"" },
		{ "1/2", "\"'1/2\"" },
		{ "1e5", "\"'1e5\"" },
		{ "\uff11\uff12", "\"'\uff11\uff12\"" },
		{ " +12", "\"' '+12\"" },
		{ "\uff0b12", "\"'\uff0b12\"" },
		{ "12 people", "12 people" },
		{ "", "" },
		{ ".", "." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *cell = cell_of(rows[i].text);

		assert_string_equal(cell, rows[i].cell);
		free(cell);
	}
}

static void what_parts_cells_is_quoted(void **state)
{
	static const struct row rows[] = {
		{ "a,b", "\"a,b\"" },
		{ "a;b", "\"a;b\"" },
		{ "a\tb", "a b" },
		{ "a \"b\"", "\"a \"\"b\"\"\"" },
		{ "a\r\nb", "\"a\nb\"" },
		{ " a", "\" a\"" },
		{ "a ", "\"a \"" },
		{ "it's", "\"it's\"" },
		{ "a\x07\x1b[31m", "a<U+0007><U+001B>[31m" },
		{ "a\u202eb\ufffe", "a<U+202E>b<U+FFFE>" },
		{ "a\xff\xfe"
		  "b",
		    "a\ufffd\ufffdb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *cell = cell_of(rows[i].text);

		assert_string_equal(cell, rows[i].cell);
		free(cell);
	}
}

static void rows_end_with_cr_lf_and_the_file_begins_with_its_mark(void **state)
{
	struct buf out;
	struct csv csv = { .out = &out };

	(void)state;
	buf_init(&out, 1000);
	csv_begin(&csv);
	csv_cell(&csv, bytes_str(""));
	csv_cell(&csv, bytes_str("a;b"));
	csv_text(&csv, bytes_str("c"));
	csv_end_row(&csv);
	csv_cell(&csv, bytes_str("d"));
	csv_end_row(&csv);
	buf_put_u8(&out, 0);
	assert_string_equal(
	    (const char *)out.data, "\xef\xbb\xbf,\"a;b\",c\r\nd\r\n");
	buf_free(&out);
}

static void a_text_that_is_too_long_for_a_cell_is_cut_and_says_so(void **state)
{
	static char text[3 * CSV_CELL_MAX_UNITS];
	char *cell;

	(void)state;
	memset(text, 'x', CSV_CELL_MAX_UNITS);
	cell = cell_of(text);
	assert_int_equal(strlen(cell), CSV_CELL_MAX_UNITS);
	free(cell);
	text[CSV_CELL_MAX_UNITS] = 'x';
	cell = cell_of(text);
	assert_int_equal(strspn(cell, "\"x"), CSV_CELL_MAX_UNITS + 1);
	assert_non_null(strstr(cell, "\n[TOO LONG FOR A CELL, AND CUT HERE"));
	free(cell);
	/* signs that are two units each */
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i < CSV_CELL_MAX_UNITS / 2 + 1; i++) {
		memcpy(text + 4 * i, "\U0001f198", 4);
	}
	cell = cell_of(text);
	assert_memory_equal(cell + 1 + 4 * (CSV_CELL_MAX_UNITS / 2), "\n[", 2);
	free(cell);
}

static void no_room_is_an_error_of_the_rows(void **state)
{
	struct buf out;
	struct csv csv = { .out = &out };

	(void)state;
	buf_init(&out, 5);
	csv_text(&csv, bytes_str("three people"));
	assert_int_equal(buf_err(&out), TL_ETOOBIG);
	buf_free(&out);
}

static void lines_and_tabs_stay_and_json_means_the_same(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	plain_text(&out, bytes_str("a\r\nb\rc\n\td\u2028\r"));
	buf_put_u8(&out, 0);
	assert_string_equal((const char *)out.data, "a\nb\nc\n\td<U+2028>\n");
	buf_reset(&out);
	plain_json(&out, bytes_str("\"\u0e01\u202e\U000e0041\xc2\x9b\ufffe\""));
	buf_put_u8(&out, 0);
	assert_string_equal((const char *)out.data,
	    "\"\u0e01\\u202e\\udb40\\udc41\\u009b\\ufffe\"");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_is_a_formula_or_a_number),
		cmocka_unit_test(what_parts_cells_is_quoted),
		cmocka_unit_test(
		    rows_end_with_cr_lf_and_the_file_begins_with_its_mark),
		cmocka_unit_test(
		    a_text_that_is_too_long_for_a_cell_is_cut_and_says_so),
		cmocka_unit_test(no_room_is_an_error_of_the_rows),
		cmocka_unit_test(lines_and_tabs_stay_and_json_means_the_same),
	};

	return cmocka_run_group_tests_name("text/csv", tests, NULL, NULL);
}
