/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/referral_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/asked.h"
#include "desk/kin.h"
#include "desk/refer.h"

void referral_task_free(struct referral_task *task)
{
	json_decref(task->body);
	json_decref(task->doc);
	json_decref(task->evidence);
	free(task);
}

void referral_task_refuse(
    struct referral_task *task, int status, const char *word, const char *text)
{
	struct api_refusal no = refer_refusal(text, status, word);

	api_refuse(task->web, task->conn, no.status, no.word, no.text);
	referral_task_free(task);
}

static void kin_known(struct web *web, enum kin_word word, void *arg)
{
	struct referral_task *task = arg;
	json_t *entries = task->entries;

	task->kin_stops = word != KIN_SILENT;
	task->entries = NULL; /* fn's */
	task->listed(web, entries, task);
}

static void own_listed(struct web *web, json_t *entries, void *arg)
{
	struct referral_task *task = arg;

	if (entries == NULL) {
		task->listed(web, NULL, task);
		return;
	}
	task->entries = entries;
	kin_ask(web, task->tip, entries, kin_known, task);
}

void referral_task_list(struct referral_task *task, entry_list_fn fn)
{
	task->listed = fn;
	entry_list(task->web, task->tip->id, own_listed, task);
}

static void audited(struct web *web, bool is_kept, void *arg)
{
	struct referral_task *task = arg;

	(void)web;
	if (!is_kept) {
		referral_task_refuse(task, 503, "audit",
		    "What you do could not be written down, so it was not "
		    "done. Is the desk's disk full?");
		return;
	}
	referral_task_list(task, task->audited);
}

void referral_task_audit(struct referral_task *task, enum audit_what what,
    struct bytes note, entry_list_fn fn)
{
	task->audited = fn;
	web_audit_first(
	    task->web, what, task->who, task->tip->id, note, audited, task);
}

bool referral_task_reads(struct referral_task *task, const json_t *entries)
{
	if (entries == NULL) {
		referral_task_refuse(task, 503, "opening",
		    "It cannot be opened just now; try again.");
	}
	return entries != NULL;
}

struct referral_task *referral_task_of(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct referral_task *task;

	if (tip == NULL) {
		return NULL;
	}
	task = calloc(1, sizeof(*task));
	if (task != NULL) {
		task->web = call->web;
		task->conn = call->conn;
		task->body = json_deep_copy(call->body);
	}
	if (task == NULL || (task->body == NULL && call->body != NULL)) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		if (task != NULL) {
			referral_task_free(task);
		}
		return NULL;
	}
	task->tip = tip;
	task->supervisor = call->session->role == SESSION_SUPERVISOR;
	(void)snprintf(task->who, sizeof(task->who), "%s", call->session->name);
	return task;
}

struct referral_task *referral_task_to_read(struct api_call *call)
{
	struct referral_task *task = referral_task_of(call);
	struct buf ref;

	buf_init(&ref, sizeof(task->ref) - 1);
	if (task != NULL && api_query(call, "ref", &ref) && ref.len > 0) {
		/* what is too long is that of none */
		(void)snprintf(task->ref, sizeof(task->ref), "%.*s",
		    (int)ref.len, (const char *)ref.data);
	}
	buf_free(&ref);
	return task;
}

const json_t *referral_of(const json_t *entries, const char *ref)
{
	const json_t *found = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (strcmp(referral_text(entry, "kind"), "referral") == 0 &&
		    (ref == NULL ||
			strcmp(referral_text(entry, "ref"), ref) == 0)) {
			found = entry;
		}
	}
	return found;
}

const json_t *referral_newest(const json_t *entries)
{
	return referral_of(entries, NULL);
}

static bool is_of(const struct referral_task *task, const json_t *it)
{
	return task->ref[0] == '\0' ||
	    strcmp(referral_text(it, "ref"), task->ref) == 0;
}

const json_t *referral_to_read(
    const struct referral_task *task, const json_t *entries)
{
	json_t *asked = asked_of(entries);
	const json_t *found = NULL;
	const json_t *newest = referral_newest(entries);
	const json_t *one;
	size_t i;

	json_array_foreach(asked, i, one)
	{
		if (strcmp(referral_text(one, "asks"), ASKED_AFTERWARDS) == 0 &&
		    is_of(task, one)) {
			found = referral_of(entries, referral_text(one, "ref"));
		}
	}
	json_decref(asked);
	return task->tip->now.state == CASE_REF_APPROVAL && is_of(task, newest)
	    ? newest
	    : found;
}

bool referral_is_sent(enum case_state state)
{
	return state >= CASE_REFERRED && state <= CASE_OUTCOME &&
	    state != CASE_REJECTED;
}

const struct partner *referral_sent_to(const struct referral_task *task,
    const json_t *entry, struct api_refusal *ret_no)
{
	const struct partner *partner = entry == NULL
	    ? NULL
	    : partners_find(
		  &task->web->partners, referral_text(entry, "partner"));

	if (partner != NULL && !refer_has_key(partner, entry)) {
		*ret_no = (struct api_refusal){ 409, "key",
			"The directory has another key of this partner than "
			"when it was agreed to. Ask who has changed it; refer "
			"anew." };
		return NULL;
	}
	if (partner == NULL || !referral_is_sent(task->tip->now.state)) {
		*ret_no = (struct api_refusal){ 409, "referral",
			"There is no referral that was sent." };
		return NULL;
	}
	return partner;
}

const char *referral_text(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

/* ---- events ---------------------------------------------------------------
 */

void referral_change(struct referral_task *task, enum case_event event,
    unsigned passed, const char *second, json_t *doc, store_answer_fn fn)
{
	struct store_do todo = { .event = event,
		.version = task->version,
		.passed = passed,
		.supervisor = task->supervisor,
		.has_reason = true };
	struct buf sealed;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (entry_seal(task->web, task->tip, task->who, doc, &sealed) !=
	    TL_OK) {
		referral_task_refuse(task, 503, "seal",
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

bool referral_was_done(struct referral_task *task, const struct frame *frame,
    struct store_done *ret_done)
{
	*ret_done = store_done_of(frame);
	api_take_done(task->web, task->tip, task->who, task->event, ret_done);
	if (ret_done->result == STORE_ANSWERED && ret_done->why == CASE_YES) {
		return true;
	}
	api_answer_done(task->web, task->conn, ret_done);
	referral_task_free(task);
	return false;
}

/* It is gone; was it written that somebody must look at it? */
static void asked_afterwards(
    struct web *web, const struct store_done *done, void *arg)
{
	struct referral_task *task = arg;

	api_answer(web, task->conn, 200,
	    json_pack("{s:o, s:s, s:b, s:b}", "now", api_now(&task->tip->now),
		"ref", task->ref, "sent", 1, "second_later",
		done->result == STORE_ANSWERED && done->why == CASE_YES));
	referral_task_free(task);
}

void referral_finished(const struct frame *frame, void *arg)
{
	struct referral_task *task = arg;
	struct store_done done;

	if (referral_was_done(task, frame, &done)) {
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
		referral_task_free(task);
	}
}
