/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page: what a reporter sees. Anything that anybody typed comes back as
 * text and as nothing else, and a page costs no more than it may.
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
#include "web/catalogue.h"
#include "web/page.h"
#include "web/utf8.h"
#include "web/wire.h"

/* Room for status line and fields in the 14,000 bytes of the first answer. */
#define HEAD_BYTES      1000u
#define FIRST_BYTES_MAX 14000u
/* And without compression. */
#define PLAIN_BYTES_MAX 30000u
/* Every other page, with its head. */
#define PAGE_WIRE_MAX 8192u

static const char idem[] = "00112233445566778899aabbccddeeff";
static const char code[] = "1357924680135792468013579";
/* as long as a real one, and as hard to compress */
static const char sealed[] =
    "q8Xz1LmW0vRt7YbK3cNf9HsJ5dGp2QaUe6TiOoZkVxMwBnCrEySgDhFjAlPu4I-"
    "_8fKz2LqW1vRs7YnK4cMf0HtJ6dGo3QbUx5TjOeZiVaMyBpCuEwSrDgFhAlPk9N";
static const char marks[] = "<>\"'";

static struct page_site site_of_all(void)
{
	struct page_site site = { .urgent_call = "1288",
		.file_max_bytes = 3u * 1024u * 1024u };

	site.n_languages = web_language_count();
	for (size_t i = 0; i < site.n_languages; i++) {
		site.languages[i] = web_language_at(i);
	}
	return site;
}

static const struct web_language *language(const char *tag)
{
	const struct web_language *found = web_language_find(bytes_str(tag));

	assert_non_null(found);
	return found;
}

/* The page as a string; the caller frees it. */
static char *text_of(struct buf *out)
{
	char *text;

	buf_put_u8(out, 0);
	assert_int_equal(buf_err(out), TL_OK);
	text = strdup((const char *)out->data);
	assert_non_null(text);
	/* no byte 0 within */
	assert_int_equal(strlen(text), out->len - 1);
	buf_free(out);
	return text;
}

static size_t wire_len(const char *text, enum wire_kind kind, bool gzip)
{
	struct buf page, out;
	bool is_gzip;
	size_t len;

	buf_init(&page, PAGE_BYTES_MAX);
	buf_init(&out, PAGE_BYTES_MAX);
	buf_put_str(&page, text);
	assert_int_equal(wire_page(&page, kind, gzip, &out, &is_gzip), TL_OK);
	assert_true(is_gzip == gzip);
	len = out.len;
	buf_free(&page);
	buf_free(&out);
	return len;
}

static char *form_text(
    const struct page_site *site, const char *tag, const struct page_form *form)
{
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_form(site, language(tag), form, &out), TL_OK);
	return text_of(&out);
}

static char *receipt_text(const char *tag, bool again)
{
	struct page_site site = site_of_all();
	struct page_receipt receipt = {
		.code = code, .state = sealed, .again = again
	};
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_receipt(&site, language(tag), &receipt, &out), TL_OK);
	return text_of(&out);
}

static char *error_text(const char *tag, int status)
{
	struct page_site site = site_of_all();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_error(&site, language(tag), status, &out), TL_OK);
	return text_of(&out);
}

static char *neutral_text(const char *tag)
{
	struct page_site site = site_of_all();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_neutral(&site, language(tag), &out), TL_OK);
	return text_of(&out);
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text != NULL;
	     text = strstr(text + 1, part)) {
		n++;
	}
	return n;
}

/* What stands between open and close; the caller frees it. */
static char *between(const char *text, const char *open, const char *close)
{
	const char *begin = strstr(text, open);
	const char *end;

	assert_non_null(begin);
	begin += strlen(open);
	end = strstr(begin, close);
	assert_non_null(end);
	return strndup(begin, (size_t)(end - begin));
}

/* The text of one element as a browser would have it: without tags. */
static char *without_tags(const char *html)
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
	struct page_site site = site_of_all();
	struct page_form form = {
		.idem = idem,
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
	return form_text(&site, "en", &form);
}

static void assert_still_text(struct bytes value, const char *site_words)
{
	char *plain = form_with(bytes_str("a"), "a");
	char *page = form_with(value, site_words);
	struct bytes left = bytes_str(page);

	for (const char *mark = marks; *mark != '\0'; mark++) {
		char one[2] = { *mark, '\0' };

		assert_int_equal(times(page, one), times(plain, one));
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
	struct page_site site = site_of_all();
	struct page_form form = {
		.idem = idem,
		.now = bytes_str("2"),
		.story = bytes_str(story),
		.where_country = bytes_str("9"),
		.where_province = bytes_str("25"),
		.where_near = bytes_str("\"x\"&"),
		.errors = PAGE_UNSENT,
	};
	char *page = form_text(&site, "km", &form);
	char *area = between(page, "<textarea", "</textarea>");
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
	assert_int_equal(times(page, " checked>"), 2);
	assert_int_equal(times(page, " selected>"), 1);
	free(page);
	free(area);
	free(back);
}

static void an_unknown_answer_chooses_nothing(void **state)
{
	struct page_site site = site_of_all();
	struct page_form form = {
		.idem = idem,
		.now = bytes_str("7"),
		.where_country = bytes_str("11"),
		.where_province = bytes_str("1"),
	};
	char *page = form_text(&site, "en", &form);

	(void)state;
	assert_int_equal(times(page, " checked"), 0);
	assert_int_equal(times(page, " selected"), 0);
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
	struct page_site site = site_of_all();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct page_form form = {
			.idem = idem,
			.errors = rows[i].error,
		};
		char *page = form_text(&site, "en", &form);

		assert_non_null(strstr(page, rows[i].link));
		assert_int_equal(
		    times(page, "aria-invalid=\"true\""), rows[i].beside);
		assert_int_equal(times(page, "<p class=\"e\""), rows[i].beside);
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
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem };
	char *page = form_text(&site, "km", &form);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_non_null(strstr(page, names[i]));
	}
	assert_int_equal(times(page, idem), 1);
	free(page);
}

static void the_first_page_fits_the_first_round_trip(void **state)
{
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem, .proxy_browser = true };

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *page = form_text(&site, tag, &form);

		assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
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
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *page;

		site.file_max_bytes = rows[i].bytes;
		page = form_text(&site, "en", &form);
		assert_non_null(strstr(page, rows[i].said));
		free(page);
	}
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
		struct page_site site = site_of_all();
		struct page_form form = { .idem = idem };
		char *pages[] = { form_text(&site, tag, &form),
			receipt_text(tag, false), error_text(tag, 404),
			error_text(tag, 500), neutral_text(tag) };

		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			char *style = between(pages[p], "<style>", "</style>");

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
		struct page_site site = site_of_all();
		struct page_form form = { .idem = idem };
		char *pages[] = { form_text(&site, tag, &form),
			receipt_text(tag, true), error_text(tag, 405),
			error_text(tag, 503), neutral_text(tag) };
		char exit_link[64];

		(void)snprintf(
		    exit_link, sizeof(exit_link), "href=\"/x?l=%s\"", tag);
		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			char *link = strstr(pages[p], "<a ");

			assert_non_null(link);
			assert_ptr_equal(
			    strstr(link, "href="), strstr(link, exit_link));
			assert_int_equal(times(pages[p], exit_link), 2);
			assert_non_null(strstr(pages[p], "noindex"));
			free(pages[p]);
		}
	}
}

static void the_policy_names_the_style_and_the_script_that_are_there(
    void **state)
{
	char *page = error_text("km", 404);
	char *style = between(page, "<style>", "</style>");
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
	script = between(page, "<script>", "</script>");
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
		    receipt_text(web_language_tag(web_language_at(i)), false);
		char *output =
		    between(page, "<output id=\"receipt\">", "</output>");
		char *digits = without_tags(output);
		char *title = between(page, "<title>", "</title>");

		assert_string_equal(digits, code);
		assert_null(strstr(title, "13579"));
		free(page);
		free(output);
		free(digits);
		free(title);
	}
}

static void khmer_shows_the_code_once_more_in_its_digits(void **state)
{
	char *km = receipt_text("km", false);
	char *en = receipt_text("en", false);

	(void)state;
	assert_int_equal(times(km,
			     "<span>\xe1\x9f\xa1\xe1\x9f\xa3\xe1\x9f\xa5"
			     "\xe1\x9f\xa7\xe1\x9f\xa9</span>"),
	    3);
	assert_int_equal(times(km, "<span>"), 10);
	assert_int_equal(times(en, "<span>"), 5);
	free(km);
	free(en);
}

static void a_code_of_20_digits_is_shown_in_groups_of_four(void **state)
{
	struct page_site site = site_of_all();
	struct buf out;
	char *page, *output, *digits;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_receipt(&site, language("km"),
		&(struct page_receipt){
		    .code = "31415926535897932385", .state = sealed },
		&out),
	    TL_OK);
	page = text_of(&out);
	output = between(page, "<output id=\"receipt\">", "</output>");
	digits = without_tags(output);
	assert_string_equal(digits, "31415926535897932385");
	assert_string_equal(output,
	    "<span>3141</span><span>5926</span><span>5358</span>"
	    "<span>9793</span><span>2385</span>");
	/* the same in Khmer digits, the last group of them */
	assert_non_null(strstr(page,
	    "<span>\xe1\x9f\xa2\xe1\x9f\xa3\xe1\x9f\xa8\xe1\x9f\xa5"
	    "</span>"));
	assert_int_equal(times(page, "<span>"), 10);
	free(page);
	free(output);
	free(digits);
}

static void a_repeat_says_so(void **state)
{
	char *first = receipt_text("en", false);
	char *again = receipt_text("en", true);

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
			char *first = receipt_text(tag, false);
			char *again = receipt_text(tag, true);
			char *neutral = neutral_text(tag);
			size_t len = wire_bytes(WIRE_MESSAGE, gzip);

			assert_int_equal(wire_len(first, WIRE_RECEIPT, gzip),
			    wire_bytes(WIRE_RECEIPT, gzip));
			assert_int_equal(wire_len(again, WIRE_RECEIPT, gzip),
			    wire_bytes(WIRE_RECEIPT, gzip));
			assert_int_equal(
			    wire_len(neutral, WIRE_MESSAGE, gzip), len);
			free(first);
			free(again);
			free(neutral);
			for (size_t s = 0; s < sizeof(status) / sizeof(*status);
			     s++) {
				char *page = error_text(tag, status[s]);

				assert_int_equal(
				    wire_len(page, WIRE_MESSAGE, gzip), len);
				free(page);
			}
		}
	}
}

static void not_found_and_wrong_method_are_one_page(void **state)
{
	char *missing = error_text("en", 404);
	char *wrong = error_text("en", 405);
	char *other = error_text("en", 400);

	(void)state;
	assert_string_equal(missing, wrong);
	assert_string_not_equal(missing, other);
	free(missing);
	free(wrong);
	free(other);
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
	struct page_site site = site_of_all();
	struct buf out;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(bad_idem) / sizeof(*bad_idem); i++) {
		struct page_form form = { .idem = bad_idem[i] };

		assert_int_equal(
		    page_form(&site, language("en"), &form, &out), TL_EINVAL);
	}
	for (size_t i = 0; i < sizeof(bad_code) / sizeof(*bad_code); i++) {
		assert_int_equal(page_receipt(&site, language("en"),
				     &(struct page_receipt){
					 .code = bad_code[i], .state = sealed },
				     &out),
		    TL_EINVAL);
	}
	assert_int_equal(out.len, 0);
}

static void a_buffer_too_small_is_an_error_and_never_half_a_page(void **state)
{
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem };
	char *whole = form_text(&site, "en", &form);
	size_t len = strlen(whole);

	(void)state;
	for (size_t max = 0; max <= len; max += max + 64 < len ? 64 : 1) {
		struct buf out;
		enum tl_err err;

		buf_init(&out, max);
		err = page_form(&site, language("en"), &form, &out);
		assert_int_equal(err, max < len ? TL_ETOOBIG : TL_OK);
		buf_free(&out);
	}
	free(whole);
}

/* A group of questions with typed in every place that takes words. */
static char *more_text(
    const char *tag, unsigned step, bool about_me, struct bytes typed)
{
	static const char *const names[] = { "who", "ind", "how_app", "perp",
		"contact_number", "contact_when", "contact_cover",
		"contact_safeword", "contact_watched", "official_note" };
	struct page_pair pairs[sizeof(names) / sizeof(names[0])];
	struct page_site site = site_of_all();
	struct page_more more = {
		.step = step,
		.about_me = about_me,
		.state = sealed,
		.errors = typed.len > 0 ? PAGE_FIELD_LONG | PAGE_UNSENT : 0,
		.typed = { pairs, typed.len > 0 ? 10 : 0 },
	};
	struct buf out;

	for (size_t i = 0; i < 10; i++) {
		pairs[i] = (struct page_pair){ names[i], typed };
	}
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_more(&site, language(tag), &more, &out), TL_OK);
	return text_of(&out);
}

static void what_the_operator_leaves_out_is_not_asked(void **state)
{
	static const char *const names[PAGE_QUESTIONS] = { "who", "count",
		"minor", "ind", "work", "how", "perp", "share", "contact",
		"lang", "official" };
	static const unsigned step_of[PAGE_QUESTIONS] = { 1, 1, 1, 2, 2, 2, 2,
		3, 3, 3, 3 };
	struct page_site site = site_of_all();
	char field[32];

	(void)state;
	for (unsigned left_out = 0; left_out < PAGE_QUESTIONS; left_out++) {
		assert_int_equal(page_question_find(names[left_out]), left_out);
		site.unasked = 1u << left_out;
		for (unsigned i = 0; i < PAGE_QUESTIONS; i++) {
			struct page_more more = { .step = step_of[i],
				.state = sealed };
			struct buf out;
			char *page;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(
			    page_more(&site, language("km"), &more, &out),
			    TL_OK);
			page = text_of(&out);
			(void)snprintf(
			    field, sizeof(field), " name=\"%s", names[i]);
			assert_int_equal(
			    strstr(page, field) == NULL, i == left_out);
			assert_int_equal(times(page, "<fieldset>"),
			    times(page, "</fieldset>"));
			free(page);
		}
	}
	assert_int_equal(page_question_find("story"), PAGE_QUESTIONS);
}

static void a_group_of_which_nothing_is_asked_has_no_page(void **state)
{
	const unsigned first = 0x7, second = 0x78, third = 0x780;
	struct page_site site = { .unasked = first };
	struct page_more more = { .step = 2, .state = sealed };
	struct buf out;
	char *page;

	(void)state;
	assert_int_equal(page_step_next(&site, 1, false), 2);
	assert_int_equal(page_step_next(&site, 1, true), 0);
	assert_int_equal(page_step_next(&site, 0, true), 0);
	site.unasked = second;
	assert_int_equal(page_step_next(&site, 2, false), 3);
	assert_int_equal(page_step_next(&site, 2, true), 1);
	site.unasked = third | second;
	assert_int_equal(page_step_next(&site, 2, false), 0);
	assert_int_equal(page_step_next(&site, 4, false), 0);
	/* and nothing leads back to where nothing is */
	site.unasked = first;
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_more(&site, language("en"), &more, &out), TL_OK);
	page = text_of(&out);
	assert_null(strstr(page, "value=\"back\""));
	free(page);
}

static void all_spoken(struct page_site *site)
{
	for (size_t l = 0; l < PAGE_LANGUAGES_MAX; l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			site->spoken_kib[l][q] = (uint16_t)(51 + q);
		}
	}
}

static void a_question_that_was_read_aloud_has_a_link_to_it(void **state)
{
	const struct page_form form = { .idem = idem };
	struct page_site site = site_of_all();
	char link[64];
	char *page;

	(void)state;
	for (size_t i = 0; i < site.n_languages; i++) {
		if (site.languages[i] == language("en")) {
			site.spoken_kib[i][1] = 33;
		}
	}
	page = form_text(&site, "km", &form);
	assert_null(strstr(page, "/v/"));
	free(page);
	page = form_text(&site, "en", &form);
	assert_non_null(
	    strstr(page, "href=\"/en/v/2\">Listen, 33 KB</a> Sound on."));
	assert_int_equal(times(page, "/v/"), 1);
	free(page);
	all_spoken(&site);
	for (size_t q = 0; q < PAGE_SPOKEN; q++) {
		const char *name = page_spoken_name(q);
		bool first = q < 2 || strcmp(name, "where") == 0;
		struct page_more more = { .state = sealed };
		struct buf out;

		for (more.step = first ? 0 : 1; more.step <= PAGE_STEPS;
		     more.step += first ? PAGE_STEPS + 1 : 1) {
			bool has;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(more.step == 0
				? page_form(&site, language("my"), &form, &out)
				: page_more(&site, language("my"), &more, &out),
			    TL_OK);
			page = text_of(&out);
			(void)snprintf(link, sizeof(link), " name=\"%s", name);
			has = strstr(page, link) != NULL;
			(void)snprintf(
			    link, sizeof(link), "/my/v/%zu\">", q + 1);
			assert_int_equal(times(page, link), has ? 1 : 0);
			free(page);
		}
	}
}

static void links_to_all_recordings_keep_the_pages_light(void **state)
{
	const struct page_form form = { .idem = idem };
	struct page_site site = site_of_all();

	(void)state;
	all_spoken(&site);
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *page = form_text(&site, tag, &form);

		assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
		    FIRST_BYTES_MAX - HEAD_BYTES);
		assert_in_range(strlen(page), 1, PLAIN_BYTES_MAX);
		free(page);
		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			struct page_more more = { .step = step,
				.state = sealed };
			struct buf out;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(
			    page_more(&site, language(tag), &more, &out),
			    TL_OK);
			page = text_of(&out);
			assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
			    PAGE_WIRE_MAX - HEAD_BYTES);
			free(page);
		}
	}
}

static void lines_of_other_countries_are_folded_beneath_ours(void **state)
{
	struct page_site site = site_of_all();
	const struct page_form form = { .idem = idem };
	char *none = form_text(&site, "en", &form), *page;

	(void)state;
	site.lines[1] = "1300";
	site.lines[5] = "+95 1 \"<2>";
	page = form_text(&site, "en", &form);
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
		page = form_text(
		    &site, web_language_tag(web_language_at(i)), &form);
		assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
		    FIRST_BYTES_MAX - HEAD_BYTES);
		free(page);
	}
}

static char *box_text(const char *tag, unsigned status, struct bytes words)
{
	struct page_site site = site_of_all();
	struct page_mail mails[3] = { { words, 0 }, { words, 1 },
		{ words, 12 } };
	struct page_box box = {
		.state = sealed,
		.status = status,
		.mails = mails,
		.n_mails = words.len > 0 ? 3 : 0,
	};
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_box(&site, language(tag), &box, &out), TL_OK);
	return text_of(&out);
}

static void words_stay_words_in_the_later_pages_too(void **state)
{
	static const char *const words[] = { "</textarea><script>x</script>",
		"\"><img src=x>", "' onfocus='x", "-->", "a\xc0\xbc<" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			char *plain =
			    more_text("km", step, false, bytes_str("a"));
			char *page =
			    more_text("km", step, false, bytes_str(words[i]));

			assert_int_equal(times(page, "<"), times(plain, "<"));
			assert_int_equal(times(page, "\""), times(plain, "\""));
			free(plain);
			free(page);
		}
		for (unsigned status = 0; status <= PAGE_STATUSES; status++) {
			char *plain = box_text("km", status, bytes_str("a"));
			char *page =
			    box_text("km", status, bytes_str(words[i]));

			assert_int_equal(times(page, "<"), times(plain, "<"));
			assert_int_equal(times(page, "\""), times(plain, "\""));
			free(plain);
			free(page);
		}
	}
}

static void a_group_asks_about_them_or_about_you(void **state)
{
	char *they = more_text("en", 2, false, bytes_of(NULL, 0));
	char *you = more_text("en", 2, true, bytes_of(NULL, 0));
	char *their_last = more_text("en", 3, false, bytes_of(NULL, 0));
	char *your_last = more_text("en", 3, true, bytes_of(NULL, 0));

	(void)state;
	assert_non_null(strstr(they, "They are hit"));
	assert_null(strstr(they, "You are hit"));
	assert_non_null(strstr(you, "You are hit"));
	assert_null(strstr(you, "They are hit"));
	assert_int_equal(times(their_last, "name=\"share_knows\""), 2);
	assert_int_equal(times(your_last, "name=\"share_knows\""), 0);
	free(they);
	free(you);
	free(their_last);
	free(your_last);
}

static void what_was_chosen_is_chosen_again(void **state)
{
	char *page = more_text("en", 2, false, bytes_str("16"));

	(void)state;
	assert_int_equal(times(page, " checked>"), 1);
	assert_non_null(strstr(
	    page, "name=\"ind\" value=\"16\" autocomplete=\"off\" checked>"));
	free(page);
}

static void the_age_of_a_message_is_told_in_words(void **state)
{
	char *en = box_text("en", 3, bytes_str("a"));
	char *km = box_text("km", 3, bytes_str("a"));

	(void)state;
	assert_non_null(strstr(en, ">today<"));
	assert_non_null(strstr(en, ">1 day ago<"));
	assert_non_null(strstr(en, ">12 days ago<"));
	assert_non_null(strstr(en, "<h1>We have a question for you.</h1>"));
	/* by CLDR, numbers within Khmer sentences are ASCII */
	assert_non_null(strstr(km, ">12 "));
	free(en);
	free(km);
}

static void later_pages_are_no_heavier_than_they_may(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *full = box_text(tag, 5, bytes_str("some words for you"));
		char *none = box_text(tag, 0, bytes_of(NULL, 0));

		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			char *page =
			    more_text(tag, step, false, bytes_of(NULL, 0));

			assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
			    PAGE_WIRE_MAX - HEAD_BYTES);
			free(page);
		}
		for (int gzip = 0; gzip < 2; gzip++) {
			assert_int_equal(wire_len(full, WIRE_RETURN, gzip),
			    wire_bytes(WIRE_RETURN, gzip));
			assert_int_equal(wire_len(none, WIRE_RETURN, gzip),
			    wire_bytes(WIRE_RETURN, gzip));
		}
		free(full);
		free(none);
	}
}

static char *entry_text(const char *tag, enum page_return_problem problem)
{
	struct page_site site = site_of_all();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_return(&site, language(tag), problem, &out), TL_OK);
	return text_of(&out);
}

/* A code has been tried too often: it waits in the page. */
static char *tries_text(const char *tag)
{
	struct page_site site = site_of_all();
	struct page_pair pair = { "code", bytes_str(code) };
	struct page_wait wait = { .path = "c",
		.ticket = sealed,
		.seconds = 900,
		.bits = 18,
		.tries = true,
		.typed = { &pair, 1 } };
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_wait(&site, language(tag), &wait, &out), TL_OK);
	return text_of(&out);
}

/* Whatever was entered, and whatever lies there. */
static void all_answers_to_a_code_have_one_size(void **state)
{
	static const char letter[] =
	    "We have read what you wrote, and we believe you. Is the gate"
	    " on the side of the river still open at night? Do not go there"
	    " yourself. Write again when you can, a few words are enough.";

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *pages[] = {
			box_text(tag, 0, bytes_of(NULL, 0)),
			box_text(tag, 1, bytes_of(NULL, 0)),
			box_text(tag, 3, bytes_str(letter)),
			entry_text(tag, PAGE_RETURN_CHECK),
			entry_text(tag, PAGE_RETURN_BUSY),
			tries_text(tag),
			entry_text(tag, PAGE_RETURN_FINE),
		};

		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			for (int gzip = 0; gzip < 2; gzip++) {
				assert_int_equal(
				    wire_len(pages[p], WIRE_RETURN, gzip),
				    wire_bytes(WIRE_RETURN, gzip));
			}
			free(pages[p]);
		}
	}
}

static void photos_stand_behind_their_warning(void **state)
{
	struct page_site site = site_of_all();

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const struct web_language *each = web_language_at(i);
		struct page_files files = { .state = sealed,
			.idem = idem,
			.stored = true,
			.big = true,
			.kind = true,
			.unsent = true };
		struct buf out;
		char *page;

		buf_init(&out, PAGE_BYTES_MAX);
		assert_int_equal(page_files(&site, each, &files, &out), TL_OK);
		page = text_of(&out);
		assert_true(strstr(page, "<div class=\"n\">") <
		    strstr(page, "type=\"file\""));
		/* the files come last, so that nothing is lost with them */
		assert_true(strstr(page, "name=\"as_is\"") <
		    strstr(page, "type=\"file\""));
		assert_true(
		    strstr(page, "name=\"k\"") < strstr(page, "type=\"file\""));
		assert_in_range(wire_len(page, WIRE_OPEN, true), 1,
		    PAGE_WIRE_MAX - HEAD_BYTES);
		free(page);
		assert_int_equal(
		    page_done(&site, each, PAGE_DONE_LAST, sealed, &out),
		    TL_OK);
		page = text_of(&out);
		for (int gzip = 0; gzip < 2; gzip++) {
			assert_int_equal(wire_len(page, WIRE_MESSAGE, gzip),
			    wire_bytes(WIRE_MESSAGE, gzip));
		}
		free(page);
	}
}

static void a_page_without_a_state_is_not_made(void **state)
{
	static const char *const bad[] = { NULL, "", "a b", "<", "\"" };
	struct page_site site = site_of_all();
	struct buf out;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct page_more more = { .step = 1, .state = bad[i] };
		struct page_box box = { .state = bad[i] };
		struct page_files files = { .state = bad[i], .idem = idem };
		struct page_files keyless = { .state = sealed, .idem = bad[i] };

		assert_int_equal(
		    page_files(&site, language("en"), &files, &out), TL_EINVAL);
		assert_int_equal(
		    page_files(&site, language("en"), &keyless, &out),
		    TL_EINVAL);
		assert_int_equal(page_done(&site, language("en"),
				     PAGE_DONE_LAST, bad[i], &out),
		    TL_EINVAL);

		assert_int_equal(
		    page_more(&site, language("en"), &more, &out), TL_EINVAL);
		assert_int_equal(
		    page_box(&site, language("en"), &box, &out), TL_EINVAL);
		assert_int_equal(
		    page_receipt(&site, language("en"),
			&(struct page_receipt){ .code = code, .state = bad[i] },
			&out),
		    TL_EINVAL);
	}
	for (unsigned step = 0; step < 9; step += 4) {
		struct page_more more = { .step = step, .state = sealed };

		assert_int_equal(
		    page_more(&site, language("en"), &more, &out), TL_EINVAL);
	}
	assert_int_equal(out.len, 0);
}

static void the_operator_says_title_and_number(void **state)
{
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem };
	char *page;

	(void)state;
	site.title = "Weather & news";
	site.urgent_call = "+855 (0)12-88";
	page = form_text(&site, "en", &form);
	assert_non_null(strstr(page, "<title>Weather &amp; news</title>"));
	assert_non_null(strstr(page, "<h1>Weather &amp; news</h1>"));
	assert_non_null(strstr(page, "href=\"tel:+85501288\""));
	assert_non_null(strstr(page, "Call +855 (0)12-88."));
	free(page);

	site.title = "";
	site.urgent_call = "";
	page = form_text(&site, "en", &form);
	assert_non_null(strstr(page, "<title>Message</title>"));
	assert_null(strstr(page, "tel:"));
	free(page);
}

static void a_browser_that_sends_words_elsewhere_is_told(void **state)
{
	struct page_site site = site_of_all();
	struct page_form form = { .idem = idem, .proxy_browser = true };
	char *told = form_text(&site, "en", &form);
	char *not_told;

	(void)state;
	form.proxy_browser = false;
	not_told = form_text(&site, "en", &form);
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
		cmocka_unit_test(no_byte_can_leave_its_place),
		cmocka_unit_test(no_words_can_become_markup),
		cmocka_unit_test(a_form_that_returns_has_every_word_in_it),
		cmocka_unit_test(an_unknown_answer_chooses_nothing),
		cmocka_unit_test(each_error_stands_above_and_beside_its_field),
		cmocka_unit_test(the_names_on_the_wire_are_these),
		cmocka_unit_test(the_form_says_how_long_a_file_may_be),
		cmocka_unit_test(
		    a_question_that_was_read_aloud_has_a_link_to_it),
		cmocka_unit_test(links_to_all_recordings_keep_the_pages_light),
		cmocka_unit_test(what_the_operator_leaves_out_is_not_asked),
		cmocka_unit_test(a_group_of_which_nothing_is_asked_has_no_page),
		cmocka_unit_test(
		    lines_of_other_countries_are_folded_beneath_ours),
		cmocka_unit_test(all_answers_to_a_code_have_one_size),
		cmocka_unit_test(photos_stand_behind_their_warning),
		cmocka_unit_test(the_first_page_fits_the_first_round_trip),
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
		cmocka_unit_test(words_stay_words_in_the_later_pages_too),
		cmocka_unit_test(a_group_asks_about_them_or_about_you),
		cmocka_unit_test(what_was_chosen_is_chosen_again),
		cmocka_unit_test(the_age_of_a_message_is_told_in_words),
		cmocka_unit_test(later_pages_are_no_heavier_than_they_may),
		cmocka_unit_test(a_page_without_a_state_is_not_made),
		cmocka_unit_test(not_found_and_wrong_method_are_one_page),
		cmocka_unit_test(a_bad_key_or_code_writes_nothing),
		cmocka_unit_test(
		    a_buffer_too_small_is_an_error_and_never_half_a_page),
		cmocka_unit_test(the_operator_says_title_and_number),
		cmocka_unit_test(a_browser_that_sends_words_elsewhere_is_told),
		cmocka_unit_test(every_language_has_every_text),
	};

	return cmocka_run_group_tests_name("web/page", tests, NULL, NULL);
}
