/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Referrals: under /api/tips/<id>/referrals the preview, the order, the second
 * officer's word, the file, the partner's answer.
 *
 * An order is two events of the case, DRAFT and SUBMIT; the second holds the
 * referral. Where nobody has to agree, APPROVE follows at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/asked.h"
#include "desk/partner_answer.h"
#include "desk/refer.h"

/* ---- one call, over several answers ---------------------------------------
 */

struct task {
	struct web *web;
	net_token conn;
	struct tip *tip;
	char who[CASE_OWNER_BYTES];
	bool supervisor;
	json_t *body;
	const char *event; /* that is asked for */
	/* of an order */
	json_t *doc;
	bool alone; /* nobody else has to agree, */
	bool later; /* or not before it goes */
	char first[CASE_OWNER_BYTES];
	char ref[PARTNER_REF_BYTES];
};

static void task_free(struct task *task)
{
	json_decref(task->body);
	json_decref(task->doc);
	free(task);
}

static void refuse(
    struct task *task, int status, const char *word, const char *text)
{
	api_refuse(task->web, task->conn, status, word, text);
	task_free(task);
}

/* NULL: it was answered. */
static struct task *task_of(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct task *task;

	if (tip == NULL) {
		return NULL;
	}
	task = calloc(1, sizeof(*task));
	if (task == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return NULL;
	}
	task->web = call->web;
	task->conn = call->conn;
	task->tip = tip;
	task->supervisor = call->session->role == SESSION_SUPERVISOR;
	task->body = json_deep_copy(call->body);
	(void)snprintf(task->who, sizeof(task->who), "%s", call->session->name);
	return task;
}

/* The newest referral that is written on a tip, and its answers: NULL: none. */
static const json_t *newest(const json_t *entries)
{
	const json_t *found = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *kind =
		    json_string_value(json_object_get(entry, "kind"));

		if (kind != NULL && strcmp(kind, "referral") == 0) {
			found = entry;
		}
	}
	return found;
}

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

/* ---- preview --------------------------------------------------------------
 */

static void show_preview(struct web *web, json_t *entries, void *arg)
{
	struct task *task = arg;
	const struct refer_who who = { .officer = task->who,
		.supervisor = task->supervisor,
		.confirmed = true };
	const char *wrong = "The tip cannot be read just now; try again.";
	struct refer refer = { 0 };

	if (entries != NULL) {
		refer_make(
		    web, task->tip, task->body, entries, &who, &refer, &wrong);
	}
	json_decref(entries);
	if (wrong != NULL) {
		refuse(task, 400, "referral", wrong);
		return;
	}
	api_answer(web, task->conn, 200,
	    json_pack("{s:s, s:I, s:s, s:o, s:o, s:o}", "ref", refer.ref,
		"created_s", (json_int_t)refer.created_s, "hash", refer.hash,
		"gate", refer_gate_json(&refer.gate), "preview",
		json_loadb(
		    (const char *)refer.text.data, refer.text.len, 0, NULL),
		"suggestions", refer_suggestions(task->tip)));
	refer_free(&refer);
	task_free(task);
}

static bool wants(const json_t *request, const char *what)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(request, "include"), i, item)
	{
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), what) == 0) {
			return true;
		}
	}
	return false;
}

static void preview(struct api_call *call)
{
	struct task *task = task_of(call);

	if (task == NULL) {
		return;
	}
	if (!api_may_read(call, task->tip)) {
		task_free(task);
		return;
	}
	web_audit_view(call->web, call->session, task->tip->id);
	if (wants(task->body, "sender")) { /* it is shown in the preview */
		web_audit(call->web, AUDIT_REVEAL, task->who, task->tip->id,
		    bytes_str("referral"));
	}
	entry_list(call->web, task->tip->id, show_preview, task);
}

/* ---- events ---------------------------------------------------------------
 */

static void change(struct task *task, enum case_event event, unsigned passed,
    const char *second, json_t *doc, store_answer_fn fn)
{
	struct store_do todo = { .event = event,
		.passed = passed,
		.supervisor = task->supervisor,
		.has_reason = true };
	struct buf sealed;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (entry_seal(task->web, task->tip, task->who, doc, &sealed) !=
	    TL_OK) {
		refuse(task, 503, "seal",
		    "The desk cannot seal what was done; nothing was.");
	} else {
		memcpy(todo.id, task->tip->id, sizeof(todo.id));
		(void)snprintf(todo.who, sizeof(todo.who), "%s", task->who);
		(void)snprintf(todo.second, sizeof(todo.second), "%s",
		    second == NULL ? "" : second);
		todo.sealed = bytes_of(sealed.data, sealed.len);
		task->event = case_event_name(event);
		store_ask_do(task->web->store, &todo, fn, task);
	}
	json_decref(doc);
	buf_free(&sealed);
}

/* Was it done? False: it was answered. */
static bool was_done(
    struct task *task, const struct frame *frame, struct store_done *ret_done)
{
	*ret_done = store_done_of(frame);
	api_take_done(task->web, task->tip, task->who, task->event, ret_done);
	if (ret_done->result == STORE_ANSWERED && ret_done->why == CASE_YES) {
		return true;
	}
	api_answer_done(task->web, task->conn, ret_done);
	task_free(task);
	return false;
}

/* It is gone; was it written that somebody must look at it? */
static void asked_afterwards(
    struct web *web, const struct store_done *done, void *arg)
{
	struct task *task = arg;

	api_answer(web, task->conn, 200,
	    json_pack("{s:o, s:s, s:b, s:b}", "now", api_now(&task->tip->now),
		"ref", task->ref, "sent", 1, "second_later",
		done->result == STORE_ANSWERED && done->why == CASE_YES));
	task_free(task);
}

static void finished(const struct frame *frame, void *arg)
{
	struct task *task = arg;
	struct store_done done;

	if (was_done(task, frame, &done)) {
		if (task->later && done.now.state == CASE_REFERRED) {
			entry_add(task->web, task->tip, task->who,
			    json_pack("{s:s, s:s, s:s}", "kind", "ask-second",
				"asks", ASKED_AFTERWARDS, "ref", task->ref),
			    asked_afterwards, task);
			return;
		}
		api_answer(task->web, task->conn, 200,
		    json_pack("{s:o, s:s, s:b}", "now", api_now(&done.now),
			"ref", task->ref, "sent",
			done.now.state == CASE_REFERRED ? 1 : 0));
		task_free(task);
	}
}

static void submitted(const struct frame *frame, void *arg)
{
	struct task *task = arg;
	struct store_done done;

	if (!was_done(task, frame, &done)) {
		return;
	}
	if (task->alone) {
		change(task, CASE_DO_APPROVE,
		    CASE_PASSED_GATE | CASE_PASSED_ALONE, NULL,
		    json_pack("{s:s, s:s}", "kind", "referral-sent", "ref",
			task->ref),
		    finished);
		return;
	}
	api_answer(task->web, task->conn, 202,
	    json_pack("{s:o, s:s, s:b}", "now", api_now(&done.now), "ref",
		task->ref, "sent", 0));
	task_free(task);
}

static void submit(struct task *task)
{
	json_t *doc = task->doc;

	task->doc = NULL;
	change(task, CASE_DO_SUBMIT, CASE_PASSED_GATE, NULL, doc, submitted);
}

static void drafted(const struct frame *frame, void *arg)
{
	struct task *task = arg;
	struct store_done done;

	if (was_done(task, frame, &done)) {
		submit(task);
	}
}

/* ---- the order ------------------------------------------------------------
 */

static void take_order(struct web *web, json_t *entries, void *arg)
{
	struct task *task = arg;
	struct refer_who who = { .officer = task->who,
		.supervisor = task->supervisor,
		.confirmed = true };
	const char *wrong = "The tip cannot be read just now; try again.";
	struct refer refer = { 0 };

	if (entries != NULL) {
		refer_make(
		    web, task->tip, task->body, entries, &who, &refer, &wrong);
	}
	json_decref(entries);
	if (wrong == NULL &&
	    (json_object_get(task->body, "ref") == NULL ||
		strcmp(refer.hash, text_of(task->body, "hash")) != 0)) {
		wrong = "It is not what the preview has shown: look at it "
			"again.";
	}
	if (wrong != NULL) {
		refer_free(&refer);
		refuse(task, 409, "referral", wrong);
		return;
	}
	if (!gate_may_ask(&refer.gate)) {
		api_answer(web, task->conn, 409,
		    json_pack("{s:s, s:s, s:o}", "error", "gate", "text",
			"A check does not let it go.", "gate",
			refer_gate_json(&refer.gate)));
		refer_free(&refer);
		task_free(task);
		return;
	}
	task->alone = refer.gate.all != GATE_BLOCKED;
	task->later = refer.gate.all == GATE_LATER;
	task->doc = refer_order(&refer);
	(void)snprintf(task->ref, sizeof(task->ref), "%s", refer.ref);
	refer_free(&refer);
	if (task->tip->now.state == CASE_REF_DRAFT) {
		submit(task);
	} else {
		change(task, CASE_DO_DRAFT, CASE_PASSED_PARTNER, NULL,
		    json_pack("{s:s, s:s}", "kind", "referral-draft", "ref",
			task->ref),
		    drafted);
	}
}

static void order(struct api_call *call)
{
	struct task *task = task_of(call);

	if (task == NULL) {
		return;
	}
	if (!api_may_read(call, task->tip)) {
		task_free(task);
		return;
	}
	entry_list(call->web, task->tip->id, take_order, task);
}

/* ---- the second officer ---------------------------------------------------
 */

static void approve_it(struct web *web, json_t *entries, void *arg)
{
	struct task *task = arg;
	const json_t *entry = newest(entries);
	struct refer_who who = { .second = task->who,
		.supervisor = task->supervisor,
		.confirmed = true };
	const char *wrong = NULL;
	struct refer refer = { 0 };
	json_t *request;

	if (entry == NULL ||
	    strcmp(text_of(entry, "hash"), text_of(task->body, "hash")) != 0) {
		json_decref(entries);
		refuse(task, 409, "referral",
		    "It is not the referral that you have read: look again.");
		return;
	}
	who.officer = text_of(entry, "who");
	(void)snprintf(task->first, sizeof(task->first), "%s", who.officer);
	(void)snprintf(
	    task->ref, sizeof(task->ref), "%s", text_of(entry, "ref"));
	/* its own gate anew, with both officers; the bytes stay as they were */
	request = json_deep_copy(json_object_get(entry, "request"));
	(void)json_object_del(request, "ref");
	refer_make(web, task->tip, request, entries, &who, &refer, &wrong);
	json_decref(request);
	json_decref(entries);
	if (wrong == NULL && refer.gate.all == GATE_BLOCKED) {
		wrong = "A check does not let it go any more.";
	}
	refer_free(&refer);
	if (wrong != NULL) {
		refuse(task, 409, "gate", wrong);
		return;
	}
	change(task, CASE_DO_APPROVE, CASE_PASSED_GATE, task->first,
	    json_pack("{s:s, s:s, s:s}", "kind", "referral-sent", "ref",
		task->ref, "first", task->first),
	    finished);
}

/* Who agrees reads what leaves, not the tip: no lease is asked for. */
static void show_newest(struct web *web, json_t *entries, void *arg)
{
	struct task *task = arg;
	const json_t *entry = newest(entries);

	if (entries == NULL) {
		refuse(task, 503, "opening",
		    "It cannot be opened just now; try again.");
	} else if (entry == NULL || task->tip->now.state != CASE_REF_APPROVAL) {
		refuse(task, 404, "none", "There is no referral to agree to.");
	} else {
		api_answer(web, task->conn, 200,
		    json_pack("{s:O}", "entry", (json_t *)(uintptr_t)entry));
		task_free(task);
	}
	json_decref(entries);
}

static void look(struct api_call *call)
{
	struct task *task = task_of(call);

	if (task != NULL) {
		web_audit_view(call->web, call->session, task->tip->id);
		entry_list(call->web, task->tip->id, show_newest, task);
	}
}

static void approve(struct api_call *call)
{
	struct task *task = task_of(call);

	if (task != NULL) {
		entry_list(call->web, task->tip->id, approve_it, task);
	}
}

/* ---- the file -------------------------------------------------------------
 */

static void give_file(struct web *web, json_t *entries, void *arg)
{
	static const struct net_header headers[] = {
		{ "Content-Security-Policy",
		    { (const uint8_t *)"sandbox", 7 } },
		{ "Content-Disposition",
		    { (const uint8_t *)"attachment; filename=referral.tip",
			33 } },
	};
	struct task *task = arg;
	const json_t *entry = newest(entries);
	const struct partner *partner = entry == NULL
	    ? NULL
	    : partners_find(&web->partners, text_of(entry, "partner"));
	struct net_reply reply = { .status = 200,
		.type = "application/octet-stream",
		.headers = headers,
		.n_headers = 2 };
	const char *text = entry == NULL ? "" : text_of(entry, "text");
	struct buf sealed;

	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	if (partner != NULL && !refer_has_key(partner, entry)) {
		api_refuse(web, task->conn, 409, "key",
		    "The directory has another key of this partner than when "
		    "it was agreed to. Ask who has changed it; refer anew.");
	} else if (partner == NULL || task->tip->now.state < CASE_REFERRED ||
	    task->tip->now.state > CASE_OUTCOME) {
		api_refuse(web, task->conn, 409, "referral",
		    "There is no referral that was sent.");
	} else if (refer_seal(web, partner, bytes_str(text), &sealed) !=
	    TL_OK) {
		api_refuse(web, task->conn, 503, "seal",
		    "The desk cannot seal it just now.");
	} else {
		reply.body = bytes_of(sealed.data, sealed.len);
		net_answer(web->server, task->conn, &reply);
	}
	buf_free(&sealed);
	json_decref(entries);
	task_free(task);
}

static void file(struct api_call *call)
{
	struct task *task;

	if (call->web->practice) {
		api_refuse(call->web, call->conn, 409, "practice",
		    "This desk is for practice: nothing leaves it.");
		return;
	}
	task = task_of(call);

	if (task != NULL) {
		web_audit(call->web, AUDIT_EXPORT, call->session->name,
		    task->tip->id, bytes_str("referral"));
		entry_list(call->web, task->tip->id, give_file, task);
	}
}

/* ---- the partner's answer -------------------------------------------------
 */

/* What an answer does, by the state of the case. */
static enum case_event event_of(enum partner_word word, enum case_state state)
{
	if (word == PARTNER_WORD_DONE) {
		return CASE_DO_REPORTED;
	}
	if (word == PARTNER_WORD_REJECTED) {
		return state == CASE_ACCEPTED ? CASE_DO_GIVE_BACK
					      : CASE_DO_REJECT;
	}
	return CASE_DO_ACCEPT;
}

/* A line that the partner signed, or what an officer was told. */
static const char *read_answer(const struct task *task,
    const struct partner *partner, struct partner_answer *answer)
{
	const char *line = text_of(task->body, "line");
	enum tl_err err;

	if (line[0] == '\0') {
		answer->word =
		    partner_answer_word_of(text_of(task->body, "word"));
		(void)snprintf(answer->reason, sizeof(answer->reason), "%s",
		    text_of(task->body, "reason"));
		return answer->word == PARTNER_WORDS_END
		    ? "Say what the partner has answered."
		    : NULL;
	}
	err = partner_answer_read(bytes_str(line), partner->key, answer);
	if (err == TL_EPROOF) {
		return "This answer was not signed by the partner.";
	}
	if (err != TL_OK) {
		return "This is no answer of a partner.";
	}
	return strcmp(answer->ref, task->ref) == 0
	    ? NULL
	    : "This answer is to another referral.";
}

static void take_answer(struct web *web, json_t *entries, void *arg)
{
	struct task *task = arg;
	const json_t *entry = newest(entries);
	const struct partner *partner = entry == NULL
	    ? NULL
	    : partners_find(&web->partners, text_of(entry, "partner"));
	struct partner_answer answer = { .word = PARTNER_WORDS_END };
	const char *wrong = "There is no referral that could be answered.";

	if (partner != NULL) {
		(void)snprintf(
		    task->ref, sizeof(task->ref), "%s", text_of(entry, "ref"));
		wrong = read_answer(task, partner, &answer);
	}
	json_decref(entries);
	if (wrong != NULL) {
		refuse(task, 409, "answer", wrong);
		return;
	}
	change(task, event_of(answer.word, task->tip->now.state), 0, NULL,
	    json_pack("{s:s, s:s, s:s, s:s, s:b}", "kind", "referral-answer",
		"ref", task->ref, "word", partner_answer_word_name(answer.word),
		"reason", answer.reason, "signed",
		text_of(task->body, "line")[0] != '\0' ? 1 : 0),
	    finished);
}

static void acknowledge(struct api_call *call)
{
	struct task *task = task_of(call);

	if (task != NULL) {
		entry_list(call->web, task->tip->id, take_answer, task);
	}
}

static const char *const order_members[] = { "partner", "include", "redact",
	"summary", "promised", "services", "reply_by_s", "exception",
	"exception_reason", "ref", "created_s", "hash", NULL };
static const char *const ack_members[] = { "line", "word", "reason", NULL };
static const char *const approve_members[] = { "hash", NULL };

const struct api_route api_referral_routes[] = {
	{ HTTP_POST, "/api/tips/*/referrals/preview", API_OFFICER,
	    order_members, preview, false, 0 },
	{ HTTP_POST, "/api/tips/*/referrals", API_OFFICER, order_members, order,
	    false, 0 },
	{ HTTP_GET, "/api/tips/*/referrals", API_OFFICER, NULL, look, false,
	    0 },
	{ HTTP_POST, "/api/tips/*/referrals/approve", API_OFFICER,
	    approve_members, approve, false, 0 },
	{ HTTP_GET, "/api/tips/*/referrals/file", API_OFFICER, NULL, file,
	    false, 0 },
	{ HTTP_POST, "/api/tips/*/referrals/ack", API_OFFICER, ack_members,
	    acknowledge, false, 0 },
	{ 0 },
};
