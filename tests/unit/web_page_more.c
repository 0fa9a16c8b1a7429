/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page: what comes behind the receipt: further questions, and the answers
 * to a code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/pages.h"
#include "web/catalogue.h"
#include "web/page.h"
#include "web/wire.h"

/* Room for status line and fields in the 14,000 bytes of the first answer. */
#define HEAD_BYTES      1000u
#define FIRST_BYTES_MAX 14000u
/* And without compression. */
#define PLAIN_BYTES_MAX 30000u
/* A page that is not the first, with its head. */
#define PAGE_WIRE_MAX 8192u

/* A group of questions with typed in every place that takes words. */
static char *pages_more(
    const char *tag, unsigned step, bool about_me, struct bytes typed)
{
	static const char *const names[] = { "who", "ind", "how_app", "perp",
		"contact_number", "contact_when", "contact_cover",
		"contact_safeword", "contact_watched", "official_note" };
	struct page_pair pairs[sizeof(names) / sizeof(names[0])];
	struct page_site site = pages_site();
	struct page_more more = {
		.step = step,
		.about_me = about_me,
		.state = pages_state,
		.errors = typed.len > 0 ? PAGE_FIELD_LONG | PAGE_UNSENT : 0,
		.typed = { pairs, typed.len > 0 ? 10 : 0 },
	};
	struct buf out;

	for (size_t i = 0; i < 10; i++) {
		pairs[i] = (struct page_pair){ names[i], typed };
	}
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_more(&site, pages_language(tag), &more, &out), TL_OK);
	return pages_text(&out);
}

static void what_the_operator_leaves_out_is_not_asked(void **state)
{
	static const char *const names[PAGE_QUESTIONS] = { "who", "count",
		"minor", "ind", "work", "how", "perp", "share", "contact",
		"lang", "official" };
	static const unsigned step_of[PAGE_QUESTIONS] = { 1, 1, 1, 2, 2, 2, 2,
		3, 3, 3, 3 };
	struct page_site site = pages_site();
	char field[32];

	(void)state;
	for (unsigned left_out = 0; left_out < PAGE_QUESTIONS; left_out++) {
		assert_int_equal(page_question_find(names[left_out]), left_out);
		site.unasked = 1u << left_out;
		for (unsigned i = 0; i < PAGE_QUESTIONS; i++) {
			struct page_more more = { .step = step_of[i],
				.state = pages_state };
			struct buf out;
			char *page;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(
			    page_more(&site, pages_language("km"), &more, &out),
			    TL_OK);
			page = pages_text(&out);
			(void)snprintf(
			    field, sizeof(field), " name=\"%s", names[i]);
			assert_int_equal(
			    strstr(page, field) == NULL, i == left_out);
			assert_int_equal(pages_times(page, "<fieldset>"),
			    pages_times(page, "</fieldset>"));
			free(page);
		}
	}
	assert_int_equal(page_question_find("story"), PAGE_QUESTIONS);
}

static void a_group_of_which_nothing_is_asked_has_no_page(void **state)
{
	const unsigned first = 0x7, second = 0x78, third = 0x780;
	struct page_site site = { .unasked = first };
	struct page_more more = { .step = 2, .state = pages_state };
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
	assert_int_equal(
	    page_more(&site, pages_language("en"), &more, &out), TL_OK);
	page = pages_text(&out);
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
	const struct page_form form = { .idem = pages_idem };
	struct page_site site = pages_site();
	char link[64];
	char *page;

	(void)state;
	for (size_t i = 0; i < site.n_languages; i++) {
		if (site.languages[i] == pages_language("en")) {
			site.spoken_kib[i][1] = 33;
		}
	}
	page = pages_form(&site, "km", &form);
	assert_null(strstr(page, "/v/"));
	free(page);
	page = pages_form(&site, "en", &form);
	assert_non_null(
	    strstr(page, "href=\"/en/v/2\">Listen, 33 KB</a> Sound on."));
	assert_int_equal(pages_times(page, "/v/"), 1);
	free(page);
	all_spoken(&site);
	for (size_t q = 0; q < PAGE_SPOKEN; q++) {
		const char *name = page_spoken_name(q);
		bool first = q < 2 || strcmp(name, "where") == 0;
		struct page_more more = { .state = pages_state };
		struct buf out;

		for (more.step = first ? 0 : 1; more.step <= PAGE_STEPS;
		     more.step += first ? PAGE_STEPS + 1 : 1) {
			bool has;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(more.step == 0
				? page_form(
				      &site, pages_language("my"), &form, &out)
				: page_more(
				      &site, pages_language("my"), &more, &out),
			    TL_OK);
			page = pages_text(&out);
			(void)snprintf(link, sizeof(link), " name=\"%s", name);
			has = strstr(page, link) != NULL;
			(void)snprintf(
			    link, sizeof(link), "/my/v/%zu\">", q + 1);
			assert_int_equal(pages_times(page, link), has ? 1 : 0);
			free(page);
		}
	}
}

static void links_to_all_recordings_keep_the_pages_light(void **state)
{
	const struct page_form form = { .idem = pages_idem };
	struct page_site site = pages_site();

	(void)state;
	all_spoken(&site);
	for (size_t i = 0; i < web_language_count(); i++) {
		const char *tag = web_language_tag(web_language_at(i));
		char *page = pages_form(&site, tag, &form);

		assert_in_range(pages_wire_len(page, WIRE_OPEN, true), 1,
		    FIRST_BYTES_MAX - HEAD_BYTES);
		assert_in_range(strlen(page), 1, PLAIN_BYTES_MAX);
		free(page);
		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			struct page_more more = { .step = step,
				.state = pages_state };
			struct buf out;

			buf_init(&out, PAGE_BYTES_MAX);
			assert_int_equal(
			    page_more(&site, pages_language(tag), &more, &out),
			    TL_OK);
			page = pages_text(&out);
			assert_in_range(pages_wire_len(page, WIRE_OPEN, true),
			    1, PAGE_WIRE_MAX - HEAD_BYTES);
			free(page);
		}
	}
}

static char *pages_box(const char *tag, unsigned status, struct bytes words)
{
	struct page_site site = pages_site();
	struct page_mail mails[3] = { { words, 0 }, { words, 1 },
		{ words, 12 } };
	struct page_box box = {
		.state = pages_state,
		.status = status,
		.mails = mails,
		.n_mails = words.len > 0 ? 3 : 0,
	};
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_box(&site, pages_language(tag), &box, &out), TL_OK);
	return pages_text(&out);
}

static void words_stay_words_in_the_later_pages_too(void **state)
{
	static const char *const words[] = { "</textarea><script>x</script>",
		"\"><img src=x>", "' onfocus='x", "-->", "a\xc0\xbc<" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			char *plain =
			    pages_more("km", step, false, bytes_str("a"));
			char *page =
			    pages_more("km", step, false, bytes_str(words[i]));

			assert_int_equal(
			    pages_times(page, "<"), pages_times(plain, "<"));
			assert_int_equal(
			    pages_times(page, "\""), pages_times(plain, "\""));
			free(plain);
			free(page);
		}
		for (unsigned status = 0; status <= PAGE_STATUSES; status++) {
			char *plain = pages_box("km", status, bytes_str("a"));
			char *page =
			    pages_box("km", status, bytes_str(words[i]));

			assert_int_equal(
			    pages_times(page, "<"), pages_times(plain, "<"));
			assert_int_equal(
			    pages_times(page, "\""), pages_times(plain, "\""));
			free(plain);
			free(page);
		}
	}
}

static void a_status_stands_alone_and_in_the_desks_words(void **state)
{
	struct page_site site = pages_site();
	struct page_box box = { .state = pages_state,
		.status = 4,
		.sentence = bytes_str("We look <b> for a room.") };
	char *page = pages_box("en", 4, bytes_of(NULL, 0));
	struct buf out;

	(void)state;
	assert_non_null(strstr(page, "<h1>We are working with helpers.</h1>"));
	assert_null(strstr(page, "Messages for you"));
	free(page);
	page = pages_box("en", 4, bytes_str("hello"));
	assert_non_null(strstr(page, "<h2>Messages for you</h2>"));
	free(page);
	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_box(&site, pages_language("en"), &box, &out), TL_OK);
	page = pages_text(&out);
	assert_non_null(strstr(page, "<h1>We look &lt;b&gt; for a room.</h1>"));
	assert_null(strstr(page, "We are working"));
	free(page);
}

static void a_group_asks_about_them_or_about_you(void **state)
{
	char *they = pages_more("en", 2, false, bytes_of(NULL, 0));
	char *you = pages_more("en", 2, true, bytes_of(NULL, 0));
	char *their_last = pages_more("en", 3, false, bytes_of(NULL, 0));
	char *your_last = pages_more("en", 3, true, bytes_of(NULL, 0));

	(void)state;
	assert_non_null(strstr(they, "They are hit"));
	assert_null(strstr(they, "You are hit"));
	assert_non_null(strstr(you, "You are hit"));
	assert_null(strstr(you, "They are hit"));
	assert_int_equal(pages_times(their_last, "name=\"share_knows\""), 2);
	assert_int_equal(pages_times(your_last, "name=\"share_knows\""), 0);
	free(they);
	free(you);
	free(their_last);
	free(your_last);
}

static void what_was_chosen_is_chosen_again(void **state)
{
	char *page = pages_more("en", 2, false, bytes_str("16"));

	(void)state;
	assert_int_equal(pages_times(page, " checked>"), 1);
	assert_non_null(strstr(
	    page, "name=\"ind\" value=\"16\" autocomplete=\"off\" checked>"));
	free(page);
}

static void the_age_of_a_message_is_told_in_words(void **state)
{
	char *en = pages_box("en", 3, bytes_str("a"));
	char *km = pages_box("km", 3, bytes_str("a"));

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
		char *full = pages_box(tag, 5, bytes_str("some words for you"));
		char *none = pages_box(tag, 0, bytes_of(NULL, 0));

		for (unsigned step = 1; step <= PAGE_STEPS; step++) {
			char *page =
			    pages_more(tag, step, false, bytes_of(NULL, 0));

			assert_in_range(pages_wire_len(page, WIRE_OPEN, true),
			    1, PAGE_WIRE_MAX - HEAD_BYTES);
			free(page);
		}
		for (int gzip = 0; gzip < 2; gzip++) {
			assert_int_equal(
			    pages_wire_len(full, WIRE_RETURN, gzip),
			    wire_bytes(WIRE_RETURN, gzip));
			assert_int_equal(
			    pages_wire_len(none, WIRE_RETURN, gzip),
			    wire_bytes(WIRE_RETURN, gzip));
		}
		free(full);
		free(none);
	}
}

static char *pages_entry(const char *tag, enum page_return_problem problem)
{
	struct page_site site = pages_site();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_return(&site, pages_language(tag), problem, &out), TL_OK);
	return pages_text(&out);
}

/* A code has been tried too often: it waits in the page. */
static char *pages_tries(const char *tag)
{
	struct page_site site = pages_site();
	struct page_pair pair = { "code", bytes_str(pages_code) };
	struct page_wait wait = { .path = "c",
		.ticket = pages_state,
		.seconds = 900,
		.bits = 18,
		.tries = true,
		.typed = { &pair, 1 } };
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_wait(&site, pages_language(tag), &wait, &out), TL_OK);
	return pages_text(&out);
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
			pages_box(tag, 0, bytes_of(NULL, 0)),
			pages_box(tag, 1, bytes_of(NULL, 0)),
			pages_box(tag, 3, bytes_str(letter)),
			pages_entry(tag, PAGE_RETURN_CHECK),
			pages_entry(tag, PAGE_RETURN_BUSY),
			pages_tries(tag),
			pages_entry(tag, PAGE_RETURN_FINE),
		};

		for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
			for (int gzip = 0; gzip < 2; gzip++) {
				assert_int_equal(
				    pages_wire_len(pages[p], WIRE_RETURN, gzip),
				    wire_bytes(WIRE_RETURN, gzip));
			}
			free(pages[p]);
		}
	}
}

static void photos_stand_behind_their_warning(void **state)
{
	struct page_site site = pages_site();

	(void)state;
	for (size_t i = 0; i < web_language_count(); i++) {
		const struct web_language *each = web_language_at(i);
		struct page_files files = { .state = pages_state,
			.idem = pages_idem,
			.stored = true,
			.big = true,
			.kind = true,
			.unsent = true };
		struct buf out;
		char *page;

		buf_init(&out, PAGE_BYTES_MAX);
		assert_int_equal(page_files(&site, each, &files, &out), TL_OK);
		page = pages_text(&out);
		assert_true(strstr(page, "<div class=\"n\">") <
		    strstr(page, "type=\"file\""));
		/* the files come last, so that nothing is lost with them */
		assert_true(strstr(page, "name=\"as_is\"") <
		    strstr(page, "type=\"file\""));
		assert_true(
		    strstr(page, "name=\"k\"") < strstr(page, "type=\"file\""));
		assert_in_range(pages_wire_len(page, WIRE_OPEN, true), 1,
		    PAGE_WIRE_MAX - HEAD_BYTES);
		free(page);
		assert_int_equal(
		    page_done(&site, each, PAGE_DONE_LAST, pages_state, &out),
		    TL_OK);
		page = pages_text(&out);
		for (int gzip = 0; gzip < 2; gzip++) {
			assert_int_equal(
			    pages_wire_len(page, WIRE_MESSAGE, gzip),
			    wire_bytes(WIRE_MESSAGE, gzip));
		}
		free(page);
	}
}

static void a_page_without_a_state_is_not_made(void **state)
{
	static const char *const bad[] = { NULL, "", "a b", "<", "\"" };
	struct page_site site = pages_site();
	struct buf out;

	(void)state;
	buf_init(&out, PAGE_BYTES_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct page_more more = { .step = 1, .state = bad[i] };
		struct page_box box = { .state = bad[i] };
		struct page_files files = { .state = bad[i],
			.idem = pages_idem };
		struct page_files keyless = { .state = pages_state,
			.idem = bad[i] };

		assert_int_equal(
		    page_files(&site, pages_language("en"), &files, &out),
		    TL_EINVAL);
		assert_int_equal(
		    page_files(&site, pages_language("en"), &keyless, &out),
		    TL_EINVAL);
		assert_int_equal(page_done(&site, pages_language("en"),
				     PAGE_DONE_LAST, bad[i], &out),
		    TL_EINVAL);

		assert_int_equal(
		    page_more(&site, pages_language("en"), &more, &out),
		    TL_EINVAL);
		assert_int_equal(
		    page_box(&site, pages_language("en"), &box, &out),
		    TL_EINVAL);
		assert_int_equal(page_receipt(&site, pages_language("en"),
				     &(struct page_receipt){
					 .code = pages_code, .state = bad[i] },
				     &out),
		    TL_EINVAL);
	}
	for (unsigned step = 0; step < 9; step += 4) {
		struct page_more more = { .step = step, .state = pages_state };

		assert_int_equal(
		    page_more(&site, pages_language("en"), &more, &out),
		    TL_EINVAL);
	}
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_question_that_was_read_aloud_has_a_link_to_it),
		cmocka_unit_test(links_to_all_recordings_keep_the_pages_light),
		cmocka_unit_test(what_the_operator_leaves_out_is_not_asked),
		cmocka_unit_test(a_group_of_which_nothing_is_asked_has_no_page),
		cmocka_unit_test(all_answers_to_a_code_have_one_size),
		cmocka_unit_test(photos_stand_behind_their_warning),
		cmocka_unit_test(words_stay_words_in_the_later_pages_too),
		cmocka_unit_test(a_status_stands_alone_and_in_the_desks_words),
		cmocka_unit_test(a_group_asks_about_them_or_about_you),
		cmocka_unit_test(what_was_chosen_is_chosen_again),
		cmocka_unit_test(the_age_of_a_message_is_told_in_words),
		cmocka_unit_test(later_pages_are_no_heavier_than_they_may),
		cmocka_unit_test(a_page_without_a_state_is_not_made),
	};

	return cmocka_run_group_tests_name("web/page_more", tests, NULL, NULL);
}
