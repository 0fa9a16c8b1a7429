/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The word for "I am being watched", STOP and the reporter's own wish, where
 * they came by another way than what they are to stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/desk_calls.h"

#define FORM_BOX   2 /* of the tip that is there */
#define SECOND_BOX 3 /* of the second one */
#define HELLO      "Hello. Is now a good time? 1 yes, 0 no."
#define CLOSE \
	"{\"event\":\"CLOSE\",\"disposition\":\"INFO_GIVEN\"," \
	"\"reporter_text\":\"okapi\"}"

static struct desk_rig rig;

static int set_up(void **state)
{
	(void)state;
	desk_calls_start(&rig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	return 0;
}

static void do_it(const char *path, const char *body)
{
	assert_int_equal(desk_rig_ask(&rig, "POST", path, body), 200);
}

/* ---- what comes ---------------------------------------------------------- */

static void has_word(const char *word)
{
	char body[200];

	(void)snprintf(body, sizeof(body),
	    "{\"kind\":\"contact\",\"safe\":{\"watched_word\":\"%s\"}}", word);
	do_it(DESK_CALLS_TIP "/entries", body);
}

/* With the receipt code of the first. */
static void writes_later(const char *text, const char *wish)
{
	const struct report report = { .received_s = 1795348001,
		.kind = REPORT_MORE,
		.channel = "web",
		.lang = "en",
		.text = bytes_str(text),
		.wishes = { wish },
		.n_wishes = wish == NULL ? 0 : 1,
		.has_mailbox = true,
		.mailbox = { FORM_BOX },
		.priority = 3 };

	(void)desk_rig_tip(&rig, 9, &report);
	desk_rig_second(&rig);
}

/* A message of the number of the first: a tip of its own. */
static void texts(const char *text, const char *flag)
{
	const struct report report = { .received_s = 1795348002,
		.channel = "sms",
		.lang = "en",
		.text = bytes_str(text),
		.flags = { "may reply", flag },
		.n_flags = flag == NULL ? 1 : 2,
		.sender_raw = bytes_str(DESK_CALLS_PHONE),
		.sender_e164 = bytes_str(DESK_CALLS_PHONE),
		.priority = 3 };

	assert_int_equal(desk_rig_tip(&rig, 2, &report)->state, TIP_OPEN);
	do_it(DESK_CALLS_OTHER "/do", "{\"event\":\"CLAIM\"}");
}

/* Another tip of the form, with the number of the first. */
static void fills_in_again(void)
{
	const struct report_answer answers[] = {
		{ "contact", bytes_str("2") },
		{ "contact_number", bytes_str("+855 12 777 888") },
	};
	const struct report report = { .received_s = 1795348002,
		.channel = "web",
		.lang = "en",
		.text = bytes_str("once more"),
		.answers = answers,
		.n_answers = 2,
		.has_reply_key = true,
		.reply_key = { SECOND_BOX },
		.mailbox = { SECOND_BOX },
		.priority = 3 };

	assert_int_equal(desk_rig_tip(&rig, 2, &report)->state, TIP_OPEN);
	do_it(DESK_CALLS_OTHER "/do", "{\"event\":\"CLAIM\"}");
}

/* ---- what the page behind the code says by itself ------------------------ */

/* How many statuses go until the case has ended. */
static unsigned told_until_the_end(void)
{
	unsigned before = rig.taken.statuses;

	do_it(DESK_CALLS_TIP "/do", "{\"event\":\"OPEN\"}");
	desk_rig_second(&rig);
	do_it(DESK_CALLS_TIP "/do",
	    "{\"event\":\"PRIORITY\",\"priority\":3,\"reason\":\"r\"}");
	do_it(DESK_CALLS_TIP "/do", CLOSE);
	desk_rig_second(&rig);
	desk_rig_second(&rig);
	return rig.taken.statuses - before;
}

static void who_said_nothing_is_told_how_it_stands(void **state)
{
	(void)state;
	has_word("mango");
	writes_later("the man goes home", NULL);
	assert_int_equal(told_until_the_end(), 2);
}

static void who_is_watched_is_told_nothing(void **state)
{
	(void)state;
	has_word("mango");
	writes_later("I like mango", NULL);
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 200);
	assert_true(desk_calls_says(&rig, "\"stopped\":true"));
	assert_int_equal(told_until_the_end(), 0);
}

static void who_texted_stop_is_told_nothing(void **state)
{
	(void)state;
	texts("STOP", "stop");
	assert_int_equal(told_until_the_end(), 0);
}

static void who_texted_0_is_told_nothing(void **state)
{
	(void)state;
	texts("0", "no contact");
	assert_int_equal(told_until_the_end(), 0);
}

/* On purpose. */
static void who_took_it_back_is_told_how_it_stands(void **state)
{
	(void)state;
	writes_later("", "withdraw");
	assert_int_equal(told_until_the_end(), 2);
}

/* ---- on another case of the number --------------------------------------- */

static int text_to_the_second(const char *once)
{
	char body[300];

	(void)snprintf(body, sizeof(body),
	    "{\"text\":\"" HELLO "\",\"lang\":\"en\",\"once\":\"%s\","
	    "\"read_rule\":true,\"override_reason\":\"r\"}",
	    once);
	return desk_rig_ask(&rig, "POST", DESK_CALLS_OTHER "/sms", body);
}

#define ONCE "00112233445566778899aabbccddeeff"

static void a_text_goes_where_the_other_case_says_nothing(void **state)
{
	(void)state;
	has_word("mango");
	writes_later("the man goes home", NULL);
	texts("it is me", NULL);
	assert_int_equal(text_to_the_second(ONCE), 202);
}

static void the_wish_under_the_code_of_another_case_is_heard(void **state)
{
	(void)state;
	writes_later("", "no-contact");
	texts("it is me", NULL);
	assert_int_equal(text_to_the_second(ONCE), 409);
	assert_true(desk_calls_says(&rig, "\"no-contact\""));
	assert_int_equal(
	    desk_rig_ask(&rig, "GET", DESK_CALLS_OTHER, NULL), 200);
	assert_true(desk_calls_says(&rig, "\"no_contact\":true"));
}

static void the_word_of_another_case_is_heard_from_the_number(void **state)
{
	(void)state;
	has_word("mango");
	texts("mango", NULL);
	assert_int_equal(text_to_the_second(ONCE), 409);
	assert_true(desk_calls_says(&rig, "\"no-contact\""));
	assert_int_equal(rig.taken.texts, 0);
}

static void the_word_under_the_code_of_another_case_is_heard(void **state)
{
	(void)state;
	has_word("mango");
	writes_later("mango", NULL);
	texts("it is me", NULL);
	assert_int_equal(text_to_the_second(ONCE), 409);
	assert_true(desk_calls_says(&rig, "\"no-contact\""));
}

/* A supervisor asks, who gives no reason. */
static void words_for_the_mailbox_are_held_as_texts_are(void **state)
{
	unsigned mails;

	(void)state;
	fills_in_again();
	mails = rig.taken.mails;
	do_it(DESK_CALLS_OTHER "/reply", "{\"text\":\"okapi\"}");
	assert_int_equal(rig.taken.mails, mails + 1);
	writes_later("", "no-contact");
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_OTHER "/reply",
			     "{\"text\":\"okapi\"}"),
	    409);
	assert_true(desk_calls_says(&rig, "\"no-contact\""));
	assert_int_equal(rig.taken.mails, mails + 1);
}

/* ---- while a text is judged ---------------------------------------------- */

/* Asked for with one answer that does not come yet. False: there is no such
 * question, or it was the order itself. */
static bool asks_and_waits(enum desk_peer peer, unsigned n)
{
	size_t events;

	desk_rig_stop(&rig);
	desk_calls_start(&rig);
	texts("it is me", NULL);
	do_it(DESK_CALLS_OTHER "/entries",
	    "{\"kind\":\"note\",\"text\":\"a note\"}");
	desk_rig_second(&rig);
	events = rig.n_events;
	desk_rig_fail(&rig, peer, n, DESK_BAD_LATE, STORE_ANSWERED);
	return text_to_the_second(ONCE) == -1 && rig.n_events == events &&
	    rig.taken.texts == 0;
}

/* For each answer that is waited for; how many those are. */
static unsigned while_it_waits(void (*happens)(void))
{
	unsigned waited = 0;

	for (int peer = DESK_KEYD; peer <= DESK_STORE; peer++) {
		for (unsigned n = 1; asks_and_waits((enum desk_peer)peer, n);
		     n++) {
			happens();
			assert_true(desk_rig_heal(&rig));
			desk_rig_settle(&rig);
			assert_int_equal(rig.taken.texts, 0);
			waited++;
		}
	}
	return waited;
}

/* It is done, though its answer may wait too. */
static void another_does(const char *path, const char *body)
{
	size_t events = rig.n_events;

	(void)desk_rig_ask(&rig, "POST", path, body);
	assert_int_equal(rig.n_events, events + 1);
}

static void says_no_contact(void)
{
	another_does(DESK_CALLS_OTHER "/entries",
	    "{\"kind\":\"contact\",\"safe\":{\"no_contact\":true}}");
}

static void is_released(void)
{
	another_does(DESK_CALLS_OTHER "/do", "{\"event\":\"RELEASE\"}");
}

static void stop_comes(void)
{
	const struct report report = { .received_s = 1795348003,
		.channel = "sms",
		.lang = "en",
		.text = bytes_str("STOP"),
		.flags = { "stop" },
		.n_flags = 1,
		.sender_raw = bytes_str(DESK_CALLS_PHONE),
		.sender_e164 = bytes_str(DESK_CALLS_PHONE),
		.priority = 3 };

	(void)desk_rig_tip(&rig, 4, &report);
}

static void a_text_goes_once_its_answers_come(void **state)
{
	(void)state;
	assert_true(asks_and_waits(DESK_STORE, 1));
	assert_true(desk_rig_heal(&rig));
	desk_rig_settle(&rig);
	assert_int_equal(rig.taken.texts, 1);
}

static void what_comes_while_a_text_is_judged_stops_it(void **state)
{
	(void)state;
	assert_true(while_it_waits(says_no_contact) > 1);
	assert_true(while_it_waits(is_released) > 1);
	assert_true(while_it_waits(stop_comes) > 1);
}

/* Another officer is logged in: nothing is closed with it. */
static void who_logs_out_while_a_text_is_judged_sends_none(void **state)
{
	char token[sizeof(rig.token)], cookie[sizeof(rig.cookie)];
	unsigned n = 1;

	(void)state;
	for (; asks_and_waits(DESK_STORE, n); n++) {
		memcpy(token, rig.token, sizeof(token));
		memcpy(cookie, rig.cookie, sizeof(cookie));
		desk_rig_login(&rig, 1);
		memcpy(rig.token, token, sizeof(token));
		memcpy(rig.cookie, cookie, sizeof(cookie));
		do_it("/api/logout", "{}");
		assert_true(desk_rig_heal(&rig));
		desk_rig_settle(&rig);
		assert_int_equal(rig.taken.texts, 0);
	}
	assert_true(n > 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(who_said_nothing_is_told_how_it_stands),
		TEST(who_is_watched_is_told_nothing),
		TEST(who_texted_stop_is_told_nothing),
		TEST(who_texted_0_is_told_nothing),
		TEST(who_took_it_back_is_told_how_it_stands),
		TEST(a_text_goes_where_the_other_case_says_nothing),
		TEST(the_wish_under_the_code_of_another_case_is_heard),
		TEST(the_word_of_another_case_is_heard_from_the_number),
		TEST(the_word_under_the_code_of_another_case_is_heard),
		TEST(words_for_the_mailbox_are_held_as_texts_are),
		TEST(a_text_goes_once_its_answers_come),
		TEST(what_comes_while_a_text_is_judged_stops_it),
		TEST(who_logs_out_while_a_text_is_judged_sends_none),
	};

	return cmocka_run_group_tests_name("desk/silence", tests, NULL, NULL);
}
