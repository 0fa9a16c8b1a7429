/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/language: which language a first page is in. Whatever a browser sends,
 * the answer is a language that the operator offers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/catalogue.h"
#include "web/language.h"

/* The pages need not exist in a language for its tag to be picked. */
static const struct web_language km = { .tag = "km" };
static const struct web_language en = { .tag = "en" };
static const struct web_language fil = { .tag = "fil" };
static const struct web_language id = { .tag = "id" };
static const struct web_language zh = { .tag = "zh-Hans" };
static const struct web_language *const offered[] = { &km, &en, &fil, &id,
	&zh };

static const char *pick(const char *field)
{
	return web_language_pick(bytes_str(field), offered,
	    sizeof(offered) / sizeof(offered[0]), &km)
	    ->tag;
}

static void the_best_offered_language_is_picked(void **state)
{
	static const struct {
		const char *field;
		const char *tag;
	} rows[] = {
		{ "en", "en" },
		{ "EN-us", "en" },
		{ "km-KH,km;q=0.9,en-US;q=0.8,en;q=0.7", "km" },
		{ "en-US,en;q=0.9,km;q=0.8", "en" },
		{ "km;q=0.5, en;q=0.6", "en" },
		{ "km;q=0.55, en;q=0.6", "en" },
		{ "km;q=0.599, en;q=0.6", "en" },
		{ "en ; q=0.2 , fil\t;\tq=0.3", "fil" },
		{ "de,fr;q=0.9,en;q=0.1", "en" },
		{ "en;q=0", "km" },
		{ "en;q=0.000", "km" },
		{ "en;q=1.000, fil", "en" },
		{ "fil, en", "fil" },
		{ "de", "km" },
		{ "*", "km" },
		{ "*, en;q=0.1", "en" },
		{ "e", "km" },
		{ "english", "km" },
		{ ",,en,,", "en" },
		{ "", "km" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(pick(rows[i].field), rows[i].tag);
	}
}

static void old_and_wide_tags_are_understood(void **state)
{
	(void)state;
	assert_string_equal(pick("tl"), "fil");
	assert_string_equal(pick("tl-PH"), "fil");
	assert_string_equal(pick("in"), "id");
	assert_string_equal(pick("in-ID"), "id");
	assert_string_equal(pick("zh"), "zh-Hans");
	assert_string_equal(pick("zh-CN"), "zh-Hans");
	assert_string_equal(pick("zh-SG"), "zh-Hans");
	assert_string_equal(pick("zh-Hans-CN"), "zh-Hans");
	assert_string_equal(pick("zh-TW"), "zh-Hans");
}

static void a_broken_weight_does_not_lose_the_language(void **state)
{
	(void)state;
	assert_string_equal(pick("en;q=x"), "en");
	assert_string_equal(pick("en;q="), "en");
	assert_string_equal(pick("en;q"), "en");
	assert_string_equal(pick("en;level=1"), "en");
	assert_string_equal(pick("en;q=0,5"), "km");
	assert_string_equal(pick("en;q=0.5555555555, fil;q=0.6"), "fil");
}

static void a_language_that_is_not_offered_is_not_picked(void **state)
{
	const struct web_language *const only[] = { &km };

	(void)state;
	assert_ptr_equal(web_language_pick(bytes_str("en"), only, 1, &km), &km);
	assert_ptr_equal(
	    web_language_pick(bytes_str("en"), NULL, 0, &fil), &fil);
}

static void what_is_too_long_is_cut_not_refused(void **state)
{
	char field[4096] = "";

	(void)state;
	memset(field, ',', sizeof(field) - 1);
	assert_string_equal(pick(field), "km");
	memcpy(field, "en", 2);
	assert_string_equal(pick(field), "en");
	memset(field, ',', 2);
	memcpy(field + WEB_ACCEPT_BYTES_MAX, "en", 2);
	assert_string_equal(pick(field), "km");
}

static void every_cut_gives_an_offered_language(void **state)
{
	static const char field[] = "tl-PH;q=0.91,zh-Hans-CN;q=0.8,*;q=0";

	(void)state;
	for (size_t len = 0; len < sizeof(field); len++) {
		/* an exact heap copy, so that ASan sees one byte too many */
		uint8_t *cut = malloc(len > 0 ? len : 1);
		const char *tag;

		assert_non_null(cut);
		memcpy(cut, field, len);
		tag = web_language_pick(bytes_of(cut, len), offered,
		    sizeof(offered) / sizeof(offered[0]), &km)
			  ->tag;
		/* a weight that was cut off counts as full */
		assert_true(strcmp(tag, "fil") == 0 || strcmp(tag, "km") == 0 ||
		    strcmp(tag, "zh-Hans") == 0);
		free(cut);
	}
}

static void a_path_finds_its_language_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const struct web_language *each = web_language_at(i);

		assert_ptr_equal(
		    web_language_find(bytes_str(web_language_tag(each))), each);
	}
	assert_null(web_language_at(web_language_count()));
	assert_non_null(web_language_find(bytes_str("km")));
	assert_ptr_equal(web_language_find(bytes_str("KM")),
	    web_language_find(bytes_str("km")));
	assert_null(web_language_find(bytes_str("k")));
	assert_null(web_language_find(bytes_str("km-KH")));
	assert_null(web_language_find(bytes_str("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_offered_language_is_picked),
		cmocka_unit_test(old_and_wide_tags_are_understood),
		cmocka_unit_test(a_broken_weight_does_not_lose_the_language),
		cmocka_unit_test(a_language_that_is_not_offered_is_not_picked),
		cmocka_unit_test(what_is_too_long_is_cut_not_refused),
		cmocka_unit_test(every_cut_gives_an_offered_language),
		cmocka_unit_test(a_path_finds_its_language_exactly),
	};

	return cmocka_run_group_tests_name("web/language", tests, NULL, NULL);
}
