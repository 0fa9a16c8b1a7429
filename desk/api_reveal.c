/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * POST /api/tips/<id>/reveal: the number that wrote, for a reason. The reason
 * is on the case, in the ledger, before the number is shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "text/report_parts.h"

#define REASON_BYTES 500u

struct revealing {
	struct tip *tip;
	net_token conn;
	char who[CASE_OWNER_BYTES];
	uint8_t keyd[KEYD_TOKEN_BYTES];
};

/* As it came, and as a number where that is sure; NULL: none came. */
static const char *sender_of(const json_t *report)
{
	const json_t *sender = json_object_get(report, "sender");
	const char *sure = json_string_value(json_object_get(sender, "e164"));

	return sure != NULL ? sure
			    : json_string_value(json_object_get(sender, "raw"));
}

static void show(
    struct web *web, const struct revealing *revealing, const json_t *report)
{
	const char *sender = sender_of(report);

	if (report == NULL) {
		api_refuse(web, revealing->conn, 503, "opening",
		    "It cannot be opened just now; try again.");
		return;
	}
	if (sender == NULL) {
		api_refuse(web, revealing->conn, 409, "none",
		    "No number came with this tip.");
		return;
	}
	web_audit(web, AUDIT_REVEAL, revealing->who, revealing->tip->id,
	    bytes_of(NULL, 0));
	api_answer(
	    web, revealing->conn, 200, json_pack("{s:s}", "sender", sender));
}

static void written(struct web *web, const struct store_done *done, void *arg)
{
	struct revealing revealing = *(struct revealing *)arg;
	json_t *report;

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
	report = revealing.tip->state == TIP_OPEN
	    ? report_load(revealing.tip->doc)
	    : NULL;
	show(web, &revealing, report);
	json_decref(report);
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
