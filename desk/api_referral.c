/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Referrals until they are sent: under /api/tips/<id>/referrals the preview,
 * the order, the second officer's word.
 *
 * An order is two events of the case, DRAFT and SUBMIT; the second holds the
 * referral. Where nobody has to agree, APPROVE follows at once.
 */
#include <stdio.h>
#include <string.h>

#include "desk/evidence.h"
#include "desk/gather.h"
#include "desk/refer.h"
#include "desk/referral_task.h"
#include "text/json_memory.h"

/* ---- preview --------------------------------------------------------------
 */

static void show_preview(struct web *web, json_t *entries, void *arg)
{
	struct referral_task *task = arg;
	const struct refer_who who = { .officer = task->who,
		.supervisor = task->supervisor,
		.confirmed = true,
		.kin_stops = task->kin_stops };
	const char *wrong = "The tip cannot be read just now; try again.";
	struct refer refer = { 0 };

	if (entries != NULL) {
		refer_make(
		    web, task->tip, task->body, entries, &who, &refer, &wrong);
	}
	json_decref(entries);
	if (wrong != NULL) {
		referral_task_refuse(task, 400, "referral", wrong);
		return;
	}
	api_answer(web, task->conn, 200,
	    json_pack("{s:s, s:I, s:s, s:o, s:o, s:o}", "ref", refer.ref,
		"created_s", (json_int_t)refer.created_s, "hash", refer.hash,
		"gate", refer_gate_json(&refer.gate), "preview",
		json_memory_text(
		    bytes_of(refer.text.data, refer.text.len), JSON_ALLOW_NUL),
		"suggestions", refer_suggestions(task->tip)));
	refer_free(&refer);
	referral_task_free(task);
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
	struct referral_task *task = referral_task_of(call);

	if (task == NULL) {
		return;
	}
	if (!api_may_read(call, task->tip)) {
		referral_task_free(task);
		return;
	}
	web_audit_view(call->web, call->session, task->tip->id);
	if (wants(task->body, "sender") || wants(task->body, "contact")) {
		/* the preview shows a number */
		referral_task_audit(
		    task, AUDIT_REVEAL, bytes_str("referral"), show_preview);
	} else {
		referral_task_list(task, show_preview);
	}
}

/* ---- the order ------------------------------------------------------------
 */

static void submitted(const struct frame *frame, void *arg)
{
	struct referral_task *task = arg;
	struct store_done done;

	if (!referral_was_done(task, frame, &done)) {
		return;
	}
	if (task->alone) {
		task->version = done.now.version; /* with this one alone */
		referral_change(task, CASE_DO_APPROVE,
		    CASE_PASSED_GATE | CASE_PASSED_ALONE, NULL,
		    json_pack("{s:s, s:s}", "kind", "referral-sent", "ref",
			task->ref),
		    referral_finished);
		return;
	}
	api_answer(task->web, task->conn, 202,
	    json_pack("{s:o, s:s, s:b}", "now", api_now(&done.now), "ref",
		task->ref, "sent", 0));
	referral_task_free(task);
}

static void submit(struct referral_task *task)
{
	json_t *doc = task->doc;

	task->doc = NULL;
	referral_change(
	    task, CASE_DO_SUBMIT, CASE_PASSED_GATE, NULL, doc, submitted);
}

static void drafted(const struct frame *frame, void *arg)
{
	struct referral_task *task = arg;
	struct store_done done;

	if (referral_was_done(task, frame, &done)) {
		task->version = done.now.version;
		submit(task);
	}
}

static void go_on(struct referral_task *task)
{
	if (task->tip->now.state == CASE_REF_DRAFT) {
		submit(task);
	} else {
		referral_change(task, CASE_DO_DRAFT, CASE_PASSED_PARTNER, NULL,
		    json_pack("{s:s, s:s}", "kind", "referral-draft", "ref",
			task->ref),
		    drafted);
	}
}

static void check_files(struct referral_task *task);

static bool pass_over(struct bytes raw, void *arg)
{
	(void)raw;
	(void)arg;
	return true;
}

static void checked_one(const char *word, const char *sentence, void *arg)
{
	struct referral_task *task = arg;

	if (word != NULL) {
		referral_task_refuse(task, 409, word, sentence);
		return;
	}
	task->checked++;
	check_files(task);
}

/* Nothing goes if one of its files is not what the reporter has sent. */
static void check_files(struct referral_task *task)
{
	static const struct gather_fns fns = { pass_over, checked_one };
	struct enclosure enclosure;
	json_t *file = NULL;

	if (task->checked == json_array_size(task->evidence)) {
		go_on(task);
		return;
	}
	if (gather_is_busy(task->web)) {
		referral_task_refuse(
		    task, 503, "busy", "Others are being fetched; try again.");
		return;
	}
	if (enclosure_read_item(json_array_get(task->evidence, task->checked),
		&enclosure) == TL_OK) {
		file = evidence_find(task->tip, &enclosure);
	}
	if (file == NULL) {
		referral_task_refuse(task, 409, "missing",
		    "The tip has no such file any more: look at it again.");
		return;
	}
	gather(task->web, file, &fns, task);
	json_decref(file);
}

static void take_order(struct web *web, json_t *entries, void *arg)
{
	struct referral_task *task = arg;
	struct refer_who who = { .officer = task->who,
		.supervisor = task->supervisor,
		.confirmed = true,
		.kin_stops = task->kin_stops };
	const char *wrong = "The tip cannot be read just now; try again.";
	struct refer refer = { 0 };

	if (entries != NULL) {
		refer_make(
		    web, task->tip, task->body, entries, &who, &refer, &wrong);
	}
	task->version = entry_version(entries); /* the gate is asked of that */
	json_decref(entries);
	if (wrong == NULL &&
	    (json_object_get(task->body, "ref") == NULL ||
		strcmp(refer.hash, referral_text(task->body, "hash")) != 0)) {
		wrong = "It is not what the preview has shown: look at it "
			"again.";
	}
	if (wrong != NULL) {
		refer_free(&refer);
		referral_task_refuse(task, 409, "referral", wrong);
		return;
	}
	if (!gate_may_ask(&refer.gate)) {
		api_answer(web, task->conn, 409,
		    json_pack("{s:s, s:s, s:o}", "error", "gate", "text",
			"A check does not let it go.", "gate",
			refer_gate_json(&refer.gate)));
		refer_free(&refer);
		referral_task_free(task);
		return;
	}
	task->alone = refer.gate.all != GATE_BLOCKED;
	task->later = refer.gate.all == GATE_LATER;
	task->doc = refer_order(&refer);
	task->evidence = json_incref(refer.evidence);
	(void)snprintf(task->ref, sizeof(task->ref), "%s", refer.ref);
	refer_free(&refer);
	check_files(task);
}

static void order(struct api_call *call)
{
	struct referral_task *task = referral_task_of(call);

	if (task == NULL) {
		return;
	}
	if (!api_may_read(call, task->tip)) {
		referral_task_free(task);
		return;
	}
	referral_task_list(task, take_order);
}

/* ---- the second officer ---------------------------------------------------
 */

/* What there is by now against what was asked for, or NULL. */
static const char *against(const struct refer *refer, const json_t *entry)
{
	if (refer->gate.all == GATE_BLOCKED) {
		return "A check does not let it go any more.";
	}
	return refer_has_contact_of(refer, referral_text(entry, "text"))
	    ? NULL
	    : "The safe contact is another one by now: refuse it, and look at "
	      "it again.";
}

/* Is it the one that was read, and another officer's? Else that is answered,
 * and the task and its entries end. */
static bool may_approve(
    struct referral_task *task, const json_t *entry, json_t *entries)
{
	if (entry == NULL ||
	    strcmp(referral_text(entry, "hash"),
		referral_text(task->body, "hash")) != 0) {
		json_decref(entries);
		referral_task_refuse(task, 409, "referral",
		    "It is not the referral that you have read: look again.");
		return false;
	}
	/* the store asks for no other one where the case is a P1 by now */
	if (strcmp(referral_text(entry, "who"), task->who) == 0) {
		json_decref(entries);
		referral_task_refuse(
		    task, 409, "second", case_no_text(CASE_NO_SECOND));
		return false;
	}
	return true;
}

static void approve_it(struct web *web, json_t *entries, void *arg)
{
	struct referral_task *task = arg;
	const json_t *entry = referral_newest(entries);
	struct refer_who who = { .second = task->who,
		.supervisor = task->supervisor,
		.confirmed = true,
		.kin_stops = task->kin_stops };
	const char *wrong = NULL;
	const char *word = "referral"; /* of "gate" the console has words */
	struct refer refer = { 0 };
	json_t *request;

	if (!referral_task_reads(task, entries)) {
		return;
	}
	if (!may_approve(task, entry, entries)) {
		return;
	}
	who.officer = referral_text(entry, "who");
	(void)snprintf(task->first, sizeof(task->first), "%s", who.officer);
	(void)snprintf(
	    task->ref, sizeof(task->ref), "%s", referral_text(entry, "ref"));
	/* another one may be in its place by the time that it is done */
	task->version = entry_version(entries);
	/* its own gate anew, with both officers; the bytes stay as they were */
	request = json_deep_copy(json_object_get(entry, "request"));
	if (request == NULL && json_object_get(entry, "request") != NULL) {
		json_decref(entries);
		referral_task_refuse(
		    task, 503, "memory", "The desk has no memory left.");
		return;
	}
	(void)json_object_del(request, "ref");
	refer_make(web, task->tip, request, entries, &who, &refer, &wrong);
	json_decref(request);
	if (wrong == NULL) {
		word = refer.gate.all == GATE_BLOCKED ? "gate" : word;
		wrong = against(&refer, entry);
	}
	json_decref(entries);
	refer_free(&refer);
	if (wrong != NULL) {
		referral_task_refuse(task, 409, word, wrong);
		return;
	}
	referral_change(task, CASE_DO_APPROVE, CASE_PASSED_GATE, task->first,
	    json_pack("{s:s, s:s, s:s}", "kind", "referral-sent", "ref",
		task->ref, "first", task->first),
	    referral_finished);
}

/* Who agrees reads what leaves, not the tip: no lease is asked for. */
static void show_newest(struct web *web, json_t *entries, void *arg)
{
	struct referral_task *task = arg;
	const json_t *entry = referral_to_read(task, entries);

	if (!referral_task_reads(task, entries)) {
		return;
	}
	if (entry == NULL) {
		referral_task_refuse(
		    task, 404, "none", "There is no referral to agree to.");
	} else {
		api_answer(web, task->conn, 200,
		    json_pack("{s:O}", "entry", (json_t *)(uintptr_t)entry));
		referral_task_free(task);
	}
	json_decref(entries);
}

static void look(struct api_call *call)
{
	struct referral_task *task = referral_task_to_read(call);

	if (task != NULL) {
		web_audit_view(call->web, call->session, task->tip->id);
		entry_list(call->web, task->tip->id, show_newest, task);
	}
}

static void approve(struct api_call *call)
{
	struct referral_task *task = referral_task_of(call);

	if (task != NULL) {
		referral_task_list(task, approve_it);
	}
}

static const char *const order_members[] = { "partner", "include", "redact",
	"summary", "promised", "services", "reply_by_s", "exception",
	"exception_reason", "files", "ref", "created_s", "hash", NULL };
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
	{ 0 },
};
