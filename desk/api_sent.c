/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Referrals that were sent: under /api/tips/<id>/referrals the file for the
 * partner, and the partner's answer.
 */
#include <stdio.h>
#include <string.h>

#include "desk/partner_answer.h"
#include "desk/reach.h"
#include "desk/refer.h"
#include "desk/referral_task.h"
#include "text/json_memory.h"

/* ---- the file -------------------------------------------------------------
 */

/* Does it tell a way to a reporter whom nobody is to contact by now? */
static bool tells_what_is_over(const struct referral_task *task,
    const json_t *entries, const char *text, bool *ret_lost)
{
	json_t *json = json_memory_text(bytes_str(text), JSON_ALLOW_NUL);
	bool tells = json == NULL ||
	    json_is_object(json_object_get(json, "x_safe_contact"));

	json_decref(json);
	return tells &&
	    (task->kin_stops || task->web->has_settling ||
		!tips_are_open(task->web->tips) ||
		reach_is_stopped(task->web, task->tip, entries, ret_lost));
}

static void give_file(struct web *web, json_t *entries, void *arg)
{
	static const struct net_header headers[] = {
		{ "Content-Security-Policy",
		    { (const uint8_t *)"sandbox", 7 } },
		{ "Content-Disposition",
		    { (const uint8_t *)"attachment; filename=referral.tip",
			33 } },
	};
	struct referral_task *task = arg;
	const json_t *entry = referral_newest(entries);
	struct api_refusal no;
	const struct partner *partner = referral_sent_to(task, entry, &no);
	struct net_reply reply = { .status = 200,
		.type = "application/octet-stream",
		.headers = headers,
		.n_headers = 2 };
	const char *text = entry == NULL ? "" : referral_text(entry, "text");
	unsigned lacks = json_memory_lacks();
	bool is_lost = false;
	bool is_over =
	    entry != NULL && tells_what_is_over(task, entries, text, &is_lost);
	const char *against = partner == NULL
	    ? NULL
	    : refer_against(web, task->tip, entries, entry, partner);
	struct buf sealed;

	if (!referral_task_reads(task, entries)) {
		return;
	}
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	if (partner == NULL) {
		api_refuse(web, task->conn, no.status, no.word, no.text);
	} else if (is_lost || json_memory_lacks() != lacks) {
		api_refuse(web, task->conn, 503, "memory", refer_no_memory);
	} else if (against != NULL) {
		no = refer_refusal(against, 409, "referral");
		api_refuse(web, task->conn, no.status, no.word, no.text);
	} else if (is_over) {
		api_refuse(web, task->conn, 409, "contact",
		    "The safe contact that it tells is not to be used any "
		    "more, or not all that came is opened yet: take it back "
		    "and refer anew.");
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
	referral_task_free(task);
}

static void file(struct api_call *call)
{
	struct referral_task *task;

	if (call->web->practice) {
		api_refuse(call->web, call->conn, 409, "practice",
		    "This desk is for practice: nothing leaves it.");
		return;
	}
	task = referral_task_of(call);

	if (task != NULL) {
		referral_task_audit(
		    task, AUDIT_EXPORT, bytes_str("referral"), give_file);
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
static const char *read_answer(const struct referral_task *task,
    const struct partner *partner, struct partner_answer *answer)
{
	const char *line = referral_text(task->body, "line");
	enum tl_err err;

	if (line[0] == '\0') {
		answer->word =
		    partner_answer_word_of(referral_text(task->body, "word"));
		(void)snprintf(answer->reason, sizeof(answer->reason), "%s",
		    referral_text(task->body, "reason"));
		return answer->word == PARTNER_WORDS_END
		    ? "Say what the partner has answered."
		    : NULL;
	}
	err = partner_answer_read(bytes_str(line), partner->key, answer);
	if (err == TL_EPROOF) {
		return "This answer was not signed by the partner.";
	}
	if (err == TL_ENOMEM) {
		return refer_no_memory;
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
	struct referral_task *task = arg;
	const json_t *entry = referral_newest(entries);
	const struct partner *partner = entry == NULL
	    ? NULL
	    : partners_find(&web->partners, referral_text(entry, "partner"));
	struct partner_answer answer = { .word = PARTNER_WORDS_END };
	const char *wrong = "There is no referral that could be answered.";

	if (!referral_task_reads(task, entries)) {
		return;
	}
	if (partner != NULL) {
		(void)snprintf(task->ref, sizeof(task->ref), "%s",
		    referral_text(entry, "ref"));
		wrong = read_answer(task, partner, &answer);
	}
	json_decref(entries);
	if (wrong != NULL) {
		referral_task_refuse(task, 409, "answer", wrong);
		return;
	}
	referral_change(task, event_of(answer.word, task->tip->now.state), 0,
	    NULL,
	    json_pack("{s:s, s:s, s:s, s:s, s:b}", "kind", "referral-answer",
		"ref", task->ref, "word", partner_answer_word_name(answer.word),
		"reason", answer.reason, "signed",
		referral_text(task->body, "line")[0] != '\0' ? 1 : 0),
	    referral_finished);
}

static void acknowledge(struct api_call *call)
{
	struct referral_task *task = referral_task_of(call);

	if (task != NULL) {
		entry_list(call->web, task->tip->id, take_answer, task);
	}
}

static const char *const ack_members[] = { "line", "word", "reason", NULL };

const struct api_route api_sent_routes[] = {
	{ HTTP_GET, "/api/tips/*/referrals/file", API_OFFICER, NULL, file,
	    false, 0 },
	{ HTTP_POST, "/api/tips/*/referrals/ack", API_OFFICER, ack_members,
	    acknowledge, false, 0 },
	{ 0 },
};
