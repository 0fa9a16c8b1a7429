/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/words: an operator's sentence is shown as it stands, in all languages or
 * in none, and one that would break a page is refused with its line.
 */
#include "web/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/page.h"

static const struct web_language *languages[2]; /* en, th */
static struct web_words *words;
static struct web_words_fault fault;

static int begin(void **unused)
{
	(void)unused;
	languages[0] = web_language_find(bytes_str("en"));
	languages[1] = web_language_find(bytes_str("th"));
	return web_words_new(languages, 2, &words) == TL_OK ? 0 : -1;
}

static int end(void **unused)
{
	(void)unused;
	web_words_free(words);
	words = NULL;
	return 0;
}

static enum tl_err read_en(const char *text)
{
	return web_words_read(words, languages[0], bytes_str(text), &fault);
}

static bool shows(enum tl_err (*make)(const struct page_site *,
		      const struct web_language *, struct buf *),
    const struct page_site *site, size_t l, const char *what)
{
	struct buf out;
	bool found;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    make(site, web_words_of(words, languages[l]), &out), TL_OK);
	found = memmem(out.data, out.len, what, strlen(what)) != NULL;
	buf_free(&out);
	return found;
}

static enum tl_err make_form(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	const struct page_form form = {
		.idem = "00000000000000000000000000000000"
	};

	return page_form(site, language, &form, out);
}

static enum tl_err make_box(const struct page_site *site,
    const struct web_language *language, struct buf *out)
{
	const struct page_box box = { .state = "abc", .status = 2 };

	return page_box(site, language, &box, out);
}

static void own_sentences_stand_on_the_pages(void **unused)
{
	const struct page_site site = { .languages = { languages[0] },
		.n_languages = 1 };

	(void)unused;
	assert_int_equal(read_en("# ours\r\n\n"
				 "status.2 = Our <team> has read it.\r\n"
				 "  title=Notes\n"
				 "notice.read = People of Haven read this."),
	    TL_OK);
	assert_true(shows(make_box, &site, 0, "Our &lt;team&gt; has read it."));
	assert_true(shows(make_form, &site, 0, "<title>Notes</title>"));
	assert_true(shows(make_form, &site, 0, "People of Haven read this."));
	assert_false(shows(make_box, &site, 1, "Our"));
}

static void that_a_call_is_free_is_said_where_it_is_set(void **unused)
{
	struct page_site site = { .urgent_call = "1288",
		.languages = { languages[0] },
		.n_languages = 1 };

	(void)unused;
	assert_true(shows(make_form, &site, 0, "Call 1288."));
	assert_false(shows(make_form, &site, 0, "free"));
	site.urgent_free = true;
	assert_true(shows(make_form, &site, 0, "It is free."));
	/* the number of a language is another one, and its price too */
	assert_int_equal(read_en("urgent.call = +66 1300\n"), TL_OK);
	assert_true(shows(make_form, &site, 0, "tel:+661300\""));
	assert_false(shows(make_form, &site, 0, "1288"));
	assert_false(shows(make_form, &site, 0, "free"));
	assert_true(shows(make_form, &site, 1, "1288"));
	assert_int_equal(read_en("urgent.free = yes\n"), TL_OK);
	assert_true(shows(make_form, &site, 0, "It is free."));
}

static void what_would_break_a_page_is_refused_with_its_line(void **unused)
{
	static const char *const wrong[] = { "\n\nnothing", "\n\nQ1 = No",
		"\n\nstatus.6 = x", "\n\nstatus.1 =", "\n\n= x",
		/* placeholders */
		"\n\ncall = Call us.", "\n\ncall = Call {number} {number}.",
		"\n\nstatus.1 = You are {n}.",
		/* length, and what lint.h refuses */
		"\n\ntitle = A title that is longer than a tab",
		("\n\nstatus.1 = one two three four five six seven eight nine"
		 " ten eleven twelve thirteen"),
		"\n\nstatus.1 = Hello!", "\n\nstatus.1 = a\x01",
		"\n\nstatus.1 = \xff", "\n\nstatus.1 = a  b",
		"\n\nurgent.call = call me", "\n\nurgent.free = perhaps",
		"status.1 = a\n\nstatus.1 = b",
		"urgent.call = 12\n\nurgent.call = 13" };

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(read_en(wrong[i]), TL_EINVAL);
		assert_int_equal(fault.line, 3);
		assert_non_null(fault.what);
		(void)end(NULL);
		assert_int_equal(begin(NULL), 0);
	}
	assert_int_equal(read_en("urgent.free = yes"), TL_EINVAL);
}

static void what_one_language_says_all_must_say(void **unused)
{
	(void)unused;
	assert_int_equal(web_words_judge(words, &fault), TL_OK);
	assert_int_equal(
	    read_en("status.4 = Helpers know.\nurgent.call = 1300\n"), TL_OK);
	assert_int_equal(web_words_judge(words, &fault), TL_EINVAL);
	assert_true(bytes_equal(fault.key, bytes_str("status.4")));
	assert_ptr_equal(fault.language, languages[1]);
	assert_int_equal(web_words_read(words, languages[1],
			     bytes_str("status.4 = ผู้ช่วยทราบแล้ว"), &fault),
	    TL_OK);
	assert_int_equal(web_words_judge(words, &fault), TL_OK);
}

int main(void)
{
#define A_TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		A_TEST(own_sentences_stand_on_the_pages),
		A_TEST(that_a_call_is_free_is_said_where_it_is_set),
		A_TEST(what_would_break_a_page_is_refused_with_its_line),
		A_TEST(what_one_language_says_all_must_say),
	};

	return cmocka_run_group_tests_name("web_words", tests, NULL, NULL);
}
