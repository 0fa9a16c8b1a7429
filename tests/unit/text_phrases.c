/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/phrases: every sentence in every language of the form, and those for
 * short messages one part long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sms/units.h"
#include "text/phrases.h"

static const char *const langs[PHRASES_LANGS] = { "en", "km", "th", "vi",
	"zh-Hans", "my", "lo", "ms", "id", "fil", "bn", "ne" };

static size_t number;

/* In the file each sentence stands in every language, in this order. */
static bool look(const struct phrase *phrase, void *arg)
{
	static struct bytes id;
	struct sms_units units;

	(void)arg;
	if (number % PHRASES_LANGS == 0) {
		id = phrase->id;
	}
	assert_true(bytes_equal(phrase->id, id));
	assert_true(bytes_equal(
	    phrase->lang, bytes_str(langs[number % PHRASES_LANGS])));
	assert_true(sms_units(phrase->text, &units));
	assert_true(units.units > 0);
	if (phrase->use == PHRASE_SMS) {
		/* in any alphabet: some phones send all as UCS-2 */
		assert_true(units.units <= 70);
		assert_int_equal(units.parts, 1);
	}
	assert_true(phrases_has(phrase->text, PHRASE_CODE));
	assert_int_equal(
	    phrases_has(phrase->text, PHRASE_SMS), phrase->use == PHRASE_SMS);
	number++;
	return true;
}

static void each_sentence_is_there_in_every_language(void **state)
{
	(void)state;
	number = 0;
	assert_true(phrases_each(look, NULL));
	assert_true(number >= 20 * PHRASES_LANGS);
	assert_int_equal(number % PHRASES_LANGS, 0);
}

/* A stranger who reads a text on the phone learns nothing. */
static bool tells_nothing(const struct phrase *phrase, void *arg)
{
	static const char *const words[] = { "police", "rescue", "traffick",
		"tip", "report", "help", "http", "www", "code" };

	(void)arg;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_true(phrase->use != PHRASE_SMS ||
		    memmem(phrase->text.at, phrase->text.len, words[i],
			strlen(words[i])) == NULL);
	}
	return true;
}

static void short_messages_name_nothing(void **state)
{
	(void)state;
	assert_true(phrases_each(tells_nothing, NULL));
}

static void other_words_are_none_of_the_book(void **state)
{
	(void)state;
	assert_false(phrases_has(bytes_str("Hello."), PHRASE_SMS));
	assert_false(phrases_has(bytes_str(""), PHRASE_CODE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sentence_is_there_in_every_language),
		cmocka_unit_test(short_messages_name_nothing),
		cmocka_unit_test(other_words_are_none_of_the_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
