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
#include <string.h>

#include <cmocka.h>

#include "tests/lib/desk_calls.h"

static struct desk_rig rig;
static unsigned turn; /* from which `once` follows */

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

/* ---- requests ------------------------------------------------------------
 */

static bool says(const char *word)
{
	return desk_calls_says(&rig, word);
}

/* What the officer hears is so. */
static void look(
    const struct desk_call *call, int status, size_t events, unsigned mails)
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
	if (strstr(call->path, "/referrals") != NULL && status >= 500) {
		/* not that there is none */
		assert_true(says("\"opening\"") || says("\"audit\""));
	}
	if (rig.taken.mails > mails) {
		assert_true(says("\"unwritten\""));
	}
	assert_false(rig.taken.mails > mails && says("Nothing was"));
}

/* All are well again: it is done, and once. */
static void ask_again(
    const struct desk_call *call, size_t events, unsigned mails, unsigned texts)
{
	int status = desk_calls_ask(&rig, call, turn);
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
static bool try_one(const struct desk_call *call, enum desk_peer peer,
    unsigned n, enum desk_bad how, enum store_result result)
{
	size_t events;
	unsigned mails, texts;
	bool was_asked;
	int status;

	desk_calls_again(&rig);
	(void)desk_rig_ask(
	    &rig, "POST", DESK_CALLS_TIP "/do", "{\"event\":\"CLAIM\"}");
	turn++;
	events = desk_rig_events(&rig, 1);
	mails = rig.taken.mails;
	texts = rig.taken.texts;
	desk_rig_fail(&rig, peer, n, how, result);
	status = desk_calls_ask(&rig, call, turn);
	look(call, status, events, mails);
	was_asked = desk_rig_heal(&rig);
	if (was_asked && rig.web != NULL) {
		ask_again(call, events, mails, texts);
	}
	return was_asked;
}

static void try_all(const struct desk_call *call, enum desk_peer peer)
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
	for (size_t i = 0; i < desk_calls_n; i++) {
		try_all(&desk_calls[i], DESK_KEYD);
	}
}

static void the_store_fails_and_each_request_has_its_one_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_calls_n; i++) {
		try_all(&desk_calls[i], DESK_STORE);
	}
}

static void the_sender_fails_and_no_text_goes_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_calls_n; i++) {
		try_all(&desk_calls[i], DESK_SENDER);
	}
}

/* ---- what nobody asked for ----------------------------------------------
 */

#define HEAD(len, type) 0, 0, 0, (len), 0, (type), 0, 0

/* Each in front of an answer; the desk ends, and says so to who waits. */
static void what_means_nothing_ends_the_desk_and_leaves_nobody_waiting(
    void **state)
{
	static const struct {
		enum desk_peer peer;
		uint8_t bytes[16];
		size_t len;
	} rows[] = {
		/* the store: an index, a case, a state, none of which are */
		{ DESK_STORE, { HEAD(3, FRAME_STORE_INDEX), 1, 2, 3 }, 11 },
		{ DESK_STORE, { HEAD(3, FRAME_STORE_CASE), 1, 2, 3 }, 11 },
		{ DESK_STORE, { HEAD(3, FRAME_STORE_STATE), 1, 2, 3 }, 11 },
		/* what only the web process says; a length of no frame */
		{ DESK_STORE, { HEAD(4, FRAME_STORE_WANT), 0, 0, 0, 1 }, 12 },
		{ DESK_STORE,
		    { 0xff, 0xff, 0xff, 0xff, 0, FRAME_STORE_DONE, 0, 0 }, 8 },
		/* keyd: how its ring is, of which there are three ways */
		{ DESK_KEYD, { HEAD(1, FRAME_KEYD_RING), 3 }, 9 },
		{ DESK_KEYD, { HEAD(0, FRAME_KEYD_RING) }, 8 },
		{ DESK_KEYD, { HEAD(1, FRAME_KEYD_ASK), 3 }, 9 },
		{ DESK_KEYD, { HEAD(1, FRAME_KEYD_SEAL_TO), 1 }, 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		desk_calls_again(&rig);
		rig.news = bytes_of(rows[i].bytes, rows[i].len);
		rig.news_of = rows[i].peer;
		desk_rig_fail(
		    &rig, rows[i].peer, 1, DESK_BAD_NEWS, STORE_ANSWERED);
		assert_int_equal(
		    desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/reply",
			"{\"text\":\"hello\"}"),
		    503);
		assert_int_equal(rig.answers, 1);
		assert_true(desk_rig_heal(&rig));
		assert_null(rig.web);
	}
}

/* It would be shown as another's words. */
static void an_answer_to_another_question_ends_the_desk(void **state)
{
	(void)state;
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/entries",
			     "{\"kind\":\"note\",\"text\":\"another\"}"),
	    200);
	desk_rig_fail(&rig, DESK_KEYD, 1, DESK_BAD_NUMBER, STORE_ANSWERED);
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 503);
	assert_true(says("\"opening\""));
	assert_null(rig.web);
}

static const uint8_t left[] = { HEAD(3, FRAME_KEYD_LEFT), 's', 'o', 'k' };

static void who_was_removed_is_out(void **state)
{
	(void)state;
	rig.news = bytes_of(left, sizeof(left));
	rig.news_of = DESK_KEYD;
	desk_rig_fail(&rig, DESK_KEYD, 1, DESK_BAD_NEWS, STORE_ANSWERED);
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 401);
	assert_int_equal(rig.answers, 1);
	assert_true(desk_rig_heal(&rig));
	assert_non_null(rig.web);
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 401);
	assert_null(sessions_any(rig.web->sessions));
	assert_int_equal(
	    tips_at(rig.web->tips, 0)->state, TIP_SEALED); /* nobody is in */
}

/* Another is in, for whom the tip stays open. */
static void who_is_removed_while_they_wait_is_shown_nothing(void **state)
{
	static const struct {
		enum desk_peer peer;
		const char *method, *path, *body;
	} rows[] = {
		{ DESK_KEYD, "GET", DESK_CALLS_TIP, NULL },
		{ DESK_STORE, "GET", DESK_CALLS_TIP, NULL },
		{ DESK_STORE, "POST", DESK_CALLS_TIP "/reveal",
		    "{\"reason\":\"to call\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char token[sizeof(rig.token)], cookie[sizeof(rig.cookie)];

		memcpy(token, rig.token, sizeof(token));
		memcpy(cookie, rig.cookie, sizeof(cookie));
		rig.cookie[0] = '\0'; /* another browser */
		desk_rig_login(&rig, 1);
		memcpy(rig.token, token, sizeof(token));
		memcpy(rig.cookie, cookie, sizeof(cookie));
		rig.news = bytes_of(left, sizeof(left));
		rig.news_of = DESK_KEYD;
		desk_rig_fail(
		    &rig, rows[i].peer, 1, DESK_BAD_NEWS, STORE_ANSWERED);
		assert_int_equal(desk_rig_ask(&rig, rows[i].method,
				     rows[i].path, rows[i].body),
		    401);
		assert_int_equal(rig.answers, 1);
		assert_true(says("\"login\""));
		assert_true(desk_rig_heal(&rig));
		assert_non_null(sessions_any(rig.web->sessions));
		assert_int_equal(tips_at(rig.web->tips, 0)->state, TIP_OPEN);
		desk_rig_login(&rig, 0); /* and is in again */
	}
}

/* ---- who wants no contact ------------------------------------------------
 */

static const struct desk_call *the_text(void)
{
	size_t i = 0;

	while (strstr(desk_calls[i].path, "/sms") == NULL) {
		i++;
	}
	return &desk_calls[i];
}

static void tell_no_contact(void)
{
	assert_int_equal(
	    desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/entries",
		"{\"kind\":\"contact\",\"safe\":{\"no_contact\":true}}"),
	    200);
}

/* Who has the desk's Redis puts the words of another event in their place. */
static void what_is_forged_may_have_been_no_contact(void **state)
{
	struct bytes note = rig.events[rig.n_events - 1].record.sealed;
	struct case_record *record;

	(void)state;
	tell_no_contact();
	assert_int_equal(desk_calls_ask(&rig, the_text(), ++turn), 409);
	assert_true(says("\"no-contact\""));
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 200);
	assert_true(says("\"no_contact\":true"));
	assert_true(says("\"unread\":false"));
	record = &rig.events[rig.n_events - 1].record;
	assert_int_equal(record->event, CASE_DO_NOTE);
	record->sealed = note;
	assert_int_equal(desk_calls_ask(&rig, the_text(), ++turn), 409);
	assert_true(says("\"sealed\""));
	assert_int_equal(rig.taken.texts, 0);
	/* nor does an officer call */
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 200);
	assert_true(says("\"unread\":true"));
}

static void no_text_goes_to_who_wants_none_whoever_fails(void **state)
{
	(void)state;
	for (int peer = 0; peer < DESK_SENDER; peer++) {
		int how = DESK_FINE;

		for (unsigned n = 1; n < 6; how = (how + 1) % DESK_BADS) {
			desk_calls_again(&rig);
			tell_no_contact();
			desk_rig_fail(&rig, (enum desk_peer)peer, n,
			    (enum desk_bad)how, STORE_BUSY);
			assert_int_not_equal(
			    desk_calls_ask(&rig, the_text(), ++turn), 202);
			(void)desk_rig_heal(&rig);
			assert_int_equal(rig.taken.texts, 0);
			n += how == DESK_BADS - 1;
		}
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

		desk_calls_again(&rig);
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
		    what_means_nothing_ends_the_desk_and_leaves_nobody_waiting,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_to_another_question_ends_the_desk, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    who_was_removed_is_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_removed_while_they_wait_is_shown_nothing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_forged_may_have_been_no_contact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    no_text_goes_to_who_wants_none_whoever_fails, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    keyd_fails_at_a_login_and_nobody_is_told_of_a_wrong_one,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests_name("desk/failing", tests, NULL, NULL);
}
