/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Numbers are masked, until POST /api/tips/<id>/reveal: the one that wrote and
 * the one that was given, for a reason. The reason is on the case, in the
 * ledger, before they are shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "text/json_memory.h"

#define REASON_BYTES 500u
/* the answer that is a number */
#define GIVEN "contact_number"
#define DOTS  "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"

struct revealing {
	struct tip *tip;
	net_token conn;
	char who[CASE_OWNER_BYTES];
	uint8_t keyd[KEYD_TOKEN_BYTES];
};

/* ---- masks ----------------------------------------------------------------
 */

const char *api_sender(const json_t *report)
{
	const json_t *sender = json_object_get(report, "sender");
	const char *sure = json_string_value(json_object_get(sender, "e164"));

	return sure != NULL ? sure
			    : json_string_value(json_object_get(sender, "raw"));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last two digits are enough to tell callers apart. */
json_t *api_masked(const char *number)
{
	size_t len = number == NULL ? 0 : strlen(number);

	if (len == 0) {
		return json_null();
	}
	if (len < 6 || !is_digit(number[len - 1]) ||
	    !is_digit(number[len - 2])) {
		return json_string(DOTS);
	}
	return json_sprintf(DOTS "%s", number + len - 2);
}

json_t *api_answers(const json_t *report)
{
	json_t *answers = json_copy(json_object_get(report, "answers"));
	const char *number = json_string_value(json_object_get(answers, GIVEN));

	if (number != NULL &&
	    json_object_set_new(answers, GIVEN, api_masked(number)) != 0) {
		json_decref(answers); /* and not in clear */
		answers = NULL;
	}
	return answers;
}

/* ---- shown ----------------------------------------------------------------
 */

static void show(struct web *web, const struct revealing *revealing)
{
	unsigned lacks = json_memory_lacks();
	json_t *report = api_report(revealing->tip);
	const char *sender = api_sender(report);
	const char *given = json_string_value(
	    json_object_get(json_object_get(report, "answers"), GIVEN));

	if (json_memory_lacks() != lacks) {
		api_refuse(web, revealing->conn, 503, "memory",
		    "The desk has no memory left.");
	} else if (sender == NULL && given == NULL) {
		api_refuse(web, revealing->conn, 409, "none",
		    "No number came with this tip.");
	} else {
		web_audit(web, AUDIT_REVEAL, revealing->who, revealing->tip->id,
		    bytes_of(NULL, 0));
		api_answer(web, revealing->conn, 200,
		    json_pack("{s:s*,s:s*}", "sender", sender, GIVEN, given));
	}
	json_decref(report);
}

static void written(struct web *web, const struct store_done *done, void *arg)
{
	struct revealing revealing = *(struct revealing *)arg;

	free(arg);
	if (done->result != STORE_ANSWERED || done->why != CASE_YES) {
		api_answer_done(web, revealing.conn, done);
		return;
	}
	if (!session_is_in(web->sessions, revealing.keyd)) {
		api_refuse(web, revealing.conn, 401, "login",
		    "Nobody is logged in here.");
		return;
	}
	if (revealing.tip->state != TIP_OPEN) {
		api_refuse(web, revealing.conn, 503, "opening",
		    "It cannot be opened just now; try again.");
		return;
	}
	show(web, &revealing);
}

static void reveal(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct bytes reason = api_string(call, "reason");
	struct revealing *revealing;

	if (tip == NULL || !api_may_read(call, tip)) {
		return;
	}
	if (reason.len == 0 || reason.len > REASON_BYTES) {
		api_refuse(call->web, call->conn, 400, "reason",
		    "Say why you need the number, in at most 500 bytes.");
		return;
	}
	revealing = calloc(1, sizeof(*revealing));
	if (revealing == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	*revealing = (struct revealing){ .tip = tip, .conn = call->conn };
	memcpy(revealing->keyd, call->session->keyd, sizeof(revealing->keyd));
	(void)snprintf(
	    revealing->who, sizeof(revealing->who), "%s", call->session->name);
	entry_add(call->web, tip, revealing->who,
	    json_pack("{s:s, s:s%}", "kind", "reveal", "text",
		(const char *)reason.at, reason.len),
	    written, revealing);
}

static const char *const members[] = { "reason", NULL };

const struct api_route api_reveal_routes[] = {
	{ HTTP_POST, "/api/tips/*/reveal", API_OFFICER, members, reveal, false,
	    0 },
	{ 0 },
};
