/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What officers write on a tip: POST and GET /api/tips/<id>/entries. */
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/entry.h"

/* What an officer may write by hand, and what it must and may have. What the
 * desk writes itself (replies, referrals, changes) is in the rooms that do. */
static const struct kind {
	const char *name;
	bool wants_text;
	const char *more; /* a member that it must have, or NULL */
} kinds[] = {
	{ "note", true, NULL },
	{ "plan", true, "due_ms" },    /* the next action, and when */
	{ "promise", true, "due_ms" }, /* what the reporter was told */
	{ "consent", true, "agreed" }, /* asked, and what was said */
	{ "contact", false, "safe" },  /* the way back as it is now */
	{ "coding", false, "codes" }, { "translation", true, "lang" },
	{ "content-note", true, "file" },
	{ "officials", true, NULL }, /* officials may be involved */
};

static const struct kind *kind_of(struct bytes name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (bytes_equal(name, bytes_str(kinds[i].name))) {
			return &kinds[i];
		}
	}
	return NULL;
}

static bool is_for(struct bytes whose)
{
	return whose.len == 0 || bytes_equal(whose, bytes_str("team")) ||
	    bytes_equal(whose, bytes_str("private")) ||
	    bytes_equal(whose, bytes_str("supervisor"));
}

/* What is wrong with the body, or NULL. */
static const char *judge(const struct api_call *call, const struct kind *kind)
{
	struct bytes text = api_string(call, "text");

	if (kind == NULL) {
		return "There is no entry of this kind.";
	}
	if (kind->wants_text && text.len == 0) {
		return "Write something first.";
	}
	if (text.len > ENTRY_TEXT_BYTES) {
		return "That is too long; write two.";
	}
	if (kind->more != NULL &&
	    json_object_get(call->body, kind->more) == NULL) {
		return "Something is missing in the form.";
	}
	if (!is_for(api_string(call, "for"))) {
		return "An entry is for the team, private, or for supervisors.";
	}
	/* what others decide by, others can read */
	return strcmp(kind->name, "note") == 0 ||
		api_string(call, "for").len == 0 ||
		bytes_equal(api_string(call, "for"), bytes_str("team"))
	    ? NULL
	    : "Only a note can be private or for supervisors.";
}

void api_entry_done(struct web *web, const struct store_done *done, void *arg)
{
	net_token conn = *(net_token *)arg;

	free(arg);
	api_answer_done(web, conn, done);
}

net_token *api_conn(struct api_call *call)
{
	net_token *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return NULL;
	}
	*conn = call->conn;
	return conn;
}

static void write_entry(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	const char *wrong = judge(call, kind_of(api_string(call, "kind")));
	net_token *conn;

	if (tip == NULL || !api_may_read(call, tip)) {
		return;
	}
	if (wrong != NULL) {
		api_refuse(call->web, call->conn, 400, "body", wrong);
		return;
	}
	conn = api_conn(call);
	if (conn != NULL) {
		entry_add(call->web, tip, call->session->name,
		    json_deep_copy(call->body), api_entry_done, conn);
	}
}

static const char *const members[] = { "kind", "text", "for", "due_ms",
	"agreed", "safe", "codes", "lang", "file", NULL };

const struct api_route api_entries_routes[] = {
	{ HTTP_POST, "/api/tips/*/entries", API_OFFICER, members, write_entry,
	    false, 0 },
	{ 0 },
};
