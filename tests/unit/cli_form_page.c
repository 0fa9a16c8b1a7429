/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/form_page: the pages of web/, as they are sent, read back; and what is
 * filled in is what the intake reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/form_page.h"
#include "server/intake/tip_form.h"
#include "web/page.h"

#define TEXT "8437 2219 0516 7731"

static const char idem[] = "00112233445566778899aabbccddeeff";
static const char sealed[] = "q8Xz1LmW0vRt7YbK3cNf9HsJ5dGp2QaUe6TiOo-_kVxMwB";

static struct page_site site_of_one(void)
{
	struct page_site site = { .urgent_call = "1288",
		.file_max_bytes = 3u * 1024u * 1024u,
		.n_languages = 1 };

	site.languages[0] = web_language_find(bytes_str("km"));
	assert_non_null(site.languages[0]);
	return site;
}

static struct bytes bytes_in(const struct buf *page)
{
	assert_int_equal(buf_err(page), TL_OK);
	return bytes_of(page->data, page->len);
}

static void put_form(struct buf *out)
{
	const struct page_site site = site_of_one();
	const struct page_form form = { .idem = idem };

	buf_init(out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_form(&site, site.languages[0], &form, out), TL_OK);
}

static void put_wait(struct buf *out)
{
	static const struct page_pair pairs[] = {
		{ "k", { (const uint8_t *)idem, sizeof(idem) - 1 } },
		{ "story", { (const uint8_t *)TEXT, sizeof(TEXT) - 1 } },
	};
	const struct page_site site = site_of_one();
	const struct page_wait wait = {
		.path = "a",
		.ticket = sealed,
		.seconds = 47,
		.bits = 13,
		.typed = { .pairs = pairs, .n = 2 },
	};

	buf_init(out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_wait(&site, site.languages[0], &wait, out), TL_OK);
}

static void put_receipt(struct buf *out, const char *code)
{
	const struct page_site site = site_of_one();
	const struct page_receipt receipt = { .code = code, .state = sealed };

	buf_init(out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_receipt(&site, site.languages[0], &receipt, out), TL_OK);
}

static void the_first_page_is_read(void **state)
{
	struct form_page page;
	struct buf html;

	(void)state;
	put_form(&html);
	assert_int_equal(form_page_read(bytes_in(&html), &page), TL_OK);
	assert_true(bytes_equal(page.lang, bytes_str("km")));
	assert_true(bytes_equal(page.action, bytes_str("/km/a")));
	assert_int_equal(page.n_hidden, 1);
	assert_true(bytes_equal(page.hidden[0].name, bytes_str("k")));
	assert_true(bytes_equal(page.hidden[0].value, bytes_str(idem)));
	assert_true(page.asks_story);
	assert_int_equal(page.wait_s, 0);
	assert_int_equal(page.digits, 0);
	buf_free(&html);
}

static void what_is_filled_in_is_what_the_intake_reads(void **state)
{
	static const char type[] = "multipart/form-data; boundary=xYz";
	struct form_page page;
	struct tip_form form;
	struct buf html, body;

	(void)state;
	for (unsigned i = 0; i < 2;
	     i++) { /* at once, and when it is our turn */
		if (i == 0) {
			put_form(&html);
		} else {
			put_wait(&html);
		}
		assert_int_equal(form_page_read(bytes_in(&html), &page), TL_OK);
		buf_init(&body, 4096);
		form_page_fill(&page, "xYz", bytes_str(TEXT), &body);
		assert_int_equal(
		    tip_form_read(bytes_str(type), bytes_in(&body), &form),
		    TL_OK);
		assert_true(form.has_idem);
		assert_true(
		    bytes_equal(form.fields[FORM_STORY], bytes_str(TEXT)));
		assert_true(bytes_equal(
		    form.fields[FORM_TICKET], bytes_str(i == 0 ? "" : sealed)));
		tip_form_free(&form);
		buf_free(&body);
		buf_free(&html);
	}
}

static void a_page_that_has_one_wait_says_how_long(void **state)
{
	struct form_page page;
	struct buf html;

	(void)state;
	put_wait(&html);
	assert_int_equal(form_page_read(bytes_in(&html), &page), TL_OK);
	assert_int_equal(page.wait_s, 47);
	assert_int_equal(page.n_hidden, 4);
	assert_false(page.asks_story);
	buf_free(&html);
}

static void a_receipt_is_known_by_its_code(void **state)
{
	static const char *const codes[] = { "13579246801357924680",
		"1357924680135792468013579" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct form_page page;
		struct buf html;

		put_receipt(&html, codes[i]);
		assert_int_equal(form_page_read(bytes_in(&html), &page), TL_OK);
		assert_int_equal(page.digits, strlen(codes[i]));
		assert_false(page.asks_story);
		buf_free(&html);
	}
}

static void a_page_without_a_form_still_says_its_language(void **state)
{
	const struct page_site site = site_of_one();
	struct form_page page;
	struct buf html;

	(void)state;
	buf_init(&html, PAGE_BYTES_MAX);
	assert_int_equal(page_facts(&site, site.languages[0], &html), TL_OK);
	assert_int_equal(form_page_read(bytes_in(&html), &page), TL_OK);
	assert_int_equal(page.action.len, 0);
	assert_true(bytes_equal(page.lang, bytes_str("km")));
	buf_free(&html);
	assert_int_equal(form_page_read(bytes_str(""), &page), TL_OK);
	assert_int_equal(page.lang.len, 0);
}

static void what_is_none_of_our_pages_is_refused(void **state)
{
	static const char *const pages[] = {
		"<html lang=\"k m\">",
		"<html lang=\"\">",
		"<form method=\"post\" action=\"/km/a\">",
		"<form method=\"get\" action=\"/km/a\"></form>",
		"<form method=\"post\"></form>",
		"<form method=\"post\" action=\"\"></form>",
		"<form method=\"post\" action=\"@x/\"></form>",
		"<form method=\"post\" action=\"/a?b\"></form>",
		"<form method=\"post\" action=\"/a\" data-s=\"x\"></form>",
		"<form method=\"post\" action=\"/a\" data-s=\"3601\"></form>",
		"<form method=\"post\" action=\"/a\""
		" data-s=\"99999999999999999999\"></form>",
		"<form method=\"post\" action=\"/a\">"
		"<input type=\"hidden\" name=\"k\"></form>",
		"<form method=\"post\" action=\"/a\">"
		"<input type=\"hidden\" value=\"k\"></form>",
		"<form method=\"post\" action=\"/a\">"
		"<input type=\"hidden\" name=\"a&#13;b\" value=\"\"></form>",
		"<form method=\"post\" action=\"/a\">"
		"<input type=\"hidden\" name=\"k\" value=\"a&amp;b\"></form>",
	};
	struct form_page page;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		assert_int_equal(
		    form_page_read(bytes_str(pages[i]), &page), TL_EFORMAT);
	}
}

static void a_form_that_hides_too_much_is_refused(void **state)
{
	struct form_page page;
	struct buf html;

	(void)state;
	buf_init(&html, 65536);
	buf_put_str(&html, "<form method=\"post\" action=\"/a\">");
	for (unsigned i = 0; i <= FORM_PAGE_HIDDEN_MAX; i++) {
		buf_put_str(
		    &html, "<input type=\"hidden\" name=\"k\" value=\"\">");
	}
	buf_put_str(&html, "</form>");
	assert_int_equal(form_page_read(bytes_in(&html), &page), TL_ETOOBIG);
	buf_free(&html);
}

/* The bytes alone in memory, so that a step too far is seen. */
static void read_copy(struct bytes html)
{
	uint8_t *copy = malloc(html.len + 1);
	struct form_page page = { .n_hidden = 0 };

	assert_non_null(copy);
	memcpy(copy, html.at, html.len);
	if (form_page_read(bytes_of(copy, html.len), &page) == TL_OK) {
		assert_true(page.n_hidden <= FORM_PAGE_HIDDEN_MAX);
	}
	free(copy);
}

static void every_cut_and_every_flipped_bit_is_a_page_or_a_refusal(void **state)
{
	const uint8_t *begin;
	struct bytes part;
	struct buf html;

	(void)state;
	put_wait(&html);
	begin = memmem(html.data, html.len, "<form", 5);
	assert_non_null(begin);
	part = bytes_of(begin, html.len - (size_t)(begin - html.data));
	part.len = part.len < 2000 ? part.len : 2000;
	for (size_t len = 0; len < part.len; len++) {
		read_copy(bytes_of(part.at, len));
	}
	for (size_t i = 0; i < 8 * part.len; i++) {
		uint8_t *at = &html.data[(size_t)(begin - html.data) + i / 8];

		*at ^= (uint8_t)(1u << i % 8);
		read_copy(part);
		*at ^= (uint8_t)(1u << i % 8);
	}
	buf_free(&html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_page_is_read),
		cmocka_unit_test(what_is_filled_in_is_what_the_intake_reads),
		cmocka_unit_test(a_page_that_has_one_wait_says_how_long),
		cmocka_unit_test(a_receipt_is_known_by_its_code),
		cmocka_unit_test(a_page_without_a_form_still_says_its_language),
		cmocka_unit_test(what_is_none_of_our_pages_is_refused),
		cmocka_unit_test(a_form_that_hides_too_much_is_refused),
		cmocka_unit_test(
		    every_cut_and_every_flipped_bit_is_a_page_or_a_refusal),
	};

	return cmocka_run_group_tests_name("cli_form_page", tests, NULL, NULL);
}
