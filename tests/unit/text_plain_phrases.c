/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/: phrases that hide a listed word do so in one sentence only and never
 * hide a cry; everyday words and lists are not urgent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/triage.h"

static const char head[] = "lang\tgroup\tcombo_only\tphrase\n";

/* What is found of the group HELP in a text. */
static bool finds_help(const struct keywords *list, const char *text)
{
	struct keyword_hits hits = { 0 };
	struct fold fold;
	bool found;

	assert_int_equal(fold_text(bytes_str(text), &fold), TL_OK);
	assert_int_equal(keywords_find(list, &fold, &hits), TL_OK);
	found = hits.n > 0;
	keyword_hits_free(&hits);
	fold_free(&fold);
	return found;
}

static void a_plain_phrase_ends_where_a_sentence_does(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} rows[] = {
		{ "help wanted", false },
		{ "HELP \t wanted", false },
		{ "help\u00a0wanted", false },
		{ "helppp wanted", false },
		{ "h\u200belp wanted.", false },
		{ "a! help wanted? b", false },
		{ "help. wanted", true },
		{ "help .wanted", true },
		{ "help . wanted", true },
		{ "help! wanted", true },
		{ "help-wanted", true },
		{ "helppp! wanted", true },
		{ "help\nwanted", true },
		{ "help\r\n wanted", true },
		{ "help \n wanted", true },
		{ "help\uff01wanted", true },
		{ "help\u3002 wanted", true },
		{ "help\u2026wanted", true },
		{ "help \U0001f64f wanted", true },
		{ "h\u00e9 help, wanted", true },
		/* each place by itself */
		{ "help wanted. help wanted", false },
		{ "help wanted. help. wanted", true },
	};
	struct keywords *list = NULL;
	struct text_fault fault;
	char file[128];

	(void)state;
	(void)snprintf(file, sizeof(file),
	    "%sen\tHELP\t0\thelp\nen\tPLAIN\t0\thelp wanted\n", head);
	assert_int_equal(keywords_new(bytes_str(file), &list, &fault), TL_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (finds_help(list, rows[i].text) != rows[i].found) {
			fail_msg("row %zu: %s", i, rows[i].text);
		}
	}
	keywords_free(list);
}

/* An ordinary phrase may be torn: "can not ... leave" is one all the same. */
static void other_phrases_run_over_signs(void **state)
{
	struct keywords *list = NULL;
	struct text_fault fault;
	char file[128];

	(void)state;
	(void)snprintf(file, sizeof(file), "%sen\tHELP\t0\tsave us\n", head);
	assert_int_equal(keywords_new(bytes_str(file), &list, &fault), TL_OK);
	assert_true(finds_help(list, "SAVE... US"));
	assert_true(finds_help(list, "save\nus"));
	keywords_free(list);
}

static void lists_and_measures_are_no_nine(void **state)
{
	static const struct {
		const char *text;
		int priority;
	} rows[] = {
		{ "9", 2 },
		{ "9!", 2 },
		{ "(9)", 2 },
		{ "\"9\"", 2 },
		{ "9 they come", 2 },
		{ "9! they come", 2 },
		{ "!9? they come", 2 },
		{ "9\uff01 they come", 2 },
		{ "9 (they come)", 2 },
		{ "9) rice", 3 },
		{ "(9) rice", 3 },
		{ "9' x 4'", 3 },
		{ "9\" x 4\"", 3 },
	};
	const struct triage_files files = { 0 };
	struct triage *triage = NULL;
	struct triage_fault fault;

	(void)state;
	assert_int_equal(triage_new(&files, &triage, &fault), TL_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = "sms",
			.text = bytes_str(rows[i].text) };

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (report.priority != rows[i].priority) {
			fail_msg("%s: P%d", rows[i].text, report.priority);
		}
	}
	triage_free(triage);
}

/* What the built-in list hides is no part of a cry. */
static void cries_around_plain_phrases_are_heard(void **state)
{
	static const struct {
		const char *text;
		int most;
	} rows[] = {
		{ "mereka pada pukul saya", 2 },
		{ "saya dari rumah dijual ke orang", 2 },
		{ "我被打印度人打", 2 },
		{ "他们被打扰民的是老板", 3 },
		{ "Sokha is dead", 1 },
		{ "my phone is dead and Sokha is dead", 1 },
		{ "Dara died in the room", 1 },
		{ "trapped. thank you for your help", 1 },
		{ "boss killed me with that joke then killed Dara", 1 },
		{ "he beat me at chess and beat me with belt", 2 },
		{ "locked out of my account. locked in room", 2 },
	};
	static const char *const plain[] = { "thank you for your help",
		"Thank you so much for helping us!", "thanks for the help",
		"salamat sa tulong nyo", "orkun bong del juoy", "អរគុណដែលបានជួយ",
		"my phone is dead call me later",
		"locked out of my facebook account",
		"he beat me in chess yesterday", "jumpa pukul 8 malam",
		"rapat pada pukul 9 ya", "ទូរសព្ទ", "គេចង់ញ៉ាំបាយ", "ចងក្រងសៀវភៅ" };
	const struct triage_files files = { 0 };
	struct triage *triage = NULL;
	struct triage_fault fault;

	(void)state;
	assert_int_equal(triage_new(&files, &triage, &fault), TL_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = "sms",
			.text = bytes_str(rows[i].text) };

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (report.priority > rows[i].most) {
			fail_msg("%s: P%d", rows[i].text, report.priority);
		}
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		struct report report = { .channel = "sms",
			.text = bytes_str(plain[i]) };

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (report.priority != 3) {
			fail_msg("%s: P%d", plain[i], report.priority);
		}
	}
	triage_free(triage);
}

/* A gateway that has lost the letters is told from a person who waits. */
static void lost_letters_are_told(void **state)
{
	static const struct {
		const char *text;
		bool lost;
	} rows[] = {
		{ "????", true },
		{ "??? ????, ??? 5000 ????.", true },
		{ "\ufffd\ufffd\ufffd \ufffd", true },
		{ "\xff\xff\xff\xff", true },
		{ "\u25a1\u25a1\u25a1\u25a1", true },
		{ "ok ??? ???? ????", true },
		{ "???", false },
		{ "help????", false },
		{ "where are you????????", false },
		{ "5000", false },
		{ "", false },
	};
	const struct triage_files files = { 0 };
	struct triage *triage = NULL;
	struct triage_fault fault;

	(void)state;
	assert_int_equal(triage_new(&files, &triage, &fault), TL_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = "web",
			.text = bytes_str(rows[i].text) };
		bool lost = false;

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		for (size_t k = 0; k < report.n_flags; k++) {
			lost = lost ||
			    strcmp(report.flags[k], "letters lost") == 0;
		}
		if (lost != rows[i].lost) {
			fail_msg("row %zu: %s", i, rows[i].text);
		}
	}
	triage_free(triage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_phrase_ends_where_a_sentence_does),
		cmocka_unit_test(other_phrases_run_over_signs),
		cmocka_unit_test(lists_and_measures_are_no_nine),
		cmocka_unit_test(cries_around_plain_phrases_are_heard),
		cmocka_unit_test(lost_letters_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
