/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The desk's web process when the n-th piece of memory that it asks for is not
 * to be had: whoever asked hears nothing that is not so, and hears the right
 * thing when they ask again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>

#include "desk/referral_task.h"
#include "tests/lib/desk_calls.h"
#include "tests/lib/disk/bad_calls.h"
#include "text/json_memory.h"

#define POINTS_MAX 5000u
/* Behind so many each seventh will do: it is the same again and again. */
#define MANY 200u

static struct desk_rig rig;
static unsigned turn; /* from which `once` follows */

/* ---- memory -------------------------------------------------------------- */

/* Of JSON, which the linker cannot turn around: n counts both kinds. */
static bool is_json;
static unsigned json_calls, json_fail_at, json_failed;
static bool is_its_turn;

static void *json_take(size_t len)
{
	if (is_json && is_its_turn && ++json_calls == json_fail_at) {
		json_failed++;
		return NULL;
	}
	return bad_calls_malloc(len);
}

/* The peers are in this process, and have memory. */
static void on_turn(bool is_its)
{
	is_its_turn = is_its;
	bad_calls.on = is_its && !is_json && bad_calls.fail_at > 0;
}

static void fail_at(unsigned n, bool json)
{
	is_json = json;
	json_calls = json_failed = 0;
	json_fail_at = n;
	bad_calls_fail_any(json ? 0 : n, ENOMEM);
	bad_calls.on = false;
}

/* How many have failed. */
static unsigned heal(void)
{
	unsigned failed = is_json ? json_failed : bad_calls_end();

	is_json = false;
	bad_calls.fail_at = 0;
	return failed;
}

static int set_up(void **state)
{
	(void)state;
	json_memory_by(json_take);
	desk_calls_start(&rig);
	rig.on_turn = on_turn;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	json_memory_by(bad_calls_malloc);
	return 0;
}

static void start_again(void)
{
	desk_calls_again(&rig);
	rig.on_turn = on_turn;
}

/* ---- requests ------------------------------------------------------------ */

static bool says(const char *word)
{
	return desk_calls_says(&rig, word);
}

/* Memory may be out for the words of a refusal too: then there are none. */
static void look(
    const struct desk_call *call, int status, size_t events, unsigned mails)
{
	assert_int_not_equal(status, -1);
	if (rig.web == NULL) {
		assert_true(rig.answers <= 1);
	} else if (status != 0) { /* or the engine has closed */
		assert_int_equal(rig.answers, 1);
	}
	if (status != 0 && status < 300) {
		assert_int_equal(status, call->good);
		assert_true(desk_rig_events(&rig, 1) - events >= call->events);
		return;
	}
	assert_true(status == 0 || status >= 500 || status == call->good);
	assert_false(rig.taken.mails > mails && says("Nothing was"));
}

/* False: so many were not asked for. */
static bool try_one(const struct desk_call *call, unsigned n, bool json)
{
	size_t events;
	unsigned mails, texts, failed;
	int status;

	start_again();
	(void)desk_rig_ask(
	    &rig, "POST", DESK_CALLS_TIP "/do", "{\"event\":\"CLAIM\"}");
	turn++;
	events = desk_rig_events(&rig, 1);
	mails = rig.taken.mails;
	texts = rig.taken.texts;
	fail_at(n, json);
	status = desk_calls_ask(&rig, call, turn);
	failed = heal();
	look(call, status, events, mails);
	if (failed > 0 && rig.web != NULL) {
		status = desk_calls_ask(&rig, call, turn);
		assert_int_equal(rig.answers, 1);
		assert_true(status == call->good || status == 200 ||
		    strstr(call->body, "RELEASE") != NULL);
		assert_true(rig.taken.texts - texts <= 1);
	}
	return failed > 0;
}

static void memory_is_out_once_and_nothing_untrue_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_calls_n; i++) {
		unsigned n = 1;

		while (try_one(&desk_calls[i], n, false)) {
			assert_true(n++ < POINTS_MAX);
		}
	}
}

static void memory_for_json_is_out_once_and_nothing_untrue_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < desk_calls_n; i++) {
		unsigned n = 1;

		while (try_one(&desk_calls[i], n, true)) {
			n += n < MANY ? 1 : 7;
			assert_true(n < POINTS_MAX);
		}
	}
}

/* An empty referral, or answer of a partner, is not what was asked for. */
static void a_request_that_was_not_copied_is_no_empty_one(void **state)
{
	struct session session = { .name = "sok" };
	struct api_call call = { .web = rig.web,
		.session = &session,
		.args = { bytes_str("01010101010101010101010101010101") },
		.body = json_pack("{s:s, s:s}", "hash", "x", "line", "y") };
	struct referral_task *task = NULL;

	(void)state;
	for (unsigned n = 1; task == NULL; n++) {
		fail_at(n, true);
		is_its_turn = true;
		task = referral_task_of(&call);
		is_its_turn = false;
		(void)heal();
		assert_true(n < POINTS_MAX);
	}
	assert_true(json_equal(task->body, call.body));
	referral_task_free(task);
	json_decref(call.body);
}

/* ---- who wants no contact ------------------------------------------------
 */

static void say_to_an_officer(void)
{
	assert_int_equal(
	    desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/entries",
		"{\"kind\":\"contact\",\"safe\":{\"no_contact\":true}}"),
	    200);
}

/* Another tip of the number. */
static void tell_again(const char *text, bool no_contact)
{
	const struct report report = { .received_s = 1795348001,
		.channel = "sms",
		.lang = "en",
		.text = bytes_str(text),
		.flags = { "may reply", "no contact" },
		.n_flags = no_contact ? 2 : 0,
		.sender_raw = bytes_str(DESK_CALLS_PHONE),
		.sender_e164 = bytes_str(DESK_CALLS_PHONE),
		.priority = 3 };

	assert_int_equal(desk_rig_tip(&rig, 2, &report)->state, TIP_OPEN);
}

/* But for the flag it asks for a reply. */
static void say_in_a_text(void)
{
	tell_again("0", true);
}

/* Of another case of the number, to an officer. */
static void say_in_another_case(void)
{
	tell_again("it is me again", false);
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_OTHER "/do",
			     "{\"event\":\"CLAIM\"}"),
	    200);
	assert_int_equal(
	    desk_rig_ask(&rig, "POST", DESK_CALLS_OTHER "/entries",
		"{\"kind\":\"contact\",\"safe\":{\"no_contact\":true}}"),
	    200);
}

/* With the receipt code. */
static void say_later(void)
{
	const struct report report = { .received_s = 1795348001,
		.kind = REPORT_MORE,
		.channel = "web",
		.lang = "en",
		.wishes = { "no-contact" },
		.n_wishes = 1,
		.has_mailbox = true,
		.mailbox = { 2 },
		.priority = 3 };

	(void)desk_rig_tip(&rig, 2, &report);
	desk_rig_second(&rig);
}

static const struct desk_call *sms_call(void)
{
	size_t i = 0;

	while (strstr(desk_calls[i].path, "/sms") == NULL) {
		i++;
		assert_true(i < desk_calls_n);
	}
	return &desk_calls[i];
}

static void try_text(void (*say)(void), bool json)
{
	const struct desk_call *sms = sms_call();
	unsigned failed = 1;

	for (unsigned n = 1; failed > 0; n++) {
		fail_at(n, json);
		assert_int_not_equal(desk_calls_ask(&rig, sms, ++turn), 202);
		failed = heal();
		assert_int_equal(rig.taken.texts, 0);
		assert_false(says("No safe contact was given"));
		if (rig.web == NULL) {
			start_again();
			say();
		}
		assert_true(n < POINTS_MAX);
	}
}

static void no_text_goes_to_who_wants_none_whatever_is_out(void **state)
{
	static void (*const ways[])(void) = { say_to_an_officer, say_in_a_text,
		say_later, say_in_another_case };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		desk_rig_stop(&rig);
		desk_calls_start(&rig);
		rig.on_turn = on_turn;
		ways[i]();
		assert_int_equal(desk_calls_ask(&rig, sms_call(), ++turn), 409);
		assert_true(says("no-contact"));
		try_text(ways[i], false);
		try_text(ways[i], true);
	}
}

/* ---- what the page behind the code says by itself ------------------------
 */

/* The word for that comes with the receipt code; the tip is read, which would
 * be told. */
static void be_watched(void)
{
	const struct report report = { .received_s = 1795348001,
		.kind = REPORT_MORE,
		.channel = "web",
		.lang = "en",
		.text = bytes_str("mango"),
		.has_mailbox = true,
		.mailbox = { 2 },
		.priority = 3 };

	assert_int_equal(
	    desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/entries",
		"{\"kind\":\"contact\",\"safe\":{\"watched_word\":\"mango\"}}"),
	    200);
	(void)desk_rig_tip(&rig, 2, &report);
	desk_rig_second(&rig);
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/do",
			     "{\"event\":\"OPEN\"}"),
	    200);
}

/* What is told follows from what is written, and is looked at each time. */
static void look_at_status(bool json)
{
	unsigned failed = 1;

	for (unsigned n = 1; failed > 0; n++) {
		size_t events = rig.n_events;

		fail_at(n, json);
		(void)desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/entries",
		    "{\"kind\":\"note\",\"text\":\"a note\"}");
		if (rig.web != NULL) {
			desk_rig_second(&rig);
		}
		failed = heal();
		assert_int_equal(rig.taken.statuses, 0);
		start_again();
		if (rig.n_events < events) { /* it is another one */
			be_watched();
		}
		assert_true(n < POINTS_MAX);
	}
}

static void who_is_watched_is_told_nothing_whatever_is_out(void **state)
{
	(void)state;
	be_watched();
	look_at_status(false);
	look_at_status(true);
}

/* Each time from the beginning: it is told once. */
static void what_is_to_be_told_is_not_forgotten_whatever_is_out(void **state)
{
	(void)state;
	for (unsigned n = 1, failed = 1; failed > 0; n++) {
		bool json = n % 2 == 1;

		desk_rig_stop(&rig);
		desk_calls_start(&rig);
		rig.on_turn = on_turn;
		fail_at((n + 1) / 2, json);
		(void)desk_rig_ask(
		    &rig, "POST", DESK_CALLS_TIP "/do", "{\"event\":\"OPEN\"}");
		if (rig.web != NULL) {
			desk_rig_second(&rig);
		}
		failed = heal();
		if (rig.web == NULL) {
			continue;
		}
		(void)desk_rig_ask(
		    &rig, "POST", DESK_CALLS_TIP "/do", "{\"event\":\"OPEN\"}");
		desk_rig_second(&rig);
		desk_rig_second(&rig);
		assert_int_equal(rig.taken.statuses, 1);
		assert_true(n < POINTS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    memory_is_out_once_and_nothing_untrue_is_said, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    memory_for_json_is_out_once_and_nothing_untrue_is_said,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_request_that_was_not_copied_is_no_empty_one, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    no_text_goes_to_who_wants_none_whatever_is_out, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_watched_is_told_nothing_whatever_is_out, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_to_be_told_is_not_forgotten_whatever_is_out, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name(
	    "desk/failing memory", tests, NULL, NULL);
}
