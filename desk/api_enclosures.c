/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Files that go with a referral, under /api/tips/<id>/referrals/: `look` shows
 * one to the officer who is to agree, `files` gives it sealed to the partner,
 * once the referral has gone. The latter is written on the case first: what
 * left stays listed there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/enclosing.h"
#include "desk/evidence.h"
#include "desk/gather.h"
#include "desk/refer.h"
#include "desk/referral_task.h"

struct leaving {
	struct referral_task *task;
	struct enclosure enclosure;
	json_t *item;
	struct enclosing sealing;
};

static const char cannot_read[] = "It cannot be opened just now; try again.";

static const char taken_back[] = "The referral was taken back meanwhile.";

static void end(struct leaving *leaving)
{
	enclosing_free(&leaving->sealing);
	json_decref(leaving->item);
	referral_task_free(leaving->task);
	free(leaving);
}

static void refuse(
    struct leaving *leaving, int status, const char *word, const char *text)
{
	api_refuse(leaving->task->web, leaving->task->conn, status, word, text);
	end(leaving);
}

/* ---- which one ------------------------------------------------------------
 */

/* The number of the path, of the newest referral. False: there is none. */
static bool choose(struct leaving *leaving, const json_t *entry)
{
	json_t *list = evidence_of(entry);
	size_t n = (size_t)json_integer_value(
	    json_object_get(leaving->task->body, "n"));
	json_t *item = n == 0 ? NULL : json_array_get(list, n - 1);
	bool is_one = enclosure_read_item(item, &leaving->enclosure) == TL_OK;

	leaving->item = is_one ? json_incref(item) : NULL;
	json_decref(list);
	return is_one;
}

static bool is_over(const json_t *entry)
{
	const json_t *request = json_object_get(entry, "request");

	return referral_evidence_is_over(
	    json_integer_value(json_object_get(request, "created_s")),
	    clock_wall_s());
}

/* NULL: it was answered. The body becomes the number of the path. task_of: one
 * of desk/referral_task.h. */
static struct leaving *leaving_of(struct api_call *call,
    struct referral_task *(*task_of)(struct api_call *call))
{
	struct leaving *leaving = calloc(1, sizeof(*leaving));

	if (leaving == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return NULL;
	}
	leaving->task = task_of(call);
	if (leaving->task == NULL) {
		free(leaving);
		return NULL;
	}
	leaving->task->body =
	    json_pack("{s:I}", "n", (json_int_t)api_number(call->args[1]));
	return leaving;
}

/* ---- sealed to the partner ------------------------------------------------
 */

static void answer(struct leaving *leaving)
{
	const struct buf *sealed = &leaving->sealing.sealed;
	char disposition[80];
	struct net_header headers[] = {
		{ "Content-Security-Policy", bytes_str("sandbox") },
		{ "Content-Disposition", bytes_of(NULL, 0) },
	};
	struct net_reply reply = { .status = 200,
		.type = "application/octet-stream",
		.body = bytes_of(sealed->data, sealed->len),
		.headers = headers,
		.n_headers = 2 };

	(void)snprintf(disposition, sizeof(disposition),
	    "attachment; filename=%s.tip", leaving->enclosure.name);
	headers[1].value = bytes_str(disposition);
	net_answer(leaving->task->web->server, leaving->task->conn, &reply);
}

static void written(struct web *web, const struct store_done *done, void *arg)
{
	struct leaving *leaving = arg;
	struct referral_task *task = leaving->task;
	char note[160];

	if (done->result != STORE_ANSWERED || done->why != CASE_YES) {
		api_answer_done(web, task->conn, done);
		end(leaving);
	} else if (!referral_is_sent(done->now.state)) {
		/* by another desk, and this one has not heard of it yet */
		refuse(leaving, 409, "referral", taken_back);
	} else {
		(void)snprintf(note, sizeof(note), "referral %s %s",
		    leaving->enclosure.name,
		    referral_text(leaving->item, "sha256"));
		web_audit(web, AUDIT_EXPORT, task->who, task->tip->id,
		    bytes_str(note));
		answer(leaving);
		end(leaving);
	}
}

static bool seal_piece(struct bytes raw, void *arg)
{
	struct leaving *leaving = arg;

	return enclosing_add(&leaving->sealing, raw) == TL_OK;
}

static void sealed_all(const char *word, const char *sentence, void *arg)
{
	struct leaving *leaving = arg;
	struct referral_task *task = leaving->task;

	if (word != NULL) {
		refuse(leaving, 409, word, sentence);
	} else if (enclosing_end(&leaving->sealing) != TL_OK) {
		refuse(
		    leaving, 503, "seal", "The desk cannot seal it just now.");
	} else if (!referral_is_sent(task->tip->now.state)) {
		refuse(leaving, 409, "referral", taken_back);
	} else {
		entry_add(task->web, task->tip, task->who,
		    json_pack("{s:s, s:s, s:O}", "kind", "referral-file", "ref",
			task->ref, "file", leaving->item),
		    written, leaving);
	}
}

static void begin(struct leaving *leaving, const struct partner *partner)
{
	static const struct gather_fns fns = { seal_piece, sealed_all };
	struct referral_task *task = leaving->task;
	struct sealer *sealer = NULL;
	json_t *file = evidence_find(task->tip, &leaving->enclosure);

	if (file == NULL) {
		refuse(leaving, 409, "missing",
		    "The tip has no such file any more.");
	} else if (gather_is_busy(task->web)) {
		refuse(leaving, 503, "busy",
		    "Others are being fetched; try again.");
	} else if (refer_sealer(task->web, partner, &sealer) != TL_OK) {
		refuse(
		    leaving, 503, "seal", "The desk cannot seal it just now.");
	} else {
		enclosing_begin(
		    &leaving->sealing, &leaving->enclosure, task->ref, sealer);
		gather(task->web, file, &fns, leaving);
	}
	json_decref(file);
}

static void take_sent(struct web *web, json_t *entries, void *arg)
{
	struct leaving *leaving = arg;
	struct referral_task *task = leaving->task;
	const json_t *entry = referral_newest(entries);
	struct api_refusal no;
	const struct partner *partner = referral_sent_to(task, entry, &no);
	const char *against = partner == NULL
	    ? NULL
	    : refer_against(web, task->tip, entries, entry, partner);

	if (entries == NULL) {
		refuse(leaving, 503, "opening", cannot_read);
	} else if (partner == NULL) {
		refuse(leaving, no.status, no.word, no.text);
	} else if (against != NULL) {
		no = refer_refusal(against, 409, "referral");
		refuse(leaving, no.status, no.word, no.text);
	} else if (!choose(leaving, entry)) {
		refuse(leaving, 404, "none",
		    "No such file goes with this referral.");
	} else if (is_over(entry)) {
		refuse(leaving, 409, "over",
		    "Its files went for 30 days. Refer anew if the partner "
		    "still needs them.");
	} else {
		(void)snprintf(task->ref, sizeof(task->ref), "%s",
		    referral_text(entry, "ref"));
		begin(leaving, partner);
	}
	json_decref(entries);
}

static void file(struct api_call *call)
{
	struct leaving *leaving;

	if (call->web->practice) {
		api_refuse(call->web, call->conn, 409, "practice",
		    "This desk is for practice: nothing leaves it.");
		return;
	}
	leaving = leaving_of(call, referral_task_of);
	if (leaving != NULL) {
		entry_list(
		    call->web, leaving->task->tip->id, take_sent, leaving);
	}
}

/* ---- for who is to agree --------------------------------------------------
 */

static void show(struct web *web, json_t *entries, void *arg)
{
	struct leaving *leaving = arg;
	struct referral_task *task = leaving->task;
	const json_t *entry = referral_to_read(task, entries);
	json_t *file = NULL;

	if (entry != NULL && choose(leaving, entry)) {
		file = evidence_find(task->tip, &leaving->enclosure);
	}
	if (entries == NULL) {
		refuse(leaving, 503, "opening", cannot_read);
	} else if (file == NULL) {
		refuse(
		    leaving, 404, "none", "There is no such file to agree to.");
	} else {
		web_audit(web, AUDIT_FILE, task->who, task->tip->id,
		    bytes_str(leaving->enclosure.name));
		api_give_file(web, task->conn, file, bytes_of(NULL, 0));
		end(leaving);
	}
	json_decref(file);
	json_decref(entries);
}

static void look(struct api_call *call)
{
	struct leaving *leaving = leaving_of(call, referral_task_to_read);

	if (leaving != NULL) {
		entry_list(call->web, leaving->task->tip->id, show, leaving);
	}
}

const struct api_route api_enclosures_routes[] = {
	{ HTTP_GET, "/api/tips/*/referrals/files/*", API_OFFICER, NULL, file,
	    false, 0 },
	{ HTTP_GET, "/api/tips/*/referrals/look/*", API_OFFICER, NULL, look,
	    false, 0 },
	{ 0 },
};
