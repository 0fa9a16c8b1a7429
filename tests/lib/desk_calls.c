/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/desk_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT "Hello. Is now a good time? 1 yes, 0 no."

const struct desk_call desk_calls[] = {
	{ "GET", DESK_CALLS_TIP, NULL, 200, 0 },
	{ "GET", DESK_CALLS_TIP "/asked", NULL, 200, 0 },
	{ "GET", DESK_CALLS_TIP "/referrals", NULL, 404,
	    0 }, /* there is none */
	/* and so there is nothing to do to one */
	{ "GET", DESK_CALLS_TIP "/referrals/file", NULL, 409, 0 },
	{ "GET", DESK_CALLS_TIP "/referrals/look/1", NULL, 404, 0 },
	{ "GET", DESK_CALLS_TIP "/referrals/files/1", NULL, 409, 0 },
	{ "POST", DESK_CALLS_TIP "/referrals/preview", "{\"partner\":\"x\"}",
	    400, 0 },
	{ "POST", DESK_CALLS_TIP "/referrals", "{\"partner\":\"x\"}", 409, 0 },
	{ "POST", DESK_CALLS_TIP "/referrals/approve", "{\"hash\":\"x\"}", 409,
	    0 },
	{ "POST", DESK_CALLS_TIP "/referrals/ack",
	    "{\"line\":\"x\",\"word\":\"x\"}", 409, 0 },
	{ "POST", DESK_CALLS_TIP "/agree", "{\"entry\":1}", 409, 0 },
	{ "GET", "/api/audit", NULL, 200, 0 },
	{ "GET", "/api/handover", NULL, 200, 0 },
	{ "GET", "/api/stats", NULL, 200, 0 },
	{ "POST", DESK_CALLS_TIP "/activity", "{}", 200, 0 },
	{ "POST", DESK_CALLS_TIP "/do", "{\"event\":\"RELEASE\"}", 200, 1 },
	{ "POST", DESK_CALLS_TIP "/entries",
	    "{\"kind\":\"note\",\"text\":\"%032x\"}", 200, 1 },
	{ "POST", DESK_CALLS_TIP "/reply",
	    "{\"text\":\"hello\",\"once\":\"%032x\"}", 200, 1 },
	{ "POST", DESK_CALLS_TIP "/reply",
	    "{\"text\":\"hello?\",\"once\":\"%032x\",\"asks\":true}", 200, 1 },
	{ "POST", DESK_CALLS_TIP "/reply", "{\"status\":3,\"once\":\"%032x\"}",
	    200, 1 },
	{ "POST", DESK_CALLS_TIP "/reveal", "{\"reason\":\"%032x\"}", 200, 1 },
	{ "POST", DESK_CALLS_TIP "/sms",
	    "{\"text\":\"" TEXT "\",\"lang\":\"en\",\"once\":\"%032x\","
	    "\"read_rule\":true}",
	    202, 1 },
	{ "POST", "/api/calls",
	    "{\"key\":\"%032x\",\"via\":\"hotline\",\"text\":\"help\"}", 200,
	    0 },
};
const size_t desk_calls_n = sizeof(desk_calls) / sizeof(desk_calls[0]);

void desk_calls_start(struct desk_rig *rig)
{
	const struct report_answer answers[] = {
		{ "contact", bytes_str("2") },
		{ "contact_number", bytes_str(DESK_CALLS_PHONE) },
	};
	const struct report report = { .received_s = 1795348000,
		.channel = "web",
		.lang = "en",
		.text = bytes_str("they hold us"),
		.answers = answers,
		.n_answers = 2,
		.sender_raw = bytes_str(DESK_CALLS_PHONE),
		.sender_e164 = bytes_str(DESK_CALLS_PHONE),
		.has_reply_key = true,
		.reply_key = { 1 },
		.mailbox = { 2 },
		.priority = 2 };

	desk_rig_start(rig);
	desk_rig_login(rig, 0);
	assert_int_equal(desk_rig_tip(rig, 1, &report)->state, TIP_OPEN);
	assert_int_equal(desk_rig_ask(rig, "POST", DESK_CALLS_TIP "/do",
			     "{\"event\":\"CLAIM\"}"),
	    200);
	assert_int_equal(desk_rig_ask(rig, "POST", DESK_CALLS_TIP "/entries",
			     "{\"kind\":\"note\",\"text\":\"a note\"}"),
	    200);
	desk_rig_second(rig); /* links, and the status */
}

void desk_calls_again(struct desk_rig *rig)
{
	if (rig->web == NULL || rig->n_events + 8 > DESK_RIG_EVENTS ||
	    rig->taken.mails + 8 > DESK_RIG_EVENTS ||
	    rig->n_records + 16 > DESK_RIG_RECORDS) {
		desk_rig_stop(rig);
		desk_calls_start(rig);
	}
}

int desk_calls_ask(
    struct desk_rig *rig, const struct desk_call *call, unsigned once)
{
	char body[512] = "";
	const char *gap = call->body == NULL ? NULL : strstr(call->body, "%");

	if (gap != NULL) {
		(void)snprintf(body, sizeof(body), "%.*s%032x%s",
		    (int)(gap - call->body), call->body, once, gap + 5);
	} else if (call->body != NULL) {
		(void)snprintf(body, sizeof(body), "%s", call->body);
	}
	return desk_rig_ask(
	    rig, call->method, call->path, call->body == NULL ? NULL : body);
}

bool desk_calls_says(const struct desk_rig *rig, const char *word)
{
	return rig->body != NULL && strstr(rig->body, word) != NULL;
}
