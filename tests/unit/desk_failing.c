/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The desk while keyd, the store or the sender fails at one question alone, in
 * each way that a peer can: whoever asked hears it once, and nothing that is
 * not so; what was not done is done when it is asked for again, and what was
 * done is not done twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/desk_rig.h"

#define TIP   "/api/tips/01010101010101010101010101010101"
#define TEXT  "Hello. Is now a good time? 1 yes, 0 no."
#define PHONE "+85512777888"

static struct desk_rig rig;
static unsigned turn; /* from which `once` follows */

static void start(void)
{
	const struct report_answer answers[] = {
		{ "contact", bytes_str("2") },
		{ "contact_number", bytes_str(PHONE) },
	};
	const struct report report = { .received_s = 1795348000,
		.channel = "web",
		.lang = "en",
		.text = bytes_str("they hold us"),
		.answers = answers,
		.n_answers = 2,
		.sender_raw = bytes_str(PHONE),
		.sender_e164 = bytes_str(PHONE),
		.has_reply_key = true,
		.reply_key = { 1 },
		.mailbox = { 2 },
		.priority = 2 };

	desk_rig_start(&rig);
	desk_rig_login(&rig, 0);
	assert_int_equal(desk_rig_tip(&rig, 1, &report)->state, TIP_OPEN);
	assert_int_equal(
	    desk_rig_ask(&rig, "POST", TIP "/do", "{\"event\":\"CLAIM\"}"),
	    200);
	assert_int_equal(desk_rig_ask(&rig, "POST", TIP "/entries",
			     "{\"kind\":\"note\",\"text\":\"a note\"}"),
	    200);
	desk_rig_second(&rig); /* links, and the status */
}

static int set_up(void **state)
{
	(void)state;
	start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	return 0;
}

/* Anew, when the desk has ended or the store is full. */
static void start_again(void)
{
	if (rig.web == NULL || rig.n_events + 8 > DESK_RIG_EVENTS ||
	    rig.taken.mails + 8 > DESK_RIG_EVENTS ||
	    rig.n_records + 16 > DESK_RIG_RECORDS) {
		desk_rig_stop(&rig);
		start();
	}
}

/* ---- requests ------------------------------------------------------------
 */

static const struct call {
	const char *method, *path, *body; /* %032x: once */
	int good;                         /* its status when all are well */
	unsigned events;                  /* that the case has of it */
} calls[] = {
	{ "GET", TIP, NULL, 200, 0 },
	{ "GET", TIP "/asked", NULL, 200, 0 },
	{ "GET", TIP "/referrals", NULL, 404, 0 }, /* there is none */
	{ "GET", "/api/audit", NULL, 200, 0 },
	{ "GET", "/api/handover", NULL, 200, 0 },
	{ "GET", "/api/stats", NULL, 200, 0 },
	{ "POST", TIP "/activity", "{}", 200, 0 },
	{ "POST", TIP "/do", "{\"event\":\"RELEASE\"}", 200, 1 },
	{ "POST", TIP "/entries", "{\"kind\":\"note\",\"text\":\"%032x\"}", 200,
	    1 },
	{ "POST", TIP "/reply", "{\"text\":\"hello\",\"once\":\"%032x\"}", 200,
	    1 },
	{ "POST", TIP "/reply",
	    "{\"text\":\"hello?\",\"once\":\"%032x\",\"asks\":true}", 200, 1 },
	{ "POST", TIP "/reply", "{\"status\":3,\"once\":\"%032x\"}", 200, 1 },
	{ "POST", TIP "/reveal", "{\"reason\":\"%032x\"}", 200, 1 },
	{ "POST", TIP "/sms",
	    "{\"text\":\"" TEXT "\",\"lang\":\"en\",\"once\":\"%032x\","
	    "\"read_rule\":true}",
	    202, 1 },
	{ "POST", "/api/calls",
	    "{\"key\":\"%032x\",\"via\":\"hotline\",\"text\":\"help\"}", 200,
	    0 },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static int ask(const struct call *call)
{
	char body[512] = "";
	const char *gap = call->body == NULL ? NULL : strstr(call->body, "%");

	if (gap != NULL) {
		(void)snprintf(body, sizeof(body), "%.*s%032x%s",
		    (int)(gap - call->body), call->body, turn, gap + 5);
	} else if (call->body != NULL) {
		(void)snprintf(body, sizeof(body), "%s", call->body);
	}
	return desk_rig_ask(
	    &rig, call->method, call->path, call->body == NULL ? NULL : body);
}

static bool says(const char *word)
{
	return rig.body != NULL && strstr(rig.body, word) != NULL;
}

/* What the officer hears is so. */
static void look(
    const struct call *call, int status, size_t events, unsigned mails)
{
	if (rig.bad == DESK_BAD_LATE && status == -1) {
		assert_int_equal(rig.answers, 0); /* the engine answers them */
		return;
	}
	assert_int_equal(rig.answers, 1);
	if (status < 300) {
		assert_int_equal(status, call->good);
		assert_true(desk_rig_events(&rig, 1) - events >= call->events);
		assert_false(says("\"error\""));
		return;
	}
	assert_true(says("\"error\"") && says("\"text\""));
	/* nobody is refused for what a peer did; NO CONTACT may be sealed */
	assert_true(
	    status >= 500 || status == call->good || says("\"sealed\""));
	if (rig.taken.mails > mails) {
		assert_true(says("\"unwritten\""));
	}
	assert_false(rig.taken.mails > mails && says("Nothing was"));
}

/* All are well again: it is done, and once. */
static void ask_again(
    const struct call *call, size_t events, unsigned mails, unsigned texts)
{
	int status = ask(call);
	size_t n;

	assert_int_equal(rig.answers, 1);
	n = desk_rig_events(&rig, 1) - events;
	if (status != call->good && strstr(call->body, "RELEASE") != NULL) {
		assert_int_equal(status, 409); /* it was done, and told so */
	} else {
		assert_true(status == call->good || status == 200);
	}
	assert_true(n >= call->events);
	if (strstr(call->path, "/reply") != NULL) {
		assert_true(rig.taken.mails - mails <= 1);
	}
	if (strstr(call->path, "/sms") != NULL) {
		/* of an order that nobody has answered for, it is unknown */
		assert_true(rig.taken.texts - texts == 1 ||
		    (rig.taken.texts == texts && says("\"unknown\"")));
	}
}

/* False: nobody is asked so many questions. */
static bool try_one(const struct call *call, enum desk_peer peer, unsigned n,
    enum desk_bad how, enum store_result result)
{
	size_t events;
	unsigned mails, texts;
	bool was_asked;
	int status;

	start_again();
	(void)desk_rig_ask(&rig, "POST", TIP "/do", "{\"event\":\"CLAIM\"}");
	turn++;
	events = desk_rig_events(&rig, 1);
	mails = rig.taken.mails;
	texts = rig.taken.texts;
	desk_rig_fail(&rig, peer, n, how, result);
	status = ask(call);
	look(call, status, events, mails);
	was_asked = desk_rig_heal(&rig);
	if (was_asked && rig.web != NULL) {
		ask_again(call, events, mails, texts);
	}
	return was_asked;
}

static void try_all(const struct call *call, enum desk_peer peer)
{
	static const enum store_result results[] = { STORE_NO_LEDGER,
		STORE_BUSY, STORE_NO_MEMORY, STORE_ALONE };
	bool was_asked = true;

	for (unsigned n = 1; was_asked; n++) {
		for (int how = DESK_BAD_CLOSED; how < DESK_BADS; how++) {
			was_asked = try_one(
			    call, peer, n, (enum desk_bad)how, STORE_NO_REDIS);
			if (!was_asked) {
				break;
			}
		}
		for (size_t i = 0; was_asked && peer == DESK_STORE && i < 4;
		     i++) {
			(void)try_one(call, peer, n, DESK_BAD_NO, results[i]);
		}
		assert_true(n < 20);
	}
}

static void keyd_fails_and_each_request_has_its_one_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		try_all(&calls[i], DESK_KEYD);
	}
}

static void the_store_fails_and_each_request_has_its_one_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		try_all(&calls[i], DESK_STORE);
	}
}

static void the_sender_fails_and_no_text_goes_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		try_all(&calls[i], DESK_SENDER);
	}
}

/* ---- logging in ----------------------------------------------------------
 */

#define LOGIN \
	"{\"name\":\"dara\",\"passphrase\":\"second\",\"code\":\"123456\"}"

static void keyd_fails_at_a_login_and_nobody_is_told_of_a_wrong_one(
    void **state)
{
	(void)state;
	for (int how = DESK_BAD_CLOSED; how < DESK_BADS; how++) {
		int status;

		start_again();
		desk_rig_fail(
		    &rig, DESK_KEYD, 1, (enum desk_bad)how, STORE_ANSWERED);
		status = desk_rig_ask(&rig, "POST", "/api/login", LOGIN);
		if (how == DESK_BAD_LATE) {
			assert_int_equal(status, -1);
		} else if (status != 200) {
			assert_int_equal(status, 503);
			assert_true(says("\"failing\""));
		}
		assert_true(desk_rig_heal(&rig));
		if (rig.web != NULL) {
			assert_int_equal(
			    desk_rig_ask(&rig, "POST", "/api/login", LOGIN),
			    200);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    keyd_fails_and_each_request_has_its_one_answer, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_store_fails_and_each_request_has_its_one_answer, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_sender_fails_and_no_text_goes_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    keyd_fails_at_a_login_and_nobody_is_told_of_a_wrong_one,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests_name("desk/failing", tests, NULL, NULL);
}
