/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /api/tips/<id>/reply: words that the reporter reads with the code; and
 * the phrase book. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/random.h"
#include "desk/api.h"
#include "desk/kin.h"
#include "desk/reach.h"
#include "desk/reply.h"
#include "text/json_memory.h"
#include "text/phrases.h"

struct replying {
	struct tip *tip;
	net_token conn;
	struct session session; /* a copy: who asked */
	json_t *doc;            /* what was asked, and the entry of it */
	uint8_t once[REPLY_ONCE_BYTES];
};

static void replying_free(struct replying *replying)
{
	json_decref(replying->doc);
	wipe(replying, sizeof(*replying));
	free(replying);
}

static void refuse_memory(struct web *web, net_token conn)
{
	api_refuse(web, conn, 503, "memory", "The desk has no memory left.");
}

static struct bytes string_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return bytes_of(json_string_value(value), json_string_length(value));
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

static void chosen(struct web *web, const struct store_done *done, void *arg)
{
	struct replying *replying = arg;

	api_answer_done(web, replying->conn, done);
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
	if (json_is_true(json_object_get(doc, "asks"))) {
		entry_ask(web, replying->tip, replying->session.name,
		    replying->session.role == SESSION_SUPERVISOR, doc, written,
		    replying);
	} else {
		entry_add(web, replying->tip, replying->session.name, doc,
		    written, replying);
	}
}

static void take_once(const struct api_call *call, struct replying *replying)
{
	struct bytes once = api_string(call, "once");
	size_t n = 0;

	if (dec_hex((const char *)once.at, once.len, replying->once,
		sizeof(replying->once), &n) != TL_OK ||
	    n != sizeof(replying->once)) {
		random_bytes(replying->once, sizeof(replying->once));
	}
}

/* The status by itself, with or without words in its place: it is written down,
 * and goes out as every other that a case comes to. */
static bool is_choice(const json_t *body)
{
	return string_of(body, "text").len == 0 ||
	    (json_integer_value(json_object_get(body, "status")) != 0 &&
		json_is_true(json_object_get(body, "sentence")));
}

static void choose(struct web *web, struct replying *replying)
{
	const json_t *asked = replying->doc;
	struct bytes text = string_of(asked, "text");
	struct bytes why = string_of(asked, "override_reason");
	json_t *doc = json_pack("{s:s,s:O,s:s%,s:s%}", "kind", "status",
	    "status", json_object_get(asked, "status"), "text",
	    text.len > 0 ? (const char *)text.at : "", text.len,
	    "override_reason", why.len > 0 ? (const char *)why.at : "",
	    why.len);

	if (doc == NULL) {
		refuse_memory(web, replying->conn);
		replying_free(replying);
		return;
	}
	entry_add(
	    web, replying->tip, replying->session.name, doc, chosen, replying);
}

/* ---- may it go? ---------------------------------------------------------- */

/* What can be said at once. False: it was answered. */
static bool may_begin(struct api_call *call, const struct tip *tip)
{
	struct bytes text = api_string(call, "text");
	json_int_t status =
	    json_integer_value(json_object_get(call->body, "status"));
	unsigned lacks = json_memory_lacks();

	if ((text.len == 0 && status == 0) || status < 0 ||
	    status > MAIL_STATUS_LAST || !reply_is_words(text)) {
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
	if (!reply_has_mailbox(tip)) {
		if (json_memory_lacks() != lacks) {
			refuse_memory(call->web, call->conn);
			return false;
		}
		api_refuse(call->web, call->conn, 409, "mailbox",
		    "No receipt code leads to this tip: nobody would read it.");
		return false;
	}
	return true;
}

/* False: it was answered, and replying is gone. */
static bool is_still_there(
    struct web *web, struct replying *replying, bool is_known)
{
	net_token conn = replying->conn;

	if (!session_is_in(web->sessions, replying->session.keyd)) {
		api_refuse(
		    web, conn, 401, "login", "Nobody is logged in here.");
	} else if (api_is_sealed(replying->tip)) { /* since it was asked */
		api_refuse(web, conn, 410, API_WITHDRAWN, API_WITHDRAWN_TEXT);
	} else if (!is_known || replying->tip->state != TIP_OPEN) {
		api_refuse(web, conn, 503, "opening",
		    "What was written on it cannot be read just now, and it "
		    "may say NO CONTACT; try again.");
	} else {
		return true;
	}
	replying_free(replying);
	return false;
}

static void go(struct web *web, struct replying *replying)
{
	struct reply_words words = { .text = string_of(replying->doc, "text") };

	if (is_choice(replying->doc)) {
		choose(web, replying);
	} else {
		/* a status goes by itself, when this is written down */
		memcpy(words.once, replying->once, sizeof(words.once));
		reply_send(web, &replying->session, replying->tip, &words, sent,
		    replying);
	}
}

/* Nobody is to write, but who has said why. */
static void stop_or_go(struct web *web, struct replying *replying)
{
	if (string_of(replying->doc, "override_reason").len > 0) {
		web_audit(web, AUDIT_OVERRIDE, replying->session.name,
		    replying->tip->id, bytes_str("no-contact"));
		go(web, replying);
		return;
	}
	api_refuse(web, replying->conn, 409, "no-contact",
	    "NO CONTACT: nobody is to write to this reporter, as it stands "
	    "here "
	    "or on another case of the same number, or what says so cannot be "
	    "read here. A supervisor can decide otherwise, with a reason.");
	replying_free(replying);
}

/* NO CONTACT is of a person, and not of one case. */
static void kin_known(struct web *web, enum kin_word word, void *arg)
{
	struct replying *replying = arg;

	if (!is_still_there(web, replying, word != KIN_UNKNOWN)) {
		return;
	}
	if (word == KIN_SILENT) {
		go(web, replying);
	} else {
		stop_or_go(web, replying);
	}
}

static void listed(struct web *web, json_t *entries, void *arg)
{
	struct replying *replying = arg;
	bool is_stopped, is_lost;

	if (is_still_there(web, replying, entries != NULL)) {
		is_stopped =
		    reach_is_stopped(web, replying->tip, entries, &is_lost);
		if (is_lost) {
			refuse_memory(web, replying->conn);
			replying_free(replying);
		} else if (is_stopped) {
			stop_or_go(web, replying);
		} else {
			kin_ask(
			    web, replying->tip, entries, kin_known, replying);
		}
	}
	json_decref(entries);
}

static void reply(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct replying *replying;

	if (call->session->role != SESSION_SUPERVISOR) {
		/* written down it would be as good as a supervisor's */
		(void)json_object_del(call->body, "override_reason");
	}
	if (tip == NULL || !api_may_read(call, tip) || !may_begin(call, tip)) {
		return;
	}
	replying = calloc(1, sizeof(*replying));
	if (replying != NULL) {
		*replying = (struct replying){ .tip = tip,
			.conn = call->conn,
			.session = *call->session,
			.doc = json_deep_copy(call->body) };
	}
	if (replying == NULL || replying->doc == NULL ||
	    json_object_set_new(replying->doc, "kind", json_string("reply")) !=
		0) {
		refuse_memory(call->web, call->conn);
		if (replying != NULL) {
			replying_free(replying);
		}
		return;
	}
	take_once(call, replying);
	entry_list(call->web, tip->id, listed, replying);
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
