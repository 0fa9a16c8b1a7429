/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page: the form. Anything that anybody typed comes back as text and as
 * nothing else, and the first page costs no more than it may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/pages.h"
#include "web/catalogue.h"
#include "web/page.h"
#include "web/utf8.h"
#include "web/wire.h"

/* Room for status line and fields in the 14,000 bytes of the first answer. */
#define HEAD_BYTES      1000u
#define FIRST_BYTES_MAX 14000u
/* And without compression. */
#define PLAIN_BYTES_MAX 30000u

static const char marks[] = "<>\"'";

static char *without_references(const char *html)
{
	static const struct {
		const char *reference;
		char c;
	} all[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&#34;", '"' }, { "&#39;", '\'' } };
	char *text = calloc(1, strlen(html) + 1);
	size_t len = 0;

	assert_non_null(text);
	while (*html != '\0') {
		size_t skip = 1;

		text[len] = *html;
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			size_t n = strlen(all[i].reference);

			if (strncmp(html, all[i].reference, n) == 0) {
				text[len] = all[i].c;
				skip = n;
			}
		}
		len++;
		html += skip;
	}
	return text;
}

/* A form with value in every place that takes anybody's words. */
static char *form_with(struct bytes value, const char *site_words)
{
	struct page_site site = pages_site();
	struct page_form form = {
		.idem = pages_idem,
		.now = value,
		.story = value,
		.where_country = value,
		.where_province = value,
		.where_near = value,
		.errors =
		    PAGE_EMPTY | PAGE_STORY_LONG | PAGE_NEAR_LONG | PAGE_UNSENT,
		.proxy_browser = true,
	};

	site.title = site_words;
	site.urgent_call = site_words;
	return pages_form(&site, "en", &form);
}

static void assert_still_text(struct bytes value, const char *site_words)
{
	char *plain = form_with(bytes_str("a"), "a");
	char *page = form_with(value, site_words);
	struct bytes left = bytes_str(page);

	for (const char *mark = marks; *mark != '\0'; mark++) {
		char one[2] = { *mark, '\0' };

		assert_int_equal(
		    pages_times(page, one), pages_times(plain, one));
	}
	while (left.len > 0) {
		uint32_t point;
		bool valid;
		size_t len = utf8_next(left, &point, &valid);

		assert_true(valid);
		assert_true(point >= 0x20 || point == '\n' || point == '\r' ||
		    point == '\t');
		assert_false(point >= 0x7f && point < 0xa0);
		left = bytes_of(left.at + len, left.len - len);
	}
	free(plain);
	free(page);
}

static void no_byte_can_leave_its_place(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t one = (uint8_t)c;
		uint8_t tail[] = { 'a', one, '<', 'b', '"', '\'', '>' };

		assert_still_text(bytes_of(&one, 1), "a");
		assert_still_text(bytes_of(tail, sizeof(tail)), "a");
	}
}

static void no_words_can_become_markup(void **state)
{
	static const char *const words[] = {
		"</textarea><script>x</script>",
		"</title><script>",
		"\"><img src=x>",
		"' onfocus='x",
		"<!--",
		"--><b>",
		"]]>",
		"</form>",
		"&lt;b&gt;",
		"&#60;",
		"{{exit}}",
		"{number}",
		"%3Cb%3E",
		("\xc0\xbc"
		 "b\xc0\xbe"),
		"\xf0\x80\x80\xbc",
		"\xed\xa0\x80<",
		"\xf5<",
		"\xe2\x80\xa8<\xe2\x80\xae",
		"+ADw-b+AD4-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_still_text(bytes_str(words[i]), words[i]);
	}
}

static void a_form_that_returns_has_every_word_in_it(void **state)
{
	static const char story[] = "\n a <b> & \"c\" 'd' &lt; \r\n"
				    "\xe1\x9e\x80\xe2\x80\x8b\xe1\x9e\x81\n";
	struct page_site site = pages_site();
	struct page_form form = {
		.idem = pages_idem,
		.now = bytes_str("2"),
		.story = bytes_str(story),
		.where_country = bytes_str("9"),
		.where_province = bytes_str("25"),
		.where_near = bytes_str("\"x\"&"),
		.errors = PAGE_UNSENT,
	};
	char *page = pages_form(&site, "km", &form);
	char *area = pages_between(page, "<textarea", "</textarea>");
	char *back = without_references(strchr(area, '>') + 1);

	(void)state;
	/* a browser drops the first line feed, the template's own */
	assert_string_equal(back + 1, story);
	assert_int_equal(back[0], '\n');
	assert_non_null(strstr(page, "value=\"&#34;x&#34;&amp;\""));
	assert_non_null(strstr(
	    page, "name=\"now\" value=\"2\" autocomplete=\"off\" checked"));
	assert_non_null(strstr(page,
	    "name=\"where_country\" value=\"9\" autocomplete=\"off\" checked"));
	assert_non_null(strstr(page, "<option value=\"25\" selected>"));
	assert_int_equal(pages_times(page, " checked>"), 2);
	assert_int_equal(pages_times(page, " selected>"), 1);
	free(page);
	free(area);
	free(back);
}

static void an_unknown_answer_chooses_nothing(void **state)
{
	struct page_site site = pages_site();
	struct page_form form = {
		.idem = pages_idem,
		.now = bytes_str("7"),
		.where_country = bytes_str("11"),
		.where_province = bytes_str("1"),
	};
	char *page = pages_form(&site, "en", &form);

	(void)state;
	assert_int_equal(pages_times(page, " checked"), 0);
	assert_int_equal(pages_times(page, " selected"), 0);
	free(page);
}

static void each_error_stands_above_and_beside_its_field(void **state)
{
	static const struct {
		unsigned error;
		const char *link;
		size_t beside;
	} rows[] = {
		{ PAGE_EMPTY, "<a href=\"#story\">", 1 },
		{ PAGE_STORY_LONG, "<a href=\"#story\">", 1 },
		{ PAGE_NEAR_LONG, "<a href=\"#near\">", 1 },
		{ PAGE_UNSENT, "<a href=\"#send\">", 0 },
	};
	struct page_site site = pages_site();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct page_form form = {
			.idem = pages_idem,
			.errors = rows[i].error,
		};
		char *page = pages_form(&site, "en", &form);

		assert_non_null(strstr(page, rows[i].link));
		assert_int_equal(
		    pages_times(page, "aria-invalid=\"true\""), rows[i].beside);
		assert_int_equal(
		    pages_times(page, "<p class=\"e\""), rows[i].beside);
		assert_non_null(strstr(page, "<title>Error: Message</title>"));
		free(page);
	}
}

static void the_names_on_the_wire_are_these(void **state)
{
	static const char *const names[] = { "name=\"" PAGE_FIELD_IDEM "\"",
		"name=\"" PAGE_FIELD_HONEY "\"", "name=\"now\"",
		"name=\"story\"", "name=\"where_country\"",
		"name=\"where_province\"", "name=\"where_near\"",
		"action=\"/km/a\"", "accept-charset=\"utf-8\"" };
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem };
	char *page = pages_form(&site, "km", &form);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_non_null(strstr(page, names[i]));
	}
	assert_int_equal(pages_times(page, pages_idem), 1);
	free(page);
}

static void the_first_page_fits_the_first_round_trip(void **state)
{
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem, .proxy_browser = true };

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *page = pages_form(&site, tag, &form);

		assert_in_range(pages_wire_len(page, WIRE_OPEN, true), 1,
		    FIRST_BYTES_MAX - HEAD_BYTES);
		assert_in_range(strlen(page), 1, PLAIN_BYTES_MAX);
		free(page);
	}
}

static void the_form_says_how_long_a_file_may_be(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *said;
	} rows[] = {
		{ 3u << 20, "Up to 3 MB, about 5 minutes." },
		{ 6u << 20, "Up to 6 MB, about 10 minutes." },
		{ 3u << 19, "Up to 1.50 MB, about 2 minutes." },
		{ 1u << 16, "Up to 0.06 MB, about 1 minutes." },
		{ 1u << 26, "Up to 64 MB, about 106 minutes." },
	};
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *page;

		site.file_max_bytes = rows[i].bytes;
		page = pages_form(&site, "en", &form);
		assert_non_null(strstr(page, rows[i].said));
		free(page);
	}
}

static void a_bad_key_or_code_writes_nothing(void **state)
{
	static const char *const bad_idem[] = { NULL, "", "0",
		"00112233445566778899aabbccddeefg",
		"00112233445566778899aabbccddeeff0",
		"\"0112233445566778899aabbccddeeff" };
	static const char *const bad_code[] = { NULL, "",
		"135792468013579246801357", "13579246801357924680135790",
		"1357924680135792468", "135792468013579246801",
		"1357924680<357924680", "<357924680135792468013579" };
	struct page_site site = pages_site();
	struct buf out;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(bad_idem) / sizeof(*bad_idem); i++) {
		struct page_form form = { .idem = bad_idem[i] };

		assert_int_equal(
		    page_form(&site, pages_language("en"), &form, &out),
		    TL_EINVAL);
	}
	for (size_t i = 0; i < sizeof(bad_code) / sizeof(*bad_code); i++) {
		assert_int_equal(
		    page_receipt(&site, pages_language("en"),
			&(struct page_receipt){
			    .code = bad_code[i], .state = pages_state },
			&out),
		    TL_EINVAL);
	}
	assert_int_equal(out.len, 0);
}

static void a_buffer_too_small_is_an_error_and_never_half_a_page(void **state)
{
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem };
	char *whole = pages_form(&site, "en", &form);
	size_t len = strlen(whole);

	(void)state;
	for (size_t max = 0; max <= len; max += max + 64 < len ? 64 : 1) {
		struct buf out;
		enum tl_err err;

		buf_init(&out, max);
		err = page_form(&site, pages_language("en"), &form, &out);
		assert_int_equal(err, max < len ? TL_ETOOBIG : TL_OK);
		buf_free(&out);
	}
	free(whole);
}

static void lines_of_other_countries_are_folded_beneath_ours(void **state)
{
	struct page_site site = pages_site();
	const struct page_form form = { .idem = pages_idem };
	char *none = pages_form(&site, "en", &form), *page;

	(void)state;
	site.lines[1] = "1300";
	site.lines[5] = "+95 1 \"<2>";
	page = pages_form(&site, "en", &form);
	assert_null(strstr(none, "another country"));
	assert_true(strstr(page, "tel:1288") < strstr(page, "another country"));
	assert_non_null(
	    strstr(page, "<a href=\"tel:1300\">Thailand: 1300</a>"));
	assert_non_null(strstr(
	    page, "<a href=\"tel:+9512\">Myanmar: +95 1 &#34;&lt;2&gt;</a>"));
	free(none);
	free(page);
	for (size_t i = 0; i < PAGE_LINES; i++) {
		site.lines[i] = "+95 00 000 000";
	}
	for (size_t i = 0; i < web_language_count(); i++) {
		page = pages_form(
		    &site, web_language_tag(web_language_at(i)), &form);
		assert_in_range(pages_wire_len(page, WIRE_OPEN, true), 1,
		    FIRST_BYTES_MAX - HEAD_BYTES);
		free(page);
	}
}

static void the_operator_says_title_and_number(void **state)
{
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem };
	char *page;

	(void)state;
	site.title = "Weather & news";
	site.urgent_call = "+855 (0)12-88";
	page = pages_form(&site, "en", &form);
	assert_non_null(strstr(page, "<title>Weather &amp; news</title>"));
	assert_non_null(strstr(page, "<h1>Weather &amp; news</h1>"));
	assert_non_null(strstr(page, "href=\"tel:+85501288\""));
	assert_non_null(strstr(page, "Call +855 (0)12-88."));
	free(page);

	site.title = "";
	site.urgent_call = "";
	page = pages_form(&site, "en", &form);
	assert_non_null(strstr(page, "<title>Message</title>"));
	assert_null(strstr(page, "tel:"));
	free(page);
}

static void a_browser_that_sends_words_elsewhere_is_told(void **state)
{
	struct page_site site = pages_site();
	struct page_form form = { .idem = pages_idem, .proxy_browser = true };
	char *told = pages_form(&site, "en", &form);
	char *not_told;

	(void)state;
	form.proxy_browser = false;
	not_told = pages_form(&site, "en", &form);
	assert_non_null(strstr(told, "through another company"));
	assert_null(strstr(not_told, "through another company"));
	free(told);
	free(not_told);

	assert_true(web_proxy_browser(bytes_str(""), true));
	assert_true(web_proxy_browser(
	    bytes_str("Opera/9.80 (J2ME/MIDP; Opera Mini/8.0)"), false));
	assert_true(web_proxy_browser(bytes_str("UCWEB/2.0 (Java)"), false));
	assert_false(web_proxy_browser(
	    bytes_str("Mozilla/5.0 (Android 9; Mobile) Firefox/115"), false));
	assert_false(web_proxy_browser(bytes_of(NULL, 0), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_can_leave_its_place),
		cmocka_unit_test(no_words_can_become_markup),
		cmocka_unit_test(a_form_that_returns_has_every_word_in_it),
		cmocka_unit_test(an_unknown_answer_chooses_nothing),
		cmocka_unit_test(each_error_stands_above_and_beside_its_field),
		cmocka_unit_test(the_names_on_the_wire_are_these),
		cmocka_unit_test(the_form_says_how_long_a_file_may_be),
		cmocka_unit_test(
		    lines_of_other_countries_are_folded_beneath_ours),
		cmocka_unit_test(the_first_page_fits_the_first_round_trip),
		cmocka_unit_test(a_bad_key_or_code_writes_nothing),
		cmocka_unit_test(
		    a_buffer_too_small_is_an_error_and_never_half_a_page),
		cmocka_unit_test(the_operator_says_title_and_number),
		cmocka_unit_test(a_browser_that_sends_words_elsewhere_is_told),
	};

	return cmocka_run_group_tests_name("web/page_form", tests, NULL, NULL);
}
