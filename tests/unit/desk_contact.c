/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/contact: no text goes to whom it could endanger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/contact.h"

/* Nothing stands against it. */
static const struct contact_case fine = { .gave_contact = true,
	.from_min = 7 * 60,
	.to_min = 20 * 60,
	.now_min = { 12 * 60 },
	.n_now = 1,
	.is_template = true,
	.read_rule = true,
	.parts = 1,
	.parts_day_max = 200 };

static struct contact_answer ask(struct contact_case contact)
{
	struct contact_answer answer;

	contact_ask(&contact, &answer);
	assert_true((answer.word == CONTACT_YES) == (answer.why == NULL));
	return answer;
}

/* Each thing that may stand against it, alone: the word, and who can
 * override. */
static void each_thing_that_stands_against_it_stops_it(void **state)
{
	struct {
		struct contact_case contact;
		enum contact_word word;
	} rows[17];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 17; i++) {
		rows[i].contact = fine;
	}
	rows[n].contact.not_heard = true;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.no_contact = true;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.stop = true;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.watched = true;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.gave_contact = false;
	rows[n++].word = CONTACT_REASON;
	rows[n].contact.gave_contact = false;
	rows[n].contact.wrote_by_text = true;
	rows[n++].word = CONTACT_REASON;
	rows[n].contact.read_rule = false;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.now_min[0] = 20 * 60;
	rows[n++].word = CONTACT_REASON;
	rows[n].contact.n_now = 0; /* nobody knows the hour there */
	rows[n++].word = CONTACT_REASON;
	rows[n].contact.n_now = 2; /* it is midnight at the other place */
	rows[n++].word = CONTACT_REASON;
	rows[n].contact.is_template = false;
	rows[n].contact.own_words_ok = true;
	rows[n].contact.words_fault = "a link";
	rows[n++].word = CONTACT_NO;
	rows[n].contact.is_template = false;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.parts = 2;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.parts = 0;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.parts_today = 200;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.parts_day_max = 0;
	rows[n++].word = CONTACT_NO;
	rows[n].contact.number_days = CONTACT_OLD_DAYS;
	rows[n++].word = CONTACT_REASON;
	assert_int_equal(ask(fine).word, CONTACT_YES);
	for (size_t i = 0; i < n; i++) {
		struct contact_case contact = rows[i].contact;

		assert_int_equal(ask(contact).word, rows[i].word);
		contact.has_reason = true;
		assert_int_equal(ask(contact).word == CONTACT_YES,
		    rows[i].word == CONTACT_REASON);
		assert_int_equal(ask(contact).overrides != NULL,
		    rows[i].word == CONTACT_REASON);
	}
}

static void hours_go_over_midnight(void **state)
{
	static const struct {
		unsigned from, to, now;
		bool may;
	} rows[] = {
		{ 420, 1200, 419, false },
		{ 420, 1200, 420, true },
		{ 420, 1200, 1199, true },
		{ 420, 1200, 1200, false },
		{ 1320, 300, 1319, false },
		{ 1320, 300, 1320, true },
		{ 1320, 300, 0, true },
		{ 1320, 300, 299, true },
		{ 1320, 300, 300, false },
		{ 0, 0, 700, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct contact_case contact = fine;

		contact.from_min = rows[i].from;
		contact.to_min = rows[i].to;
		contact.now_min[0] = rows[i].now;
		assert_int_equal(ask(contact).word == CONTACT_YES, rows[i].may);
	}
}

static void a_reply_is_safe_if_the_number_has_just_said_so(void **state)
{
	struct contact_case contact = fine;

	(void)state;
	contact.gave_contact = false;
	contact.wrote_by_text = true;
	contact.said_reply = true;
	assert_int_equal(ask(contact).word, CONTACT_YES);
	contact.stop = true;
	assert_int_equal(ask(contact).word, CONTACT_NO);
}

/* Invariant over every combination: with NO CONTACT, STOP or the word that
 * means "I am watched" nothing goes. */
static void no_combination_opens_no_contact(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 9; bits++) {
		struct contact_case contact = fine;

		contact.no_contact = (bits & 1) != 0;
		contact.stop = (bits & 2) != 0;
		contact.gave_contact = (bits & 4) != 0;
		contact.wrote_by_text = (bits & 8) != 0;
		contact.said_reply = (bits & 16) != 0;
		contact.is_template = (bits & 32) != 0;
		contact.own_words_ok = (bits & 64) != 0;
		contact.has_reason = (bits & 128) != 0;
		contact.watched = (bits & 256) != 0;
		if (contact.no_contact || contact.stop || contact.watched) {
			assert_int_equal(ask(contact).word, CONTACT_NO);
			assert_null(ask(contact).overrides);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thing_that_stands_against_it_stops_it),
		cmocka_unit_test(hours_go_over_midnight),
		cmocka_unit_test(
		    a_reply_is_safe_if_the_number_has_just_said_so),
		cmocka_unit_test(no_combination_opens_no_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
