/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Changes of a case: POST /api/tips/<id>/do and /activity. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "desk/api.h"
#include "desk/ends.h"
#include "desk/evidence.h"
#include "desk/parts.h"
#include "desk/reply.h"

#define REASON_BYTES 4000u

/* ---- what came of it ----------------------------------------------------- */

struct waiting {
	struct web *web;
	net_token conn;
	struct tip *tip;
	json_t *asks; /* what a second officer is asked, if one is needed */
	const char *event; /* "": no change */
	json_t *doc;       /* of the change */
	struct store_do change;
	char who[CASE_OWNER_BYTES];
};

static const char *word_of(enum case_no no)
{
	static const char *const words[] = {
		[CASE_YES] = "done",
		[CASE_NO_ROW] = "state",
		[CASE_NO_PERSON] = "person",
		[CASE_NO_HELD] = "held",
		[CASE_NO_HOLDER] = "claim-first",
		[CASE_NO_FREE] = "free",
		[CASE_NO_REASON] = "reason",
		[CASE_NO_SUPERVISOR] = "supervisor",
		[CASE_NO_SECOND] = "second",
		[CASE_NO_TARGET] = "target",
		[CASE_NO_CHECK] = "check",
		[CASE_NO_PRIORITY] = "priority",
		[CASE_NO_MORE] = "more",
		[CASE_NO_CHANGED] = "changed",
	};

	return words[no];
}

static void answer_outcome(
    struct web *web, net_token conn, const struct store_done *done)
{
	if (done->why == CASE_YES) {
		api_answer(web, conn, 200,
		    json_pack("{s:o}", "now", api_now(&done->now)));
		return;
	}
	api_answer(web, conn, 409,
	    json_pack("{s:s,s:s,s:s,s:I,s:o}", "error", word_of(done->why),
		"text", case_no_text(done->why), "owner", done->now.owner,
		"since_ms", (json_int_t)done->now.since_ms, "now",
		api_now(&done->now)));
}

static void answer_failure(
    struct web *web, net_token conn, enum store_result result)
{
	static const struct {
		int status;
		const char *word, *text;
	} answers[STORE_RESULT_MAX + 1] = {
		[STORE_ANSWERED] = { 500, "lost",
		    "The desk lost track of it." },
		[STORE_NO_CASE] = { 409, "none",
		    "This tip is no case yet; try again in a moment." },
		[STORE_NO_REDIS] = { 503, "redis",
		    "The queue is not reachable. Nothing was changed; reading "
		    "goes on. Tell the operator." },
		[STORE_NO_LEDGER] = { 503, "ledger",
		    "The ledger cannot be written. Tell the operator." },
		[STORE_BUSY] = { 503, "busy",
		    "Too many change it at once; try again." },
		[STORE_NO_MEMORY] = { 503, "memory",
		    "The desk has no memory left." },
		[STORE_ALONE] = { 503, "replicas",
		    "It is kept here, and not yet on the second server." },
		[STORE_FULL] = { 503, "full",
		    "The disk of this desk is full: nothing can be written "
		    "down here. Reading goes on. Tell the operator." },
		[STORE_WRONG] = { 400, "body", "That cannot be done." },
	};

	api_refuse(web, conn, answers[result].status, answers[result].word,
	    answers[result].text);
}

void api_answer_done(
    struct web *web, net_token conn, const struct store_done *done)
{
	if (done->result == STORE_ANSWERED && done->has_now) {
		answer_outcome(web, conn, done);
	} else {
		answer_failure(web, conn, done->result);
	}
}

void api_take_done(struct web *web, struct tip *tip, const char *who,
    const char *note, const struct store_done *done)
{
	if (done->has_now) {
		(void)tips_set_case(web->tips, tip->id, &done->now);
	}
	if (note[0] != '\0' && done->result == STORE_ANSWERED &&
	    done->why == CASE_YES) {
		web_audit(web, AUDIT_CHANGE, who, tip->id, bytes_str(note));
	}
}

/* It is written on the case; another officer can agree. */
static void asked_cb(struct web *web, const struct store_done *done, void *arg)
{
	net_token conn = *(net_token *)arg;

	free(arg);
	if (done->result == STORE_ANSWERED && done->why == CASE_YES) {
		api_answer(web, conn, 202,
		    json_pack("{s:I, s:o}", "pending",
			(json_int_t)done->now.version, "now",
			api_now(&done->now)));
	} else {
		api_answer_done(web, conn, done);
	}
}

static void done_cb(const struct frame *frame, void *arg)
{
	struct waiting *waiting = arg;
	struct store_done done = store_done_of(frame);
	net_token *conn = NULL;

	api_take_done(
	    waiting->web, waiting->tip, waiting->who, waiting->event, &done);
	if (done.result == STORE_ANSWERED && done.why == CASE_NO_SECOND &&
	    waiting->asks != NULL) {
		conn = calloc(1, sizeof(*conn));
	}
	if (conn != NULL) {
		*conn = waiting->conn;
		entry_add(waiting->web, waiting->tip, waiting->who,
		    waiting->asks, asked_cb, conn);
	} else {
		json_decref(waiting->asks);
		api_answer_done(waiting->web, waiting->conn, &done);
	}
	free(waiting);
}

static struct waiting *wait_for(struct api_call *call, struct tip *tip)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (waiting == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return NULL;
	}
	*waiting = (struct waiting){
		.web = call->web, .conn = call->conn, .tip = tip, .event = ""
	};
	(void)snprintf(
	    waiting->who, sizeof(waiting->who), "%s", call->session->name);
	return waiting;
}

/* ---- asking -------------------------------------------------------------- */

/* What officers may ask for here. What needs a check that this room cannot
 * make is in the room that makes it. */
static const struct event {
	enum case_event event;
	unsigned passed;
} events[] = {
	{ CASE_DO_CLAIM, 0 }, { CASE_DO_RELEASE, 0 }, { CASE_DO_TAKE_OVER, 0 },
	{ CASE_DO_OPEN, CASE_PASSED_UNLOCKED }, { CASE_DO_PRIORITY, 0 },
	{ CASE_DO_CHECK, 0 }, { CASE_DO_CHECKED, 0 }, { CASE_DO_ESCALATE, 0 },
	{ CASE_DO_DECIDE_TRIAGE, 0 }, { CASE_DO_DECIDE_REFER, 0 },
	{ CASE_DO_GIVE_UP, 0 }, { CASE_DO_REFUSE, 0 }, { CASE_DO_ACCEPT, 0 },
	{ CASE_DO_REJECT, 0 }, { CASE_DO_AGAIN, 0 }, { CASE_DO_RECALL, 0 },
	{ CASE_DO_GIVE_BACK, 0 }, { CASE_DO_REPORTED, 0 },
	{ CASE_DO_RESULT, CASE_PASSED_RESULT }, { CASE_DO_MORE, 0 },
	{ CASE_DO_CLOSE, CASE_PASSED_END }, { CASE_DO_REOPEN, 0 },
	{ CASE_DO_LINK, 0 }, { CASE_DO_UNLINK, 0 }, { CASE_DO_SUSPECT, 0 },
	{ CASE_DO_LOOK, 0 }, { CASE_DO_UNSUSPECT, 0 },
	{ CASE_DO_SPAM, CASE_PASSED_END },
	{ CASE_DO_WITHDRAW, 0 }, /* once the desk has judged it */
};

static const struct event *event_of(struct bytes name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (bytes_equal(
			name, bytes_str(case_event_name(events[i].event)))) {
			return &events[i];
		}
	}
	return NULL;
}

/* What was said with it, from one object into another. */
static void copy_kept(json_t *to, const json_t *from)
{
	static const char *const kept[] = { "reason", "disposition", "outcome",
		"reporter_text", "told", "priority", "target" };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		json_t *value = json_object_get(from, kept[i]);

		if (value != NULL) {
			(void)json_object_set(to, kept[i], value);
		}
	}
}

/* What is done and why. */
static json_t *change_doc(enum case_event event, const json_t *from)
{
	json_t *doc = json_pack(
	    "{s:s,s:s}", "kind", "change", "event", case_event_name(event));

	copy_kept(doc, from);
	return doc;
}

/* False: the body is no good. */
static bool fill(const struct api_call *call, const struct tip *tip,
    const struct event *event, struct store_do *change)
{
	const struct session *session = call->session;
	struct bytes reason = api_string(call, "reason");
	struct bytes target = api_string(call, "target");
	const struct tip *other = NULL;

	*change = (struct store_do){ .event = event->event,
		.passed = event->passed,
		.version = (uint64_t)json_integer_value(
		    json_object_get(call->body, "version")),
		.priority = (unsigned)json_integer_value(
		    json_object_get(call->body, "priority")),
		.supervisor = session->role == SESSION_SUPERVISOR,
		.has_reason = reason.len > 0 };
	memcpy(change->id, tip->id, sizeof(change->id));
	(void)snprintf(change->who, sizeof(change->who), "%s", session->name);
	if (target.len > 0) {
		other = api_tip_of(call->web, target);
		if (other == NULL) {
			return false;
		}
		change->has_target = true;
		memcpy(change->target, other->id, sizeof(change->target));
	}
	return change->priority <= CASE_PRIORITIES &&
	    reason.len <= REASON_BYTES;
}

/* An entry's own priority is the case's; the one that is asked for is `to`. */
static void ask_priority(json_t *asks)
{
	json_t *priority = json_object_get(asks, "priority");

	if (priority != NULL) {
		(void)json_object_set(asks, "to", priority);
		(void)json_object_del(asks, "priority");
	}
}

/* Whether what it ends with is good; else it was answered. */
static bool ends_well(struct api_call *call, enum case_event event,
    const struct tip *tip, const struct store_do *change)
{
	const struct ends_given given = {
		.disposition = api_string(call, "disposition"),
		.outcome = api_string(call, "outcome"),
		.reason = api_string(call, "reason"),
		.reporter_text = api_string(call, "reporter_text"),
		.has_target = change->has_target,
	};
	const char *why = ends_judge(event, tip->now.state, &given);

	if (why == NULL && !reply_is_words(given.reporter_text)) {
		why = "What the reporter is told has at most 2036 bytes, and "
		      "no signs that are not shown.";
	}
	if (why != NULL) {
		api_refuse(call->web, call->conn, 400,
		    event == CASE_DO_RESULT ? "outcome" : "disposition", why);
	}
	return why == NULL;
}

/* Seal what is done, and have it done. */
static void go_on(struct waiting *waiting)
{
	struct buf sealed;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (entry_seal(waiting->web, waiting->tip, waiting->who, waiting->doc,
		&sealed) == TL_OK) {
		json_decref(waiting->doc);
		waiting->doc = NULL;
		waiting->change.sealed = bytes_of(sealed.data, sealed.len);
		store_ask_do(
		    waiting->web->store, &waiting->change, done_cb, waiting);
	} else {
		api_refuse(waiting->web, waiting->conn, 503, "seal",
		    "The desk cannot seal what was done; nothing was.");
		json_decref(waiting->doc);
		json_decref(waiting->asks);
		free(waiting);
	}
	buf_free(&sealed);
}

/* What is recalled says what had left by then: somebody has to ask for it
 * back. Where that cannot be read just now it is recalled all the same. */
static void note_left(struct web *web, json_t *entries, void *arg)
{
	struct waiting *waiting = arg;
	json_t *left = evidence_left(entries);

	(void)web;
	if (left != NULL) {
		(void)json_object_set_new(waiting->doc, "left", left);
	}
	json_decref(entries);
	go_on(waiting);
}

/* What had left stays, whoever has it; the version is that which was judged. */
static void judge_withdrawal(struct web *web, json_t *entries, void *arg)
{
	struct waiting *waiting = arg;
	struct store_do *change = &waiting->change;
	const struct api_refusal *refusal =
	    api_withdraw_judge(web, waiting->tip, entries, change->has_reason);

	if (refusal != NULL) {
		api_refuse(web, waiting->conn, refusal->status, refusal->word,
		    refusal->text);
		json_decref(waiting->doc);
		json_decref(waiting->asks);
		json_decref(entries);
		free(waiting);
		return;
	}
	if (change->version == 0) {
		change->version = waiting->tip->now.version;
	}
	change->passed |= CASE_PASSED_WITHDRAW;
	note_left(web, entries, waiting);
}

/* Whether it was read, where it is to be; else it was answered. */
static bool has_looked(
    struct api_call *call, enum case_event event, const struct tip *tip)
{
	const struct session *session = call->session;

	if (event != CASE_DO_LOOK || !tip_is_sample(tip) ||
	    (session->viewed_ms != 0 &&
		memcmp(session->viewed, tip->id, sizeof(session->viewed)) ==
		    0)) {
		return true;
	}
	api_refuse(call->web, call->conn, 409, "read",
	    "This one is to be read in full: open it.");
	return false;
}

static void do_it(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	const struct event *event = event_of(api_string(call, "event"));
	struct store_do change;
	struct waiting *waiting;

	if (tip == NULL) {
		return;
	}
	if (event == NULL || tip->is_twin || !fill(call, tip, event, &change)) {
		api_refuse(call->web, call->conn, 400, "body",
		    "That cannot be done with this tip.");
		return;
	}
	if (!ends_well(call, event->event, tip, &change) ||
	    !has_looked(call, event->event, tip)) {
		return;
	}
	waiting = wait_for(call, tip);
	if (waiting == NULL) {
		return;
	}
	/* before it was so, officers were told that it stays in the tip */
	if (api_string(call, "reporter_text").len > 0) {
		(void)json_object_set_new(call->body, "told", json_true());
	}
	waiting->asks = json_pack("{s:s,s:s}", "kind", "ask-second", "asks",
	    case_event_name(event->event));
	waiting->event = case_event_name(event->event);
	copy_kept(waiting->asks, call->body);
	ask_priority(waiting->asks);
	waiting->doc = change_doc(event->event, call->body);
	waiting->change = change;
	if (event->event == CASE_DO_RECALL) {
		entry_list(call->web, tip->id, note_left, waiting);
	} else if (event->event == CASE_DO_WITHDRAW) {
		entry_list(call->web, tip->id, judge_withdrawal, waiting);
	} else {
		go_on(waiting);
	}
}

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

void api_do_asked(struct web *web, struct tip *tip, const json_t *asked,
    const char *second, store_answer_fn fn, void *arg)
{
	const struct event *event = event_of(bytes_str(text_of(asked, "asks")));
	struct store_do change = { .has_reason =
				       text_of(asked, "reason")[0] != '\0' };
	struct buf sealed;
	json_t *doc;

	/* whether it may be taken back is judged when that is asked for */
	if (event == NULL || event->event == CASE_DO_WITHDRAW) {
		fn(NULL, arg);
		return;
	}
	doc = change_doc(event->event, asked);
	(void)json_object_set_new(doc, "second", json_string(second));
	(void)json_object_set(doc, "asked", json_object_get(asked, "id"));
	buf_init(&sealed, CASE_SEALED_BYTES);
	if (entry_seal(web, tip, text_of(asked, "who"), doc, &sealed) !=
	    TL_OK) {
		fn(NULL, arg);
	} else {
		change.event = event->event;
		change.passed = event->passed;
		change.priority =
		    (unsigned)json_integer_value(json_object_get(asked, "to"));
		memcpy(change.id, tip->id, sizeof(change.id));
		(void)snprintf(change.who, sizeof(change.who), "%s",
		    text_of(asked, "who"));
		(void)snprintf(
		    change.second, sizeof(change.second), "%s", second);
		change.sealed = bytes_of(sealed.data, sealed.len);
		store_ask_do(web->store, &change, fn, arg);
	}
	json_decref(doc);
	buf_free(&sealed);
}

static void activity(struct api_call *call)
{
	struct tip *tip = api_tip(call);
	struct store_do renew = { .event = CASE_DO_CLAIM };
	struct waiting *waiting;

	if (tip == NULL) {
		return;
	}
	waiting = wait_for(call, tip);
	if (waiting != NULL) {
		memcpy(renew.id, tip->id, sizeof(renew.id));
		(void)snprintf(
		    renew.who, sizeof(renew.who), "%s", call->session->name);
		store_ask_renew(call->web->store, &renew, done_cb, waiting);
	}
}

/* ---- what may be done ---------------------------------------------------- */

static json_t *needs_of(const struct tip *tip, enum case_event event)
{
	json_t *needs = json_array();

	if (event == CASE_DO_TAKE_OVER || event == CASE_DO_REFUSE ||
	    event == CASE_DO_RECALL || event == CASE_DO_GIVE_BACK ||
	    event == CASE_DO_UNLINK ||
	    (event == CASE_DO_WITHDRAW && api_withdraw_wants_reason(tip))) {
		(void)json_array_append_new(needs, json_string("reason"));
	}
	if (event == CASE_DO_CLOSE && tip->now.priority <= 2) {
		(void)json_array_append_new(needs, json_string("second"));
	}
	if (event == CASE_DO_LINK) {
		(void)json_array_append_new(needs, json_string("target"));
	}
	if (event == CASE_DO_CLOSE || event == CASE_DO_SPAM) {
		(void)json_array_append_new(needs, json_string("disposition"));
	}
	if (event == CASE_DO_RESULT) {
		(void)json_array_append_new(needs, json_string("outcome"));
	}
	return needs;
}

/* What is on the tip's screen for nothing is not: somebody has looked; its
 * reporter has not asked. */
static bool is_idle(
    const struct web *web, const struct tip *tip, enum case_event event)
{
	return (event == CASE_DO_LOOK && !tip_is_unseen(tip)) ||
	    (event == CASE_DO_WITHDRAW && !parts_wishes(web, tip).withdrawal);
}

/* Judged with everything given that can be given: what is left is allowed. */
json_t *api_allowed(
    const struct web *web, const struct session *session, const struct tip *tip)
{
	static const uint8_t other[CASE_ID_BYTES] = { 1 };
	json_t *allowed = json_array();

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const struct case_change change = {
			.event = events[i].event,
			.who = session->name,
			.second = strcmp(session->name, "a") == 0 ? "b" : "a",
			.supervisor = session->role == SESSION_SUPERVISOR,
			.passed = events[i].passed | CASE_PASSED_WITHDRAW,
			.target = other,
			.note = bytes_str("x"),
		};
		struct case_now next;

		if (!tip->is_twin && !is_idle(web, tip, events[i].event) &&
		    case_judge(&tip->now, tip->id, &change, web_now_ms(web),
			&next) == CASE_YES) {
			(void)json_array_append_new(allowed,
			    json_pack("{s:s,s:o}", "event",
				case_event_name(events[i].event), "needs",
				needs_of(tip, events[i].event)));
		}
	}
	return allowed;
}

static const char *const do_members[] = { "event", "version", "priority",
	"reason", "target", "disposition", "outcome", "reporter_text", NULL };
static const char *const none[] = { NULL };

const struct api_route api_do_routes[] = {
	{ HTTP_POST, "/api/tips/*/do", API_OFFICER, do_members, do_it, false,
	    0 },
	{ HTTP_POST, "/api/tips/*/activity", API_OFFICER, none, activity, false,
	    0 },
	{ 0 },
};
