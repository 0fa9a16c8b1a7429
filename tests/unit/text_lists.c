/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/tsv and the lists that are read by it: a list is taken whole or
 * refused with the line of its first mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "base/buf.h"
#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/guess.h"
#include "text/keywords.h"

#define HEAD     "lang\tgroup\tcombo_only\tphrase\n"
#define TEN      "abcdefghij"
#define LIST_MAX ((size_t)4 << 20)

static void rows_are_read_and_remarks_left_out(void **state)
{
	struct text_fault fault;
	struct tsv tsv;

	(void)state;
	assert_true(tsv_open(
	    &tsv, B("# x\r\n\r\na\tb\r\n1\t2\r\n\n#\n3\t"), "a\tb", &fault));
	assert_true(tsv_next(&tsv, &fault));
	assert_int_equal(tsv.line, 4);
	assert_true(bytes_equal(tsv.columns[1], B("2")));
	assert_true(tsv_next(&tsv, &fault));
	assert_true(bytes_equal(tsv.columns[0], B("3")));
	assert_int_equal(tsv.columns[1].len, 0);
	assert_false(tsv_next(&tsv, &fault));
	assert_null(fault.what);
}

static void another_shape_is_a_fault(void **state)
{
	static const char *const bad[] = { "a\tb\n1\n", "a\tb\n1\t2\t3\n",
		"a\tb\n1\t2\t3\t4\t5\t6\t7\t8\t9\n" };
	struct text_fault fault;
	struct tsv tsv;

	(void)state;
	assert_false(tsv_open(&tsv, B(""), "a\tb", &fault));
	assert_false(tsv_open(&tsv, B("\n#\n"), "a\tb", &fault));
	assert_false(tsv_open(&tsv, B("a\tc\n"), "a\tb", &fault));
	assert_non_null(fault.what);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(tsv_open(&tsv, bytes_str(bad[i]), "a\tb", &fault));
		assert_false(tsv_next(&tsv, &fault));
		assert_int_equal(fault.line, 2);
		assert_non_null(fault.what);
	}
}

static void a_mistake_in_the_keywords_is_told_with_its_line(void **state)
{
	static const struct {
		const char *file, *what;
		size_t line;
	} bad[] = {
		{ "", "heading", 0 },
		{ HEAD "en\tHELP\t0\n", "columns", 2 },
		{ HEAD "en\tHELP\t0\tok\n\tHELP\t0\tx\n", "tag", 3 },
		{ HEAD "en-Latn-XXXXX\tHELP\t0\tx\n", "tag", 2 },
		{ HEAD "en\tHOLD\t0\tx\n", "no such group", 2 },
		{ HEAD "en\tHELP\t2\tx\n", "0 or 1", 2 },
		{ HEAD "en\tHELP\t\tx\n", "0 or 1", 2 },
		{ HEAD "en\tHELP\t00\tx\n", "0 or 1", 2 },
		{ HEAD "en\tHELP\t0\t\n", "empty or too long", 2 },
		{ HEAD "en\tHELP\t0\t*\n", "empty or too long", 2 },
		{ HEAD "en\tHELP\t0\t!!\n", "empty or too long", 2 },
		{ HEAD "en\tHELP\t0\t" TEN TEN TEN TEN TEN TEN TEN "\n",
		    "empty or too long", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct keywords *none = NULL;
		struct text_fault fault;

		assert_int_equal(
		    keywords_new(bytes_str(bad[i].file), &none, &fault),
		    TL_EFORMAT);
		assert_null(none);
		if (fault.line != bad[i].line ||
		    strstr(fault.what, bad[i].what) == NULL) {
			fail_msg(
			    "%zu: line %zu: %s", i, fault.line, fault.what);
		}
	}
}

static void a_giant_list_is_refused(void **state)
{
	struct keywords *list = NULL;
	struct text_fault fault;
	struct buf file;

	(void)state;
	buf_init(&file, LIST_MAX);
	buf_put_str(&file, HEAD);
	for (unsigned i = 0; i < 25000; i++) {
		buf_put_str(&file, "en\tHELP\t0\tx");
		buf_put_dec(&file, i);
		buf_put_str(&file, "\n");
	}
	assert_int_equal(buf_err(&file), TL_OK);
	assert_int_equal(
	    keywords_new(bytes_of(file.data, file.len), &list, &fault),
	    TL_ETOOBIG);
	assert_null(list);
	buf_free(&file);
}

static void check_cuts(struct bytes file, size_t step)
{
	struct text_fault fault;

	for (size_t len = 0; len < file.len; len += step) {
		struct keywords *list = NULL;
		enum tl_err err =
		    keywords_new(bytes_of(file.at, len), &list, &fault);

		assert_true(err == TL_OK || fault.what != NULL);
		keywords_free(list);
	}
}

static void every_cut_of_a_list_is_a_list_or_a_fault(void **state)
{
	(void)state;
	check_cuts(
	    B(HEAD "# a remark\nen\tHELP\t0\thelp me\n"
		   "vi\tHELD\t1\tb\xe1\xbb\x8b gi\xe1\xbb\xaf\r\n\n"
		   "en\tDOC\t0\ttook|take* ~ my passport*|papers\n"
		   "km\tHELP\t0\t\xe1\x9e\x87\xe1\x9e\xbd\xe1\x9e\x99\n"),
	    1);
	/* the time for all of ours grows with its square */
	check_cuts(bytes_of(data_keywords, data_keywords_len), 127);
}

static void a_mistake_in_the_small_words_is_told(void **state)
{
	struct guess *guess = NULL;
	struct text_fault fault;

	(void)state;
	assert_int_equal(guess_new(B("x\n"), &guess, &fault), TL_EFORMAT);
	assert_int_equal(
	    guess_new(B("lang\tword\nxx\tyy\n"), &guess, &fault), TL_EFORMAT);
	assert_non_null(fault.what);
	assert_int_equal(fault.line, 2);
	assert_null(guess);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read_and_remarks_left_out),
		cmocka_unit_test(another_shape_is_a_fault),
		cmocka_unit_test(
		    a_mistake_in_the_keywords_is_told_with_its_line),
		cmocka_unit_test(a_giant_list_is_refused),
		cmocka_unit_test(every_cut_of_a_list_is_a_list_or_a_fault),
		cmocka_unit_test(a_mistake_in_the_small_words_is_told),
	};

	return cmocka_run_group_tests_name("text/lists", tests, NULL, NULL);
}
