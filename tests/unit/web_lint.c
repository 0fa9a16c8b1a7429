/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/lint: what the build refuses in a catalogue. Each rule once with a
 * text that keeps it and once with one that breaks it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/catalogue.h"
#include "web/lint.h"

/* Khmer ka, its vowel sign aa, coeng, digit one; and U+200B */
#define KA    "\xe1\x9e\x80"
#define AA    "\xe1\x9e\xb6"
#define COENG "\xe1\x9f\x92"
#define ONE   "\xe1\x9f\xa1"
#define KHAN  "\xe1\x9f\x94"
#define ZWSP  "\xe2\x80\x8b"
#define KA7   KA KA KA KA KA KA KA

static const char *lint(enum lint_kind kind, const char *text)
{
	struct lint_rules rules = { .kind = kind };

	return lint_text(&rules, text);
}

static const char *lint_against(
    const char *master, const char *latin_words, const char *text)
{
	struct lint_rules rules = {
		.kind = LINT_LINE,
		.master = master,
		.latin_words = latin_words,
	};

	return lint_text(&rules, text);
}

static void assert_wrong(const char *wrong, const char *part)
{
	assert_non_null(wrong);
	assert_non_null(strstr(wrong, part));
}

static void invisible_characters_are_refused(void **state)
{
	(void)state;
	assert_null(lint(LINT_LINE, "Send it."));
	assert_wrong(lint(LINT_LINE, "Send\nit."), "control");
	assert_wrong(lint(LINT_LINE, "Send\tit."), "control");
	assert_wrong(lint(LINT_LINE, "\xef\xbb\xbfSend"), "invisible");
	assert_wrong(lint(LINT_LINE, "Send\xe2\x80\xae"), "invisible");
	assert_wrong(lint(LINT_LINE, "Send\xe2\x80\x8d"), "joiner");
	assert_wrong(lint(LINT_LINE, KA "\xe2\x80\x8c" KA), "joiner");
	/* Bengali ka, virama, joiner */
	assert_null(lint(
	    LINT_LINE, "\xe0\xa6\x95\xe0\xa7\x8d\xe2\x80\x8d\xe0\xa6\x95"));
	assert_wrong(lint(LINT_LINE, "Send \xff"), "UTF-8");
}

static void spaces_stand_alone_and_inside(void **state)
{
	(void)state;
	assert_wrong(lint(LINT_LINE, " Send"), "space");
	assert_wrong(lint(LINT_LINE, "Send "), "space");
	assert_wrong(lint(LINT_LINE, "Send  it"), "space");
	assert_wrong(lint(LINT_LINE, ""), "empty");
}

static void nobody_is_shouted_at(void **state)
{
	(void)state;
	assert_wrong(lint(LINT_LINE, "Send it!"), "exclamation");
	assert_wrong(lint(LINT_LINE, "Send it\xef\xbc\x81"), "exclamation");
}

static void a_break_stands_between_letters_only(void **state)
{
	(void)state;
	assert_null(lint(LINT_LINE, KA ZWSP KA));
	assert_null(lint(LINT_LINE, KA AA ZWSP KA));
	assert_wrong(lint(LINT_LINE, ZWSP KA), "not behind");
	assert_wrong(lint(LINT_LINE, KA ZWSP), "at the end");
	assert_wrong(lint(LINT_LINE, KA ZWSP ZWSP KA), "not");
	assert_wrong(lint(LINT_LINE, KA ZWSP " " KA), "not before");
	assert_wrong(lint(LINT_LINE, KA " " ZWSP KA), "not behind");
	assert_wrong(lint(LINT_LINE, KA ZWSP AA), "not before");
	assert_wrong(lint(LINT_LINE, KA ZWSP COENG KA), "not before");
	assert_wrong(lint(LINT_LINE, KA COENG ZWSP KA), "not behind");
	assert_wrong(lint(LINT_LINE, KA ZWSP KHAN), "not before");
	assert_wrong(lint(LINT_LINE, KHAN ZWSP KA), "not behind");
	assert_wrong(lint(LINT_LINE, KA ZWSP ONE), "not before");
	assert_wrong(lint(LINT_LINE, ONE ZWSP KA), "not behind");
	assert_wrong(lint(LINT_LINE, KA ZWSP "a"), "not before");
	assert_wrong(lint(LINT_LINE, "a" ZWSP KA), "not behind");
}

static void a_long_run_has_forgotten_its_breaks(void **state)
{
	(void)state;
	assert_null(lint(LINT_LINE, KA7 KA7));
	assert_null(lint(LINT_LINE, KA7 KA7 ZWSP KA7 " " KA7 KA7));
	assert_wrong(lint(LINT_LINE, KA7 KA7 KA), "long run");
}

static void words_and_characters_are_counted(void **state)
{
	static const char twelve[] = "a b c d e f g h i j k l";
	static const char thirteen[] = "a b c d e f g h i j k l m";
	static const char two[] = "a b c d e f g. h i j k l m.";

	(void)state;
	assert_null(lint(LINT_LINE, twelve));
	assert_wrong(lint(LINT_LINE, thirteen), "sentence");
	assert_null(lint(LINT_LINE, two));
	assert_null(lint(LINT_QUESTION, twelve));
	assert_wrong(lint(LINT_QUESTION, two), "question");
	assert_wrong(lint(LINT_QUESTION,
			 KA ZWSP KA ZWSP KA ZWSP KA ZWSP KA ZWSP KA ZWSP KA ZWSP
			     KA ZWSP KA ZWSP KA ZWSP KA ZWSP KA ZWSP KA),
	    "too many words");
	assert_null(lint(LINT_BUTTON, "abcdefghijklmnopqrst"));
	assert_wrong(lint(LINT_BUTTON, "abcdefghijklmnopqrstu"), "20");
	/* marks, letters below and breaks are no characters of their own */
	assert_null(lint(LINT_BUTTON,
	    KA AA KA COENG KA AA KA AA KA AA KA AA KA AA KA AA ZWSP KA AA KA AA
		KA AA KA AA KA AA KA AA KA AA ZWSP KA AA KA AA KA AA KA AA KA
		    AA));
	assert_null(lint(LINT_BUTTON, KA ZWSP KA));
	assert_wrong(lint(LINT_TITLE, KA ZWSP KA), "title");
	assert_wrong(lint(LINT_NAME, KA ZWSP KA), "name");
}

static void placeholders_are_the_masters(void **state)
{
	(void)state;
	assert_null(lint_against("Call {number}.", NULL, "{number}: call."));
	assert_wrong(lint_against("Call {number}.", NULL, "Call."), "place");
	assert_wrong(lint_against("Call.", NULL, "Call {number}."), "place");
	assert_wrong(
	    lint_against("Call {number}.", NULL, "Call {numbre}."), "place");
	assert_wrong(
	    lint_against("Call {number}.", NULL, "Call {number} {number}."),
	    "place");
	assert_wrong(lint(LINT_LINE, "Call {number."), "brace");
}

static void english_words_left_behind_are_found(void **state)
{
	(void)state;
	assert_null(lint_against("Up to 3 MB", "KB MB", KA " 3 MB"));
	assert_null(lint_against("a {size}", "KB MB", KA " {size}"));
	assert_wrong(lint_against("Send", "KB MB", KA " send"), "Latin");
	assert_wrong(lint_against("Send", "KB MB", KA " M"), "Latin");
	assert_wrong(lint_against("Send", "", "Send"), "Latin");
}

static void ten_digits_are_ten_in_a_row(void **state)
{
	(void)state;
	assert_null(lint(LINT_DIGITS, "0123456789"));
	assert_wrong(lint(LINT_DIGITS, "012345678"), "ten digits");
	assert_wrong(lint(LINT_DIGITS, "0123456798"), "ten digits");
	assert_wrong(lint(LINT_DIGITS, "0123456789:"), "ten digits");
}

static void thai_needs_no_breaks_and_some_languages_more_words(void **state)
{
	struct lint_rules more = { .kind = LINT_LINE, .words_max = 16 };
	const char *thirteen = "a b c d e f g h i j k l m.";

	(void)state;
	assert_null(lint(LINT_LINE,
	    "\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81"
	    "\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81"
	    "\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81\xe0\xb8\x81"
	    "\xe0\xb8\x81"));
	assert_wrong(lint(LINT_LINE, thirteen), "too many words");
	assert_null(lint_text(&more, thirteen));
	more.words_max = 12;
	assert_wrong(lint_text(&more, thirteen), "too many words");
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_int_equal(lint_kind_of("button", 6), LINT_BUTTON);
	assert_int_equal(lint_kind_of("digits: ten", 6), LINT_DIGITS);
	assert_int_equal(lint_kind_of("butto", 5), -1);
	assert_int_equal(lint_kind_of("", 0), -1);
	assert_true(lint_is_listed("a bc d", "bc"));
	assert_false(lint_is_listed("a bc d", "b"));
	assert_false(lint_is_listed("", "b"));
}

/* The build has looked at these already: here, that they were the ones. */
static void what_was_built_passes(void **state)
{
	(void)state;
	for (size_t l = 0; l < web_languages_n; l++) {
		for (size_t t = 0; t < web_texts_n; t++) {
			struct lint_rules rules = {
				.kind = LINT_LINE,
				.master = web_languages[0].texts[t],
				.words_max = 20, /* of any language */
			};

			assert_null(
			    lint_text(&rules, web_languages[l].texts[t]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invisible_characters_are_refused),
		cmocka_unit_test(spaces_stand_alone_and_inside),
		cmocka_unit_test(nobody_is_shouted_at),
		cmocka_unit_test(a_break_stands_between_letters_only),
		cmocka_unit_test(a_long_run_has_forgotten_its_breaks),
		cmocka_unit_test(words_and_characters_are_counted),
		cmocka_unit_test(placeholders_are_the_masters),
		cmocka_unit_test(english_words_left_behind_are_found),
		cmocka_unit_test(ten_digits_are_ten_in_a_row),
		cmocka_unit_test(
		    thai_needs_no_breaks_and_some_languages_more_words),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(what_was_built_passes),
	};

	return cmocka_run_group_tests_name("web/lint", tests, NULL, NULL);
}
