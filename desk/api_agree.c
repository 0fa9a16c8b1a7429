/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A second officer's word: what was asked for and needs one is written on the
 * case (api_do.c); GET /api/tips/<id>/asked tells of it without the lease, and
 * POST /api/tips/<id>/agree does it, in both names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/api.h"
#include "desk/asked.h"

struct agreeing {
	struct web *web;
	net_token conn;
	struct tip *tip;
	char who[CASE_OWNER_BYTES];
	json_int_t entry;
};

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

static bool is_kind(const json_t *entry, const char *kind)
{
	return strcmp(text_of(entry, "kind"), kind) == 0;
}

static json_int_t id_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "id"));
}

/* NULL: no memory, which was answered. */
static struct agreeing *agreeing_of(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct agreeing *agreeing;

	if (tip == NULL) {
		return NULL;
	}
	agreeing = calloc(1, sizeof(*agreeing));
	if (agreeing == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return NULL;
	}
	agreeing->web = call->web;
	agreeing->conn = call->conn;
	agreeing->tip = tip;
	agreeing->entry =
	    json_integer_value(json_object_get(call->body, "entry"));
	(void)snprintf(
	    agreeing->who, sizeof(agreeing->who), "%s", call->session->name);
	return agreeing;
}

/* ---- what is asked --------------------------------------------------------
 */

/* False: nothing of it could be read, which was answered. */
static bool are_there(struct agreeing *agreeing, const json_t *entries)
{
	if (entries == NULL) {
		api_refuse(agreeing->web, agreeing->conn, 503, "opening",
		    "It cannot be opened just now; try again.");
		free(agreeing);
	}
	return entries != NULL;
}

static void tell(struct web *web, json_t *entries, void *arg)
{
	struct agreeing *agreeing = arg;

	if (!are_there(agreeing, entries)) {
		return;
	}
	api_answer(web, agreeing->conn, 200,
	    json_pack("{s:o}", "asked", asked_of(entries)));
	json_decref(entries);
	free(agreeing);
}

static void look(struct api_call *call)
{
	struct agreeing *agreeing = agreeing_of(call);

	if (agreeing != NULL) {
		web_audit_view(call->web, call->session, agreeing->tip->id);
		entry_list(call->web, agreeing->tip->id, tell, agreeing);
	}
}

/* ---- agreeing -------------------------------------------------------------
 */

static void done_cb(const struct frame *frame, void *arg)
{
	struct agreeing *agreeing = arg;
	struct store_done done = store_done_of(frame);

	api_take_done(
	    agreeing->web, agreeing->tip, agreeing->who, "agreed", &done);
	api_answer_done(agreeing->web, agreeing->conn, &done);
	free(agreeing);
}

/* What had left already was looked at. */
static void looked_at(struct web *web, const struct store_done *done, void *arg)
{
	struct agreeing *agreeing = arg;

	api_answer_done(web, agreeing->conn, done);
	free(agreeing);
}

static void agree_to(struct web *web, json_t *entries, void *arg)
{
	struct agreeing *agreeing = arg;
	json_t *asked = NULL;
	json_t *entry;
	size_t i;

	if (!are_there(agreeing, entries)) {
		return;
	}
	json_array_foreach(entries, i, entry)
	{
		if (is_kind(entry, "ask-second") &&
		    id_of(entry) == agreeing->entry) {
			asked = entry;
		}
	}
	if (asked == NULL || asked_is_over(entries, asked) ||
	    strcmp(text_of(asked, "who"), agreeing->who) == 0) {
		api_refuse(web, agreeing->conn, 409, "none",
		    "There is nothing here that you can agree to.");
		free(agreeing);
	} else if (strcmp(text_of(asked, "asks"), ASKED_AFTERWARDS) == 0) {
		entry_add(web, agreeing->tip, agreeing->who,
		    json_pack("{s:s, s:I, s:s}", "kind", "post-approval",
			"asked", id_of(asked), "ref", text_of(asked, "ref")),
		    looked_at, agreeing);
	} else {
		api_do_asked(web, agreeing->tip, asked, agreeing->who, done_cb,
		    agreeing);
	}
	json_decref(entries);
}

static void agree(struct api_call *call)
{
	struct agreeing *agreeing = agreeing_of(call);

	if (agreeing != NULL) {
		entry_list(call->web, agreeing->tip->id, agree_to, agreeing);
	}
}

static const char *const members[] = { "entry", NULL };

const struct api_route api_agree_routes[] = {
	{ HTTP_GET, "/api/tips/*/asked", API_OFFICER, NULL, look, false, 0 },
	{ HTTP_POST, "/api/tips/*/agree", API_OFFICER, members, agree, false,
	    0 },
	{ 0 },
};
