/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /api/tips/<id>/reply: words that the reporter reads with the code; and
 * the phrase book. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/random.h"
#include "desk/api.h"
#include "desk/parts.h"
#include "desk/reply.h"
#include "text/phrases.h"

struct replying {
	struct tip *tip;
	net_token conn;
	json_t *doc; /* the entry */
	char who[CASE_OWNER_BYTES];
	bool asks, supervisor;
};

static void replying_free(struct replying *replying)
{
	json_decref(replying->doc);
	free(replying);
}

/* The reporter can read it all the same. Asked again with the same `once` it is
 * one message to them. */
static void refuse_unwritten(struct web *web, net_token conn)
{
	api_refuse(web, conn, 503, "unwritten",
	    "The reporter can read it, or will, and it is not written on the "
	    "case. Send it again from here: it goes once.");
}

static void written(struct web *web, const struct store_done *done, void *arg)
{
	struct replying *replying = arg;

	if (done->result == STORE_ANSWERED && done->why == CASE_YES &&
	    done->has_now) {
		api_answer_done(web, replying->conn, done);
	} else {
		refuse_unwritten(web, replying->conn);
	}
	replying_free(replying);
}

static void not_sent(struct web *web, enum store_result result, bool has_left,
    const struct replying *replying)
{
	const struct store_done failed = { .result = result };

	if (has_left) {
		refuse_unwritten(web, replying->conn);
	} else if (result == STORE_WRONG) {
		api_refuse(web, replying->conn, 503, "seal",
		    "The desk cannot seal it just now. Nothing was sent; try "
		    "again.");
	} else {
		api_answer_done(web, replying->conn, &failed);
	}
}

static void sent(
    struct web *web, enum store_result result, bool has_left, void *arg)
{
	struct replying *replying = arg;
	json_t *doc = replying->doc;

	if (result != STORE_ANSWERED) {
		not_sent(web, result, has_left, replying);
		replying_free(replying);
		return;
	}
	replying->doc = NULL; /* taken */
	if (replying->asks) {
		entry_ask(web, replying->tip, replying->who,
		    replying->supervisor, doc, written, replying);
	} else {
		entry_add(
		    web, replying->tip, replying->who, doc, written, replying);
	}
}

static void take_once(const struct api_call *call, struct reply_words *words)
{
	struct bytes once = api_string(call, "once");
	size_t n = 0;

	if (dec_hex((const char *)once.at, once.len, words->once,
		sizeof(words->once), &n) != TL_OK ||
	    n != sizeof(words->once)) {
		random_bytes(words->once, sizeof(words->once));
	}
}

/* False: it was answered. */
static bool has_mailbox(struct api_call *call, const struct tip *tip)
{
	if (!reply_has_mailbox(tip)) {
		api_refuse(call->web, call->conn, 409, "mailbox",
		    "No receipt code leads to this tip: nobody would read it.");
		return false;
	}
	return true;
}

/* May it go? False: it was answered. */
static bool may_go(struct api_call *call, const struct tip *tip,
    const struct reply_words *words, json_int_t status)
{
	bool by_reason = call->session->role == SESSION_SUPERVISOR &&
	    api_string(call, "override_reason").len > 0;

	if ((words->text.len == 0 && status == 0) || status < 0 ||
	    status > MAIL_STATUS_LAST || !reply_is_words(words->text)) {
		api_refuse(call->web, call->conn, 400, "text",
		    "A reply has words or a status, of at most 2036 bytes.");
		return false;
	}
	if (tip->state == TIP_SEALED || tip->state == TIP_ASKED) {
		api_refuse(call->web, call->conn, 503, "opening",
		    "It is not opened yet; try again.");
		return false;
	}
	if (!tip->is_signed) {
		api_refuse(call->web, call->conn, 409, "unsigned",
		    "No intake of ours has signed this tip: whoever made it up "
		    "would read the reply.");
		return false;
	}
	if (parts_wishes(call->web, tip).no_contact && !by_reason) {
		api_refuse(call->web, call->conn, 409, "no-contact",
		    "NO CONTACT: the reporter wants none. A supervisor can "
		    "decide otherwise, with a reason.");
		return false;
	}
	return has_mailbox(call, tip);
}

/* The status by itself, with or without words in its place: it is written down,
 * and goes out as every other that a case comes to. */
static void choose(struct api_call *call, struct tip *tip, json_int_t status)
{
	struct bytes text = api_string(call, "text");
	struct bytes why = api_string(call, "override_reason");
	json_t *doc;
	net_token *conn;

	doc = json_pack("{s:s,s:I,s:s%,s:s%}", "kind", "status", "status",
	    status, "text", text.len > 0 ? (const char *)text.at : "", text.len,
	    "override_reason", why.len > 0 ? (const char *)why.at : "",
	    why.len);
	conn = doc == NULL ? NULL : api_conn(call);
	if (doc == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
	} else if (conn == NULL) {
		json_decref(doc);
	} else {
		entry_add(call->web, tip, call->session->name, doc,
		    api_entry_done, conn);
	}
}

static void reply(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct reply_words words = { .text = api_string(call, "text") };
	json_int_t status =
	    json_integer_value(json_object_get(call->body, "status"));
	struct replying *replying;

	if (call->session->role != SESSION_SUPERVISOR) {
		/* written down it would be as good as a supervisor's */
		(void)json_object_del(call->body, "override_reason");
	}
	if (tip == NULL || !api_may_read(call, tip) ||
	    !may_go(call, tip, &words, status)) {
		return;
	}
	if (parts_wishes(call->web, tip).no_contact) {
		web_audit(call->web, AUDIT_OVERRIDE, call->session->name,
		    tip->id, bytes_str("no-contact"));
	}
	if (words.text.len == 0 ||
	    (status != 0 &&
		json_is_true(json_object_get(call->body, "sentence")))) {
		choose(call, tip, status);
		return;
	}
	replying = calloc(1, sizeof(*replying));
	if (replying != NULL) {
		*replying = (struct replying){ tip, call->conn,
			json_deep_copy(call->body), "",
			json_is_true(json_object_get(call->body, "asks")),
			call->session->role == SESSION_SUPERVISOR };
		memcpy(replying->who, call->session->name,
		    strlen(call->session->name) + 1);
	}
	if (replying == NULL || replying->doc == NULL ||
	    json_object_set_new(replying->doc, "kind", json_string("reply")) !=
		0) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		if (replying != NULL) {
			replying_free(replying);
		}
		return;
	}
	/* a status goes by itself, when this is written down */
	take_once(call, &words);
	reply_send(call->web, call->session, tip, &words, sent, replying);
}

/* ---- the phrase book ------------------------------------------------------
 */

static bool put_phrase(const struct phrase *phrase, void *arg)
{
	json_t *list = arg;

	return json_array_append_new(list,
		   json_pack("{s:s%, s:s, s:s%, s:s%}", "id",
		       (const char *)phrase->id.at, phrase->id.len, "use",
		       phrase->use == PHRASE_SMS ? "sms" : "code", "lang",
		       (const char *)phrase->lang.at, phrase->lang.len, "text",
		       (const char *)phrase->text.at, phrase->text.len)) == 0;
}

static void phrases(struct api_call *call)
{
	json_t *list = json_array();

	(void)phrases_each(put_phrase, list);
	api_answer(call->web, call->conn, 200,
	    json_pack("{s:b, s:o}", "draft", 1, "phrases", list));
}

static const char *const members[] = { "text", "lang", "status", "once", "asks",
	"sentence", "override_reason", NULL };

const struct api_route api_reply_routes[] = {
	{ HTTP_POST, "/api/tips/*/reply", API_OFFICER, members, reply, false,
	    0 },
	{ HTTP_GET, "/api/phrases", API_ANY_SESSION, NULL, phrases, true, 0 },
	{ 0 },
};
