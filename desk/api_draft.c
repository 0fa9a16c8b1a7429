/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What somebody has begun to write on a tip: PUT, GET and DELETE
 * /api/draft/<tip>; `call` is that of the form for calls. */
#include "desk/api.h"
#include "desk/drafts.h"

/* False: it was answered. */
static bool has_name(struct api_call *call)
{
	return bytes_equal(call->args[0], bytes_str("call")) ||
	    api_tip(call) != NULL;
}

static void keep(struct api_call *call)
{
	struct session *session = call->session;
	enum tl_err err = TL_ENOMEM;

	if (!has_name(call)) {
		return;
	}
	if (session->drafts == NULL) {
		session->drafts = drafts_new();
	}
	if (session->drafts != NULL) {
		err = drafts_put(
		    session->drafts, call->args[0], api_string(call, "text"));
	}
	if (err == TL_OK) {
		api_answer(call->web, call->conn, 200, json_object());
	} else if (err == TL_ENOMEM) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
	} else {
		api_refuse(call->web, call->conn, 413, "toobig",
		    "That is too much for a draft: send or drop what is "
		    "there.");
	}
}

static void give(struct api_call *call)
{
	enum tl_err err = TL_ENOENT;
	struct buf text;

	if (!has_name(call)) {
		return;
	}
	buf_init(&text, DRAFT_TEXT_BYTES);
	if (call->session->drafts != NULL) {
		err = drafts_get(call->session->drafts, call->args[0], &text);
	}
	if (err == TL_OK || err == TL_ENOENT) {
		api_answer(call->web, call->conn, 200,
		    json_pack("{s:s%}", "text",
			text.len > 0 ? (const char *)text.data : "", text.len));
	} else {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
	}
	buf_free(&text);
}

static void drop(struct api_call *call)
{
	if (!has_name(call)) {
		return;
	}
	if (call->session->drafts != NULL) {
		drafts_drop(call->session->drafts, call->args[0]);
	}
	api_answer(call->web, call->conn, 200, json_object());
}

static const char *const members[] = { "text", NULL };

const struct api_route api_draft_routes[] = {
	{ HTTP_PUT, "/api/draft/*", API_OFFICER, members, keep, false, 0 },
	{ HTTP_GET, "/api/draft/*", API_OFFICER, NULL, give, false, 0 },
	{ HTTP_DELETE, "/api/draft/*", API_OFFICER, NULL, drop, false, 0 },
	{ 0 },
};
