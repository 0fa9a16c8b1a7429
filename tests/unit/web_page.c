/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page: what is the same on every page, the receipt and the errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/enc.h"
#include "crypto/digest.h"
#include "tests/lib/pages.h"
#include "web/catalogue.h"
#include "web/page.h"
#include "web/wire.h"

/* The text of one element as a browser would have it: without tags. */
static char *pages_without_tags(const char *html)
{
	char *text = calloc(1, strlen(html) + 1);
	size_t len = 0;
	bool in_tag = false;

	assert_non_null(text);
	for (; *html != '\0'; html++) {
		if (*html == '<' || *html == '>') {
			in_tag = *html == '<';
		} else if (!in_tag) {
			text[len++] = *html;
		}
	}
	return text;
}

static void a_page_asks_for_nothing_else(void **state)
{
	static const char *const never[] = { "<script ", "<img",
		" src=", "http:", "https:", "<link rel=\"style", "@import",
		"url(", " onclick=", " onload=", "style=", "police", "rescue",
		"trafficking" };

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		struct page_site site = pages_site();
		struct page_form form = { .idem = pages_idem };
		char *pages[] = { pages_form(&site, tag, &form),
			pages_receipt(tag, false), pages_error(tag, 404),
			pages_error(tag, 500), pages_neutral(tag) };

		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			char *style =
			    pages_between(pages[p], "<style>", "</style>");

			for (size_t n = 0; n < sizeof(never) / sizeof(*never);
			     n++) {
				assert_null(strcasestr(pages[p], never[n]));
			}
			assert_null(strstr(style, "<"));
			free(style);
			free(pages[p]);
		}
	}
}

static void every_page_says_how_to_leave_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		struct page_site site = pages_site();
		struct page_form form = { .idem = pages_idem };
		char *pages[] = { pages_form(&site, tag, &form),
			pages_receipt(tag, true), pages_error(tag, 405),
			pages_error(tag, 503), pages_neutral(tag) };
		char exit_link[64];

		(void)snprintf(
		    exit_link, sizeof(exit_link), "href=\"/x?l=%s\"", tag);
		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			char *link = strstr(pages[p], "<a ");

			assert_non_null(link);
			assert_ptr_equal(
			    strstr(link, "href="), strstr(link, exit_link));
			assert_int_equal(pages_times(pages[p], exit_link), 2);
			assert_non_null(strstr(pages[p], "noindex"));
			free(pages[p]);
		}
	}
}

static void the_policy_names_the_style_and_the_script_that_are_there(
    void **state)
{
	char *page = pages_error("km", 404);
	char *style = pages_between(page, "<style>", "</style>");
	char *script;
	uint8_t hash[32];
	char expected[64];
	struct buf text;

	(void)state;
	digest_sha256(hash, bytes_str(style));
	buf_init(&text, 64);
	enc_b64(&text, B64_STD, hash, sizeof(hash));
	(void)snprintf(expected, sizeof(expected), "style-src 'sha256-%.*s'",
	    (int)text.len, (const char *)text.data);
	assert_non_null(strstr(web_csp(), expected));
	script = pages_between(page, "<script>", "</script>");
	assert_in_range(strlen(script), 1, 1024);
	digest_sha256(hash, bytes_str(script));
	buf_reset(&text);
	enc_b64(&text, B64_STD, hash, sizeof(hash));
	(void)snprintf(expected, sizeof(expected), "script-src 'sha256-%.*s'",
	    (int)text.len, (const char *)text.data);
	assert_non_null(strstr(web_csp(), expected));
	free(script);
	assert_non_null(strstr(web_csp(), "default-src 'none';"));
	assert_non_null(strstr(web_csp(), "form-action 'self'"));
	assert_non_null(strstr(web_csp(), "frame-ancestors 'none'"));
	assert_non_null(strstr(web_csp(), "base-uri 'none'"));
	buf_free(&text);
	free(style);
	free(page);
}

static void the_receipt_holds_the_digits_and_nothing_between(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		char *page =
		    pages_receipt(web_language_tag(web_language_at(i)), false);
		char *output =
		    pages_between(page, "<output id=\"receipt\">", "</output>");
		char *digits = pages_without_tags(output);
		char *title = pages_between(page, "<title>", "</title>");

		assert_string_equal(digits, pages_code);
		assert_null(strstr(title, "13579"));
		assert_non_null(strstr(page,
		    "<p class=\"k\" translate=\"no\"><output id=\"receipt\">"));
		free(page);
		free(output);
		free(digits);
		free(title);
	}
}

static void khmer_shows_the_code_once_more_in_its_digits(void **state)
{
	char *km = pages_receipt("km", false);
	char *en = pages_receipt("en", false);

	(void)state;
	assert_int_equal(pages_times(km,
			     "<span>\xe1\x9f\xa1\xe1\x9f\xa3\xe1\x9f\xa5"
			     "\xe1\x9f\xa7\xe1\x9f\xa9</span>"),
	    3);
	assert_int_equal(pages_times(km, "<span>"), 10);
	assert_int_equal(pages_times(en, "<span>"), 5);
	free(km);
	free(en);
}

static void a_code_of_20_digits_is_shown_in_groups_of_four(void **state)
{
	struct page_site site = pages_site();
	struct buf out;
	char *page, *output, *digits;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_receipt(&site, pages_language("km"),
		&(struct page_receipt){
		    .code = "31415926535897932385", .state = pages_state },
		&out),
	    TL_OK);
	page = pages_text(&out);
	output = pages_between(page, "<output id=\"receipt\">", "</output>");
	digits = pages_without_tags(output);
	assert_string_equal(digits, "31415926535897932385");
	assert_string_equal(output,
	    "<span>3141</span><span>5926</span><span>5358</span>"
	    "<span>9793</span><span>2385</span>");
	/* the same in Khmer digits, the last group of them */
	assert_non_null(strstr(page,
	    "<span>\xe1\x9f\xa2\xe1\x9f\xa3\xe1\x9f\xa8\xe1\x9f\xa5"
	    "</span>"));
	assert_int_equal(pages_times(page, "<span>"), 10);
	free(page);
	free(output);
	free(digits);
}

static void a_repeat_says_so(void **state)
{
	char *first = pages_receipt("en", false);
	char *again = pages_receipt("en", true);

	(void)state;
	assert_non_null(strstr(first, "<h1>It has arrived.</h1>"));
	assert_non_null(strstr(again, "<h1>It has already arrived.</h1>"));
	free(first);
	free(again);
}

static void pages_of_a_kind_have_one_size(void **state)
{
	static const int status[] = { 400, 403, 404, 405, 408, 411, 413, 414,
		415, 417, 421, 422, 429, 431, 500, 501, 503, 505, 999 };

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));

		for (int gzip = 0; gzip < 2; gzip++) {
			char *first = pages_receipt(tag, false);
			char *again = pages_receipt(tag, true);
			char *neutral = pages_neutral(tag);
			size_t len = wire_bytes(WIRE_MESSAGE, gzip);

			assert_int_equal(
			    pages_wire_len(first, WIRE_RECEIPT, gzip),
			    wire_bytes(WIRE_RECEIPT, gzip));
			assert_int_equal(
			    pages_wire_len(again, WIRE_RECEIPT, gzip),
			    wire_bytes(WIRE_RECEIPT, gzip));
			assert_int_equal(
			    pages_wire_len(neutral, WIRE_MESSAGE, gzip), len);
			free(first);
			free(again);
			free(neutral);
			for (size_t s = 0; s < sizeof(status) / sizeof(*status);
			     s++) {
				char *page = pages_error(tag, status[s]);

				assert_int_equal(
				    pages_wire_len(page, WIRE_MESSAGE, gzip),
				    len);
				free(page);
			}
		}
	}
}

static void not_found_and_wrong_method_are_one_page(void **state)
{
	char *missing = pages_error("en", 404);
	char *wrong = pages_error("en", 405);
	char *other = pages_error("en", 400);

	(void)state;
	assert_string_equal(missing, wrong);
	assert_string_not_equal(missing, other);
	free(missing);
	free(wrong);
	free(other);
}

static void every_language_has_every_text(void **state)
{
	(void)state;
	assert_int_equal(web_languages_n, web_language_count());
	for (size_t l = 0; l < web_languages_n; l++) {
		for (size_t t = 0; t < web_texts_n; t++) {
			assert_non_null(web_languages[l].texts[t]);
			assert_int_not_equal(
			    web_languages[l].texts[t][0], '\0');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_asks_for_nothing_else),
		cmocka_unit_test(every_page_says_how_to_leave_first),
		cmocka_unit_test(
		    the_policy_names_the_style_and_the_script_that_are_there),
		cmocka_unit_test(
		    the_receipt_holds_the_digits_and_nothing_between),
		cmocka_unit_test(
		    a_code_of_20_digits_is_shown_in_groups_of_four),
		cmocka_unit_test(khmer_shows_the_code_once_more_in_its_digits),
		cmocka_unit_test(a_repeat_says_so),
		cmocka_unit_test(pages_of_a_kind_have_one_size),
		cmocka_unit_test(not_found_and_wrong_method_are_one_page),
		cmocka_unit_test(every_language_has_every_text),
	};

	return cmocka_run_group_tests_name("web/page", tests, NULL, NULL);
}
