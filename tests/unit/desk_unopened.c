/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/refer: what is not opened yet may take a tip back. Nothing of it is
 * referred, or handed out, while that cannot be told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/lib/desk_calls.h"
#include "text/json_memory.h"

#define REFERRALS DESK_CALLS_TIP "/referrals"
#define ASK       "\"partner\":\"helpers\",\"summary\":\"three are held\""
#define DANGER \
	ASK ",\"exception\":\"IMMINENT_DANGER\",\"exception_reason\":\"a " \
	    "knife\""

static struct desk_rig rig;

static void add_partner(void)
{
	struct partners_fault fault;
	uint8_t public_key[PARTNER_PUBLIC_BYTES], sign[64];
	struct buf key;
	char text[500], day[16];
	time_t now = time(NULL);
	struct tm tm;

	assert_non_null(gmtime_r(&now, &tm));
	assert_true(strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0);
	assert_int_equal(crypto_box_keypair(public_key, sign), 0);
	assert_int_equal(
	    crypto_sign_keypair(public_key + PARTNER_SEAL_BYTES, sign), 0);
	buf_init(&key, 200);
	partner_public_put(&key, public_key);
	(void)snprintf(text, sizeof(text),
	    "{\"partners\":[{\"id\":\"helpers\",\"name\":\"Helpers\","
	    "\"kind\":\"ngo\",\"key\":\"%.*s\",\"verified_on\":\"%s\"}]}",
	    (int)key.len, (const char *)key.data, day);
	buf_free(&key);
	partners_free(&rig.web->partners);
	assert_int_equal(
	    partners_parse(bytes_str(text), &rig.web->partners, &fault), TL_OK);
}

static int ask(const char *what, const char *body)
{
	char path[200];

	(void)snprintf(path, sizeof(path), REFERRALS "%s", what);
	return desk_rig_ask(&rig, body == NULL ? "GET" : "POST", path, body);
}

static int set_up(void **state)
{
	const struct report_answer answers[] = {
		{ "share", bytes_str("1") },
	};
	const struct report report = { .received_s = 1795348000,
		.channel = "web",
		.lang = "en",
		.text = bytes_str("they hold us"),
		.answers = answers,
		.n_answers = 1,
		.has_reply_key = true,
		.reply_key = { 1 },
		.mailbox = { 2 },
		.priority = 3 };

	(void)state;
	desk_rig_start(&rig);
	desk_rig_login(&rig, 0);
	add_partner();
	assert_int_equal(desk_rig_tip(&rig, 1, &report)->state, TIP_OPEN);
	for (int i = 0; i < 3; i++) {
		desk_rig_second(&rig);
	}
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/do",
			     "{\"event\":\"CLAIM\"}"),
	    200);
	assert_int_equal(desk_rig_ask(&rig, "POST", DESK_CALLS_TIP "/do",
			     "{\"event\":\"OPEN\"}"),
	    200);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	return 0;
}

/* Previewed, and ordered as that was. */
static void refer(void)
{
	char order[1000];
	json_t *seen;

	assert_int_equal(ask("/preview", "{" ASK "}"), 200);
	seen = json_memory_text(bytes_str(rig.body), 0);
	(void)snprintf(order, sizeof(order),
	    "{" ASK ",\"ref\":\"%s\",\"created_s\":%lld,\"hash\":\"%s\"}",
	    json_string_value(json_object_get(seen, "ref")),
	    (long long)json_integer_value(json_object_get(seen, "created_s")),
	    json_string_value(json_object_get(seen, "hash")));
	json_decref(seen);
	assert_int_equal(ask("", order), 200);
	assert_int_equal(ask("/file", NULL), 200);
}

static bool says(const char *word)
{
	return desk_calls_says(&rig, word);
}

/* It comes with the receipt code, and others are opened before it. */
static struct tip *wish(void)
{
	const struct report report = { .received_s = 1795348001,
		.kind = REPORT_MORE,
		.channel = "web",
		.lang = "en",
		.wishes = { "withdraw" },
		.n_wishes = 1,
		.has_mailbox = true,
		.mailbox = { 2 },
		.priority = 3 };
	struct tip *tip;

	rig.web->opening = WEB_OPENING_MAX;
	tip = desk_rig_tip(&rig, 2, &report);
	assert_int_equal(tip->state, TIP_SEALED);
	return tip;
}

static void open_it(const struct tip *tip)
{
	rig.web->opening = 0;
	web_open_more(rig.web);
	desk_rig_settle(&rig);
	assert_int_equal(tip->state, TIP_PART);
}

static void what_may_be_taken_back_by_then_is_not_handed_out(void **state)
{
	const struct tip *more;

	(void)state;
	refer();
	more = wish();
	for (const char *const *what =
		 (const char *const[]){ "/file", "/files/1", NULL };
	     *what != NULL; what++) {
		assert_int_equal(ask(*what, NULL), 503);
		assert_true(says("\"opening\""));
	}
	open_it(more);
	assert_int_equal(ask("/file", NULL), 409);
	assert_true(says("\"agreed\""));
	assert_int_equal(ask("/files/1", NULL), 409);
	assert_true(says("\"agreed\""));
}

/* The vault has no room, say. */
static void it_stays_so_while_the_wish_lies_sealed(void **state)
{
	struct tip *more;

	(void)state;
	refer();
	more = wish();
	open_it(more);
	more->state = TIP_SEALED;
	assert_int_equal(ask("/file", NULL), 503);
	assert_true(says("\"opening\""));
	more->state = TIP_PART;
	rig.web->has_settling = true;
	assert_int_equal(ask("/file", NULL), 503);
	assert_true(says("\"opening\""));
}

static void nothing_is_referred_that_may_be_taken_back_by_then(void **state)
{
	const struct tip *more = wish();

	(void)state;
	assert_int_equal(ask("/preview", "{" ASK "}"), 503);
	assert_true(says("\"opening\""));
	assert_int_equal(ask("", "{" ASK "}"), 503);
	assert_true(says("\"opening\""));
	/* what goes also where it was taken back does not wait for that */
	assert_int_equal(ask("/preview", "{" DANGER "}"), 200);
	open_it(more);
	assert_int_equal(ask("/preview", "{" ASK "}"), 200);
	assert_true(says("has taken the tip back"));
}

static void of_a_tip_that_cannot_be_opened_nothing_leaves(void **state)
{
	uint8_t id[TIP_ID_BYTES];
	struct tip *tip;

	(void)state;
	refer();
	memset(id, 1, sizeof(id));
	tip = tips_find(rig.web->tips, id);
	tip->state = TIP_SEALED;
	assert_int_equal(ask("/file", NULL), 503);
	assert_true(says("\"opening\""));
	tip->state = TIP_FAULT;
	for (const char *const *what =
		 (const char *const[]){ "/file", "/files/1", NULL };
	     *what != NULL; what++) {
		assert_int_equal(ask(*what, NULL), 409);
		assert_true(says("\"sealed\""));
		assert_true(says("nobody can tell"));
	}
	assert_int_equal(ask("/preview", "{" DANGER "}"), 409);
	assert_true(says("\"sealed\""));
	tip->state = TIP_OPEN;
	assert_int_equal(ask("/file", NULL), 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_may_be_taken_back_by_then_is_not_handed_out),
		TEST(it_stays_so_while_the_wish_lies_sealed),
		TEST(nothing_is_referred_that_may_be_taken_back_by_then),
		TEST(of_a_tip_that_cannot_be_opened_nothing_leaves),
	};

	return cmocka_run_group_tests_name("desk/unopened", tests, NULL, NULL);
}
