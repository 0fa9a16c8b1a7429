/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/wording: what an officer writes to a telephone tells nothing; and no
 * sentence of the phrase book would be refused for a word in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/wording.h"
#include "text/data.h"
#include "text/phrases.h"

static struct keywords *list;

static int set_up(void **state)
{
	struct text_fault fault;

	(void)state;
	return keywords_new(bytes_of(data_keywords, data_keywords_len), &list,
		   &fault) == TL_OK
	    ? 0
	    : -1;
}

static int tear_down(void **state)
{
	(void)state;
	keywords_free(list);
	return 0;
}

static void neutral_words_are_fine(void **state)
{
	static const char *const texts[] = {
		"Hello. Is 7.30 fine?",
		"See you at 19:30... yes?",
		"Thank you. Write when you like.",
		"សូមអរគុណ។ ជួបគ្នាស្អែក។",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *fault = wording_fault(list, bytes_str(texts[i]));

		if (fault != NULL) {
			fail_msg("%s: %s", texts[i], fault);
		}
	}
}

static void what_tells_is_refused(void **state)
{
	static const char *const texts[] = {
		"look at https://a.example",
		"look at www.example.org",
		"look at bit.ly",
		"write to a@b",
		"call 012 345 678",
		"call ០១២៣៤៥៦៧៨",
		"code 12345",
		"the POLICE come",
		"we p\u200bolice", /* an invisible sign inside */
		"we rescue you",
		"about the trafficking",
		"ប៉ូលិសនឹងមក",
		"are you locked in?",
		"他们打你吗？救命",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (wording_fault(list, bytes_str(texts[i])) == NULL) {
			fail_msg("%s: nothing is found", texts[i]);
		}
	}
}

static void a_name_is_found_however_it_is_written(void **state)
{
	(void)state;
	assert_true(
	    wording_names(bytes_str("we of SAFE  Hands, write"), "Safe Hands"));
	assert_false(wording_names(bytes_str("we write"), "Safe Hands"));
	assert_false(wording_names(bytes_str("we write"), ""));
	assert_false(wording_names(bytes_str(""), "Safe"));
}

static bool look(const struct phrase *phrase, void *arg)
{
	(void)arg;
	if (phrase->use == PHRASE_SMS &&
	    wording_fault(list, phrase->text) != NULL) {
		fail_msg("%.*s, %.*s: %s", (int)phrase->id.len, phrase->id.at,
		    (int)phrase->lang.len, phrase->lang.at,
		    wording_fault(list, phrase->text));
	}
	return true;
}

static void the_phrase_book_is_neutral(void **state)
{
	(void)state;
	assert_true(phrases_each(look, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neutral_words_are_fine),
		cmocka_unit_test(what_tells_is_refused),
		cmocka_unit_test(a_name_is_found_however_it_is_written),
		cmocka_unit_test(the_phrase_book_is_neutral),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
