/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * POST /api/tips/<id>/sms: a text to the reporter's telephone.
 *
 * The order is on the case, in the ledger, before anything leaves, and has the
 * id that the console gave it: asked for twice it is one text. What came of it
 * is written behind it. If the desk dies in between, nobody knows whether the
 * text went; it is shown so, and an officer decides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "desk/api.h"
#include "desk/kin.h"
#include "desk/reach.h"
#include "desk/texts.h"
#include "desk/wording.h"
#include "sms/units.h"
#include "text/phrases.h"
#include "text/utf8.h"

#define REASON_BYTES 500u
#define ONCE_BYTES   16u

struct texting {
	struct web *web;
	struct tip *tip;
	net_token conn;
	struct session session; /* a copy: who asked */
	char once[2 * ONCE_BYTES + 1];
	json_t *body;     /* as it was asked */
	json_t *entries;  /* of the case, while it is judged, */
	uint64_t version; /* and as of which */
	struct reach reach;
	struct contact_case contact;
	unsigned parts;
	bool is_begun, is_ordered;
	enum send_said said;
};

static void texting_free(struct texting *texting)
{
	if (texting->is_begun && !texting->is_ordered) {
		texts_forget(texting->web, texting->once);
	} else if (texting->is_begun) {
		texts_end(texting->web, texting->once, texting->said);
	}
	json_decref(texting->body);
	json_decref(texting->entries);
	wipe(texting, sizeof(*texting));
	free(texting);
}

static struct bytes string_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return bytes_of(json_string_value(value), json_string_length(value));
}

static void refuse(const struct texting *texting, int status, const char *word,
    const char *sentence)
{
	api_refuse(texting->web, texting->conn, status, word, sentence);
}

/* ---- what came of it ---------------------------------------------------- */

/* If it could not be written, the order has no outcome: it is unknown. */
static void outcome_written(
    struct web *web, const struct store_done *done, void *arg)
{
	(void)web;
	(void)done;
	texting_free(arg);
}

static void said(const struct sender_said *answer, void *arg)
{
	struct texting *texting = arg;
	/* some providers name a text with whatever bytes */
	struct bytes id =
	    utf8_valid(answer->id) ? answer->id : bytes_of(NULL, 0);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:i, s:s%}", "kind",
	    "sms-outcome", "once", texting->once, "outcome",
	    texts_word(answer->said), "status", (int)answer->status,
	    "provider_id", id.len > 0 ? (const char *)id.at : "", id.len);

	texting->said = answer->said;
	if (doc == NULL) {
		texting_free(texting);
		return;
	}
	if (answer->said == SEND_TAKEN &&
	    json_is_true(json_object_get(texting->body, "asks"))) {
		entry_ask(texting->web, texting->tip, texting->session.name,
		    texting->session.role == SESSION_SUPERVISOR, doc,
		    outcome_written, texting);
		return;
	}
	entry_add(texting->web, texting->tip, texting->session.name, doc,
	    outcome_written, texting);
}

/* ---- the order ---------------------------------------------------------- */

static void answer_again(const struct texting *texting, const char *outcome)
{
	api_answer(texting->web, texting->conn, 200,
	    json_pack("{s:s, s:b, s:s}", "once", texting->once, "again", 1,
		"outcome", outcome));
}

static void ordered(struct web *web, const struct store_done *done, void *arg)
{
	struct texting *texting = arg;
	struct sender_sms sms = { .gateway = texting->reach.gateway,
		.to = bytes_str(texting->reach.number),
		.text = string_of(texting->body, "text") };

	if (done->result != STORE_ANSWERED || done->why != CASE_YES) {
		api_answer_done(web, texting->conn, done);
		texting_free(texting);
		return;
	}
	if (!done->has_now) { /* another call was first */
		answer_again(texting, "unknown");
		texting_free(texting);
		return;
	}
	texting->is_ordered = true;
	web->sms.parts += texting->parts;
	api_answer(web, texting->conn, 202,
	    json_pack("{s:o, s:s, s:s, s:i}", "now", api_now(&done->now),
		"once", texting->once, "outcome", "sending", "parts",
		(int)texting->parts));
	sender_ask_sms(web->sender, &sms, said, texting);
}

static void event_id_of(
    const struct texting *texting, uint8_t ret_id[static CASE_ID_BYTES])
{
	static const char prefix[] = "tipline sms order v1";
	uint8_t message[sizeof(prefix) + TIP_ID_BYTES + 2 * ONCE_BYTES];
	uint8_t hash[HASH_BYTES];

	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), texting->tip->id, TIP_ID_BYTES);
	memcpy(message + sizeof(prefix) + TIP_ID_BYTES, texting->once,
	    2 * ONCE_BYTES);
	hash_bytes(hash, message, sizeof(message));
	memcpy(ret_id, hash, CASE_ID_BYTES);
}

/* The last two digits tell which number it was. */
static json_t *order_of(const struct texting *texting, const char *overrides)
{
	const struct config *config = texting->web->config;
	const char *number = texting->reach.number;
	struct bytes text = string_of(texting->body, "text");
	json_t *doc = json_pack("{s:s, s:s, s:s%, s:i, s:s, s:s, s:s}", "kind",
	    "sms", "once", texting->once, "text", (const char *)text.at,
	    text.len, "parts", (int)texting->parts, "gateway",
	    config->gateways[texting->reach.gateway].name, "desk",
	    config->desk.name, "to_ends", number + strlen(number) - 2);

	if (doc != NULL) {
		(void)json_object_set(
		    doc, "lang", json_object_get(texting->body, "lang"));
	}
	if (doc != NULL && overrides != NULL) {
		(void)json_object_set_new(
		    doc, "overrides", json_string(overrides));
		(void)json_object_set(doc, "reason",
		    json_object_get(texting->body, "override_reason"));
	}
	return doc;
}

static void note_audit(const struct texting *texting, const char *overrides)
{
	struct bytes reason = string_of(texting->body, "override_reason");
	struct buf note;

	if (overrides == NULL) {
		return; /* the entry is in the trail */
	}
	buf_init(&note, REASON_BYTES + 64);
	buf_put_str(&note, "sms, ");
	buf_put_str(&note, overrides);
	buf_put_str(&note, ": ");
	buf_put(&note, reason.at, reason.len);
	web_audit(texting->web, AUDIT_OVERRIDE, texting->session.name,
	    texting->tip->id, bytes_of(note.data, note.len));
	buf_free(&note);
}

static void order(struct texting *texting, const char *overrides)
{
	const char *known = texts_known(texting->web, texting->once);
	json_t *doc;
	uint8_t id[CASE_ID_BYTES];

	if (known != NULL) { /* since its entries were asked for */
		answer_again(texting, known);
		texting_free(texting);
		return;
	}
	doc = order_of(texting, overrides);
	texting->is_begun =
	    doc != NULL && texts_begin(texting->web, texting->once);
	if (!texting->is_begun) {
		json_decref(doc);
		refuse(texting, 503, "memory", "The desk has no memory left.");
		texting_free(texting);
		return;
	}
	note_audit(texting, overrides);
	event_id_of(texting, id);
	entry_add_once(texting->web, texting->tip, texting->session.name, doc,
	    id, texting->version, ordered, texting);
}

/* ---- may it go? --------------------------------------------------------- */

static bool names_us(const struct web *web, struct bytes text)
{
	if (wording_names(text, web->config->site.title)) {
		return true;
	}
	for (size_t i = 0; i < web->partners.n; i++) {
		if (wording_names(text, web->partners.items[i].name)) {
			return true;
		}
	}
	return false;
}

static void judge_words(
    struct texting *texting, struct bytes text, struct contact_case *contact)
{
	const struct web *web = texting->web;
	struct sms_units units = { 0 };

	contact->is_template = phrases_has(text, PHRASE_SMS);
	contact->own_words_ok =
	    strcmp(web->config->desk.sms_own_words, "yes") == 0;
	if (!contact->is_template && contact->own_words_ok) {
		contact->words_fault = names_us(web, text)
		    ? "It names who we are."
		    : wording_fault(triage_keywords(web->triage), text);
	}
	if (sms_units(text, &units)) {
		contact->parts = units.parts;
	}
	texting->parts = contact->parts;
}

static void answer_no(
    const struct texting *texting, const struct contact_answer *answer)
{
	api_answer(texting->web, texting->conn,
	    texting->contact.not_heard ? 503 : 409,
	    json_pack("{s:s, s:s, s:b}", "error", answer->name, "text",
		answer->why, "may_override", answer->word == CONTACT_REASON));
}

static void decide(struct texting *texting)
{
	struct contact_answer answer;

	contact_ask(&texting->contact, &answer);
	if (answer.word != CONTACT_YES) {
		answer_no(texting, &answer);
		texting_free(texting);
	} else if (texting->reach.number[0] == '\0') {
		refuse(texting, 409, "number",
		    "No number came with this tip that is surely one: it lacks "
		    "its country.");
		texting_free(texting);
	} else {
		order(texting, answer.overrides);
	}
}

/* What cannot be read may say that there is to be no contact. False: it was
 * answered, and texting is gone. */
static bool are_readable(struct texting *texting, bool is_known, bool is_sealed)
{
	/* with the last word of each of them: a STOP may be the last */
	if (!is_known || texting->tip->state != TIP_OPEN ||
	    texting->web->has_settling || !tips_are_open(texting->web->tips)) {
		refuse(texting, 503, "opening",
		    "Not all is opened yet, and a STOP may be among it; try "
		    "again.");
		texting_free(texting);
		return false;
	}
	if (is_sealed) {
		refuse(texting, 409, "sealed",
		    "Something that was written on it cannot be read here. It "
		    "may be NO CONTACT: do not text.");
		texting_free(texting);
		return false;
	}
	return true;
}

static bool is_holder(
    const struct web *web, const struct tip *tip, const struct session *session)
{
	return case_is_held(&tip->now, web_now_ms(web)) &&
	    strcmp(tip->now.owner, session->name) == 0;
}

static void refuse_unclaimed(struct web *web, net_token conn)
{
	api_refuse(web, conn, 403, "claim-first",
	    "Claim this tip before you text its reporter.");
}

/* While the entries were fetched, the officer may have gone, or somebody taken
 * the tip over. False: it was answered, and texting is gone. */
static bool is_still_there(struct texting *texting)
{
	struct web *web = texting->web;

	if (!session_is_in(web->sessions, texting->session.keyd)) {
		refuse(texting, 401, "login", "Nobody is logged in here.");
	} else if (api_is_sealed(texting->tip)) {
		refuse(texting, 410, API_WITHDRAWN, API_WITHDRAWN_TEXT);
	} else if (!is_holder(web, texting->tip, &texting->session)) {
		refuse_unclaimed(web, texting->conn);
	} else {
		return true;
	}
	texting_free(texting);
	return false;
}

static void judge(struct texting *texting)
{
	struct contact_case *contact = &texting->contact;

	reach_of(texting->web, texting->tip, texting->entries, &texting->reach,
	    contact);
	contact->no_contact = contact->no_contact || texting->reach.declined;
	contact->read_rule =
	    json_is_true(json_object_get(texting->body, "read_rule"));
	contact->has_reason =
	    string_of(texting->body, "override_reason").len > 0;
	judge_words(texting, string_of(texting->body, "text"), contact);
	texts_when(texting->web, texting->reach.number, texting->reach.country,
	    contact);
}

/* NO CONTACT is of a person, and not of one case. What came meanwhile is heard;
 * what was written on the case meanwhile gives it another version. */
static void kin_known(struct web *web, enum kin_word word, void *arg)
{
	struct texting *texting = arg;

	(void)web;
	if (!is_still_there(texting)) {
		return;
	}
	if (word == KIN_MANY) {
		refuse(texting, 409, "tips",
		    "More tips name this number than can be looked through: "
		    "one may say NO CONTACT.");
		texting_free(texting);
	} else if (are_readable(
		       texting, word != KIN_UNKNOWN, word == KIN_SEALED)) {
		judge(texting);
		texting->contact.no_contact =
		    texting->contact.no_contact || word == KIN_NO_CONTACT;
		decide(texting);
	}
}

static void listed(struct web *web, json_t *entries, void *arg)
{
	struct texting *texting = arg;
	const char *before;

	texting->entries = entries;
	if (!is_still_there(texting) ||
	    !are_readable(texting, entries != NULL,
		entries != NULL && reach_has_unread(entries))) {
		return;
	}
	texts_tell(web, entries);
	before = texts_outcome(entries, texting->once);
	if (before != NULL) {
		answer_again(texting, before);
		texting_free(texting);
		return;
	}
	texting->version = entry_version(entries);
	kin_ask(web, texting->tip, entries, kin_known, texting);
}

/* ---- the call ----------------------------------------------------------- */

/* A number of hexadecimal digits that the console made up. */
static bool is_once(struct bytes once)
{
	uint8_t bytes[ONCE_BYTES];
	size_t n = 0;

	return dec_hex((const char *)once.at, once.len, bytes, sizeof(bytes),
		   &n) == TL_OK &&
	    n == sizeof(bytes);
}

static bool is_text(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((text.at[i] < 0x20 && text.at[i] != '\n') ||
		    text.at[i] == 0x7f) {
			return false;
		}
	}
	return text.len > 0 && text.len <= SEND_TEXT_MAX_BYTES &&
	    utf8_valid(text);
}

static const char *body_fault(const struct api_call *call)
{
	if (!is_text(api_string(call, "text"))) {
		return "A text has words, and at most 1600 bytes.";
	}
	if (!is_once(api_string(call, "once"))) {
		return "once must be 32 hexadecimal digits.";
	}
	return api_string(call, "override_reason").len > REASON_BYTES
	    ? "The reason is too long."
	    : NULL;
}

static bool has_gateway(const struct config *config)
{
	for (size_t i = 0; i < config->n_gateways; i++) {
		if (strcmp(config->gateways[i].send, "yes") == 0) {
			return true;
		}
	}
	return false;
}

/* What can be said at once. False: it was answered. */
static bool may_begin(struct api_call *call, const struct tip *tip)
{
	struct web *web = call->web;
	const char *fault = body_fault(call);

	if (!is_holder(web, tip, call->session)) {
		refuse_unclaimed(web, call->conn);
		return false;
	}
	if (fault != NULL) {
		api_refuse(web, call->conn, 400, "body", fault);
		return false;
	}
	if (web->sender == NULL || !has_gateway(web->config)) {
		api_refuse(web, call->conn, 409, "off",
		    "Texts are not set up at this desk (send = yes in a "
		    "[gateway NAME]).");
		return false;
	}
	if (tip->state == TIP_SEALED || tip->state == TIP_ASKED) {
		api_refuse(web, call->conn, 503, "opening",
		    "It is not opened yet; try again.");
		return false;
	}
	if (tip->state != TIP_OPEN || !tip->is_signed) {
		api_refuse(web, call->conn, 409, "unsigned",
		    "No intake of ours has signed this tip: its number may be "
		    "anybody's.");
		return false;
	}
	return true;
}

static void text_reporter(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct texting *texting;
	json_t *body;

	if (tip == NULL || !may_begin(call, tip)) {
		return;
	}
	texting = calloc(1, sizeof(*texting));
	body = json_deep_copy(call->body);
	if (texting == NULL || body == NULL) {
		free(texting);
		json_decref(body);
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	*texting = (struct texting){ .web = call->web,
		.tip = tip,
		.conn = call->conn,
		.body = body,
		.session = *call->session,
		.said = SEND_UNKNOWN };
	memcpy(texting->once, api_string(call, "once").at, 2 * ONCE_BYTES);
	entry_list(call->web, tip->id, listed, texting);
}

static const char *const members[] = { "text", "lang", "once", "read_rule",
	"asks", "override_reason", NULL };

const struct api_route api_sms_routes[] = {
	{ HTTP_POST, "/api/tips/*/sms", API_OFFICER, members, text_reporter,
	    false, 0 },
	{ 0 },
};
