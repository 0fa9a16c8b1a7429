/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/threads: more words and wishes come to their tip, in any order.
 */
#include "desk/threads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID "\"id\":\"00000000000000000000000000000000\""

static struct bytes doc_of(
    char doc[512], const char *kind, char form, char mailbox, const char *more)
{
	char text[2][33];
	const char names[] = { form, mailbox };

	for (int i = 0; i < 2; i++) {
		memset(text[i], names[i], 32);
		text[i][32] = '\0';
	}
	(void)snprintf(doc, 512,
	    "{" ID ",\"form\":\"%s\"%s,\"mailbox\":\"%s\",\"reply\":"
	    "{\"mailbox\":\"%s\"}%s}",
	    text[0], kind, text[1], text[1], more);
	return bytes_str(doc);
}

/* A form or mailbox of '-' is none. */
static void add(struct threads *threads, uint8_t n, const char *kind, char form,
    char mailbox, const char *more)
{
	uint8_t id[REPORT_ID_BYTES] = { n };
	char doc[512];

	assert_int_equal(
	    threads_add(threads, id, n, doc_of(doc, kind, form, mailbox, more)),
	    TL_OK);
}

static struct report_context give(const struct threads *threads, uint8_t n,
    const char *kind, char form, char mailbox)
{
	uint8_t id[REPORT_ID_BYTES] = { n };
	struct report_context context = { .signed_by_us = true };
	char doc[512];

	threads_give(
	    threads, id, doc_of(doc, kind, form, mailbox, ""), &context);
	return context;
}

#define TIP  ""
#define KEY  ",\"kind\":\"reply-key\""
#define MORE ",\"kind\":\"more\""

static void more_comes_to_its_tip_by_form_mailbox_or_further_mailbox(
    void **state)
{
	struct threads threads = { 0 };

	(void)state;
	add(&threads, 9, MORE, '-', 'c', "");
	add(&threads, 1, TIP, 'a', 'b', "");
	add(&threads, 2, TIP, 'd', 'e', "");
	add(&threads, 3, KEY, 'a', 'c', "");
	threads_settle(&threads);
	assert_int_equal(give(&threads, 9, MORE, 'a', '-').tip[0], 1);
	assert_int_equal(give(&threads, 9, MORE, '-', 'b').tip[0], 1);
	assert_int_equal(give(&threads, 9, MORE, '-', 'c').tip[0], 1);
	assert_int_equal(give(&threads, 9, MORE, '-', 'e').tip[0], 2);
	assert_null(give(&threads, 9, MORE, 'f', 'f').tip);
	assert_null(give(&threads, 9, MORE, '-', '-').tip);
	assert_null(give(&threads, 1, TIP, 'a', 'b').tip);
	threads_free(&threads);
}

static void wishes_stand_at_the_tip(void **state)
{
	struct threads threads = { 0 };

	(void)state;
	add(&threads, 8, MORE, '-', 'c', ",\"wish\":[\"no-contact\"]");
	add(&threads, 9, MORE, '-', 'e', ",\"wish\":[\"withdraw\"]");
	add(&threads, 1, TIP, 'a', 'b', "");
	add(&threads, 2, TIP, 'd', 'e', "");
	add(&threads, 3, KEY, 'a', 'c', "");
	threads_settle(&threads);
	assert_true(give(&threads, 1, TIP, 'a', 'b').wants_no_contact);
	assert_false(give(&threads, 1, TIP, 'a', 'b').wants_withdrawal);
	assert_false(give(&threads, 2, TIP, 'd', 'e').wants_no_contact);
	assert_true(give(&threads, 2, TIP, 'd', 'e').wants_withdrawal);
	threads_free(&threads);
}

static void each_record_with_more_is_told_with_that_of_its_tip(void **state)
{
	struct threads threads = { 0 };
	uint64_t more = 0, tip = 0;
	size_t at = 0;

	(void)state;
	add(&threads, 9, MORE, '-', 'c', "");
	add(&threads, 7, MORE, 'f', 'f', ""); /* its tip has not come */
	add(&threads, 4, TIP, 'a', 'b', "");  /* the same form again */
	add(&threads, 1, TIP, 'a', 'b', "");
	add(&threads, 3, KEY, 'a', 'c', "");
	threads_settle(&threads);
	assert_true(threads_next(&threads, &at, &more, &tip));
	assert_int_equal(more, 9);
	assert_int_equal(tip, 1); /* the oldest */
	assert_false(threads_next(&threads, &at, &more, &tip));
	threads_free(&threads);
}

static void a_tip_is_found_at_any_time_while_others_come(void **state)
{
	const uint8_t id[REPORT_ID_BYTES] = { 5 };
	struct report_thread tip = { .has_form = true, .form = { 1 } };
	struct report_thread key = { .part = REPORT_IS_KEY,
		.has_form = true,
		.form = { 1 },
		.has_mailbox = true,
		.mailbox = { 2 } };
	struct report_thread more = {
		.part = REPORT_IS_MORE, .has_mailbox = true, .mailbox = { 2 }
	};
	struct threads threads = { 0 };

	(void)state;
	assert_null(threads_tip(&threads, &more));
	assert_int_equal(threads_learn(&threads, id, 1, &more), TL_OK);
	assert_int_equal(threads_learn(&threads, id, 2, &tip), TL_OK);
	assert_null(threads_tip(&threads, &more));
	assert_int_equal(threads_learn(&threads, id, 3, &key), TL_OK);
	assert_int_equal(threads_tip(&threads, &more)[0], 5);
	assert_int_equal(threads_tip(&threads, &key)[0], 5);
	threads_free(&threads);
}

static void with_nothing_learned_nothing_is_given(void **state)
{
	struct threads threads = { 0 };
	struct report_context context = { .signed_by_us = true };
	const uint8_t id[REPORT_ID_BYTES] = { 0 };

	(void)state;
	threads_settle(&threads);
	assert_null(give(&threads, 1, MORE, 'a', 'b').tip);
	threads_give(&threads, id, bytes_str("no report"), &context);
	assert_null(context.tip);
	threads_free(&threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    more_comes_to_its_tip_by_form_mailbox_or_further_mailbox),
		cmocka_unit_test(wishes_stand_at_the_tip),
		cmocka_unit_test(
		    each_record_with_more_is_told_with_that_of_its_tip),
		cmocka_unit_test(a_tip_is_found_at_any_time_while_others_come),
		cmocka_unit_test(with_nothing_learned_nothing_is_given),
	};

	return cmocka_run_group_tests_name("desk/threads", tests, NULL, NULL);
}
