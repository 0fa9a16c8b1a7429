/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/answer_words: the officer reads what the reporter chose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "text/answer_words.h"
#include "web/catalogue.h"

/* Where the pages have the words of a question: Q1.1, Q1.2, ... */
static const struct {
	const char *name, *key;
} questions[] = {
	{ "now", "Q1" },
	{ "where_country", "Q4.country" },
	{ "where_province", "province" },
	{ "who", "Q3" },
	{ "count", "Q5" },
	{ "minor", "Q6" },
	{ "ind", "Q7" },
	{ "work", "Q8" },
	{ "how", "Q9" },
	{ "share", "Q11" },
	{ "share_knows", "Q11.knows" },
	{ "contact", "Q12" },
	{ "contact_message", "Q12.message" },
	{ "contact_say", "Q12.say" },
	{ "lang_voice", "Q13.voice" },
	{ "official", "Q14" },
};

static const char *const *english(void)
{
	for (size_t i = 0; i < web_languages_n; i++) {
		if (strcmp(web_languages[i].tag, "en") == 0) {
			return web_languages[i].texts;
		}
	}
	fail();
	return NULL;
}

static void every_answer_has_the_words_of_the_english_page(void **state)
{
	const char *const *texts = english();

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		size_t len = strlen(questions[i].key);
		unsigned n = 0;

		for (size_t k = 0; k < web_texts_n; k++) {
			const char *key = web_text_keys[k];
			const char *value = key + len + 1;
			const char *words;

			if (strncasecmp(key, questions[i].key, len) != 0 ||
			    key[len] != '.' ||
			    strspn(value, "0123456789") != strlen(value)) {
				continue;
			}
			words = answer_words(questions[i].name, value);
			assert_non_null(words);
			assert_string_equal(words, texts[k]);
			n++;
		}
		assert_in_range(n, 2, 25);
	}
}

static void what_is_no_answer_has_no_words(void **state)
{
	(void)state;
	assert_null(answer_words("now", "4"));
	assert_null(answer_words("now", ""));
	assert_null(answer_words("where_near", "1"));
	assert_null(answer_words("", "1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_answer_has_the_words_of_the_english_page),
		cmocka_unit_test(what_is_no_answer_has_no_words),
	};

	return cmocka_run_group_tests_name(
	    "text/answer_words", tests, NULL, NULL);
}
