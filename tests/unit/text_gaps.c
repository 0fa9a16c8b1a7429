/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/keywords: phrases with a gap are found over a few words of one sentence
 * and hide nothing; text/cksum names a list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/cksum.h"
#include "text/keywords.h"

#define HEAD "lang\tgroup\tcombo_only\tphrase\n"

/* The groups that a text has by a list, as bits. */
static unsigned groups_of(const char *rows, const char *text)
{
	struct keywords *list = NULL;
	struct keyword_hits hits = { 0 };
	struct text_fault fault;
	struct fold fold;
	unsigned groups = 0;
	char file[1024];

	(void)snprintf(file, sizeof(file), HEAD "%s", rows);
	assert_int_equal(keywords_new(bytes_str(file), &list, &fault), TL_OK);
	assert_int_equal(fold_text(bytes_str(text), &fold), TL_OK);
	assert_int_equal(keywords_find(list, &fold, &hits), TL_OK);
	for (size_t i = 0; i < hits.n; i++) {
		assert_true(hits.at[i].at < hits.at[i].end);
		assert_true(hits.at[i].end <= strlen(text));
		groups |= GROUP_BIT(hits.at[i].group);
	}
	keyword_hits_free(&hits);
	fold_free(&fold);
	keywords_free(list);
	return groups;
}

static void a_gap_is_a_few_words_of_one_sentence(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} rows[] = {
		{ "he took passport", true },
		{ "TOOK my sister's PASSPORT", true },
		{ "he takes the passports", true },
		{ "took took passport", true },
		{ "took my red old passport", true },
		{ "took my sister and her friend and the passport", false },
		{ "took it. passport", false },
		{ "took it, passport", false },
		{ "took it\npassport", false },
		{ "passport took", false },
		{ "mistook passport", false },
		{ "took mypassport", false },
		{ "tookpassport", false },
		{ "took", false },
		{ "passport", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool found = groups_of("en\tDOC\t0\ttook|take* ~ passport*\n",
				 rows[i].text) != 0;

		if (found != rows[i].found) {
			fail_msg("row %zu: %s", i, rows[i].text);
		}
	}
}

/* Signs of such a script tell more, so the gap is shorter. */
static void a_gap_without_blanks_is_shorter(void **state)
{
	static const char rows[] = "zh-Hans\tDOC\t0\t没收 ~ 护照\n";

	(void)state;
	assert_int_not_equal(groups_of(rows, "没收护照"), 0);
	assert_int_not_equal(groups_of(rows, "没收了我们的护照"), 0);
	assert_int_equal(groups_of(rows, "没收了。护照"), 0);
	assert_int_equal(
	    groups_of(rows, "没收一二三四五六七八九十一二三四五护照"), 0);
}

static void marks_are_left_out_around_a_gap_too(void **state)
{
	static const char rows[] = "vi\tHELD\t0\tkhong cho ~ ve\n"
				   "vi\tSOLD\t0\tbán ~ sang\n";

	(void)state;
	assert_int_equal(
	    groups_of(rows, "không cho em về"), GROUP_BIT(GROUP_HELD));
	assert_int_equal(
	    groups_of(rows, "khonggg cho em ve"), GROUP_BIT(GROUP_HELD));
	assert_int_equal(
	    groups_of(rows, "nó bán em sang"), GROUP_BIT(GROUP_SOLD));
	assert_int_equal(groups_of(rows, "no ban em sang"), 0);
}

/* What stands in a gap may be the worse thing. */
static void a_gap_hides_nothing(void **state)
{
	static const char rows[] = "en\tDOC\t0\ttook ~ passport\n"
				   "en\tVIOLENCE\t0\tbeat\n"
				   "en\tPLAIN\t0\ttook a passport\n";

	(void)state;
	assert_int_equal(groups_of(rows, "took beat my passport"),
	    GROUP_BIT(GROUP_DOC) | GROUP_BIT(GROUP_VIOLENCE));
	/* but a plain phrase around it hides it */
	assert_int_equal(groups_of(rows, "took a passport"), 0);
}

static void a_gap_with_a_mistake_is_refused(void **state)
{
	static const struct {
		const char *row, *what;
	} bad[] = {
		{ "en\tDOC\t0\t~ passport\n", "empty or too long" },
		{ "en\tDOC\t0\ttook ~\n", "empty or too long" },
		{ "en\tDOC\t0\t~\n", "empty or too long" },
		{ "en\tDOC\t0\ttook| ~ passport\n", "empty or too long" },
		{ "en\tDOC\t0\ttook ~ * | passport\n", "empty or too long" },
		{ "en\tDOC\t0\ta ~ b ~ c\n", "one gap" },
		{ "en\tPLAIN\t0\ttook ~ passport\n", "has no gap" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct keywords *none = NULL;
		struct text_fault fault;
		char file[256];

		(void)snprintf(file, sizeof(file), HEAD "%s", bad[i].row);
		assert_int_equal(
		    keywords_new(bytes_str(file), &none, &fault), TL_EFORMAT);
		assert_null(none);
		assert_int_equal(fault.line, 2);
		if (strstr(fault.what, bad[i].what) == NULL) {
			fail_msg("%zu: %s", i, fault.what);
		}
	}
}

/* As cksum of POSIX prints it. */
static void a_list_is_named_by_its_sum(void **state)
{
	struct keywords *list = NULL;
	struct text_fault fault;

	(void)state;
	assert_int_equal(cksum(B("")), UINT32_C(4294967295));
	assert_int_equal(cksum(B("123456789")), UINT32_C(930766865));
	assert_int_equal(
	    keywords_new(B(HEAD "en\tHELP\t0\thelp\n"), &list, &fault), TL_OK);
	assert_string_equal(keywords_version(list), "cksum 1686778800");
	keywords_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_is_a_few_words_of_one_sentence),
		cmocka_unit_test(a_gap_without_blanks_is_shorter),
		cmocka_unit_test(marks_are_left_out_around_a_gap_too),
		cmocka_unit_test(a_gap_hides_nothing),
		cmocka_unit_test(a_gap_with_a_mistake_is_refused),
		cmocka_unit_test(a_list_is_named_by_its_sum),
	};

	return cmocka_run_group_tests_name("text/gaps", tests, NULL, NULL);
}
