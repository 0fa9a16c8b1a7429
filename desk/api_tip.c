/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /api/tips/<id>: all that an officer reads of one tip. */
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "desk/api.h"
#include "desk/kin.h"
#include "desk/links.h"
#include "desk/reach.h"
#include "desk/reply.h"
#include "desk/texts.h"
#include "text/answer_words.h"
#include "text/json_memory.h"
#include "text/report_parts.h"

bool api_may_read(struct api_call *call, const struct tip *tip)
{
	const struct session *session = call->session;

	if (session->role == SESSION_SUPERVISOR ||
	    (case_is_held(&tip->now, web_now_ms(call->web)) &&
		strcmp(tip->now.owner, session->name) == 0)) {
		return true;
	}
	api_refuse(call->web, call->conn, 403, "claim-first",
	    "Claim this tip before you read it.");
	return false;
}

bool api_may_look(struct api_call *call, const struct tip *tip)
{
	return (tip->now.version > 0 && tip->now.state == CASE_QUARANTINE) ||
	    api_may_read(call, tip);
}

/* The question as the console knows it by its name; here the name. */
static json_t *answer(const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	const char *words = text == NULL ? NULL : answer_words(name, text);

	return json_pack("{s:s,s:O,s:s?}", "name", name, "value",
	    (json_t *)(uintptr_t)value, "words", words);
}

static json_t *answers_of(const json_t *report)
{
	json_t *answers = json_array();
	json_t *all = api_answers(report);
	const char *name;
	json_t *value, *item;
	size_t i;

	json_object_foreach(all, name, value)
	{
		if (!json_is_array(value)) {
			(void)json_array_append_new(
			    answers, answer(name, value));
		}
		json_array_foreach(value, i, item)
		{
			(void)json_array_append_new(
			    answers, answer(name, item));
		}
	}
	json_decref(all);
	return answers;
}

/* Where in the words that are shown; a mark in base64 says nothing. */
static json_t *marks_of(const json_t *report)
{
	static const char decoded[] = "text_decoded";
	bool is_decoded =
	    report_words(report) == json_object_get(report, decoded);
	json_t *marks = json_array();
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(report, "words"), i, word)
	{
		const json_t *in = json_object_get(word, "in");
		bool in_decoded = json_is_string(in) &&
		    strcmp(json_string_value(in), decoded) == 0;

		if (is_decoded && in == NULL) {
			continue;
		}
		(void)json_array_append_new(marks,
		    json_pack("{s:O?,s:O?,s:O?,s:O?}", "in",
			in_decoded ? NULL : in, "at",
			json_object_get(word, "at"), "len",
			json_object_get(word, "len"), "group",
			json_object_get(word, "group")));
	}
	return marks;
}

static const char *answer_string(const json_t *report, const char *name)
{
	const json_t *answers = json_object_get(report, "answers");

	return json_string_value(json_object_get(answers, name));
}

static json_t *contact_of(const struct web *web, const struct tip *tip,
    const json_t *report, const json_t *entries, bool kin_stops)
{
	const char *safeword = answer_string(report, "contact_safeword");
	struct contact_case contact = { 0 };
	struct reach reach;

	reach_of(web, tip, entries, &reach, &contact);
	wipe(&reach, sizeof(reach));

	return json_pack("{s:s?,s:b,s:s?,s:s?,s:s?,s:s?,s:b,s:I,s:b,s:b,s:b}",
	    "wish", answer_string(report, "contact"), "method_set",
	    answer_string(report, "contact_number") != NULL ? 1 : 0, "hours",
	    answer_string(report, "contact_when"), "message_ok",
	    answer_string(report, "contact_message"), "who_to_say",
	    answer_string(report, "contact_say"), "cover",
	    answer_string(report, "contact_cover"), "safe_word_set",
	    safeword != NULL && safeword[0] != '\0' ? 1 : 0, "said_ms",
	    (json_int_t)tip->received_s * 1000, "no_contact",
	    contact.not_heard || contact.no_contact || contact.watched ||
		    kin_stops
		? 1
		: 0,
	    "stop", contact.stop ? 1 : 0, "unread",
	    reach_has_unread(entries) ? 1 : 0);
}

static bool is_right_to_left(const char *lang)
{
	static const char *const tags[] = { "ar", "fa", "he", "ur", "ps" };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strncmp(lang, tags[i], 2) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- the answer -----------------------------------------------------------
 */

struct reading {
	struct tip *tip;
	net_token conn;
	struct session session; /* a copy: who asked */
	json_t *entries;        /* while the kin is asked */
};

/* Those that who asked may read. What of the safe way back is left of one that
 * was taken back is for the machine. */
static json_t *entries_for(json_t *all, const struct session *session)
{
	json_t *entries = json_array();
	json_t *entry;
	size_t i;

	json_array_foreach(all, i, entry)
	{
		json_t *shown = json_copy(entry);

		if (json_object_get(shown, "withdrawn") != NULL) {
			(void)json_object_del(shown, "safe");
		}
		if (entry_is_for(shown, session)) {
			(void)json_array_append(entries, shown);
		}
		json_decref(shown);
	}
	return entries;
}

/* The number by which officers speak of the other one, if it is here. */
static void number_links(const struct web *web, json_t *links)
{
	json_t *link;
	size_t i;

	json_array_foreach(links, i, link)
	{
		const char *id = json_string_value(json_object_get(link, "id"));
		const struct tip *other = api_tip_of(web, bytes_str(id));

		if (other != NULL) {
			(void)json_object_set_new(link, "seq",
			    json_integer((json_int_t)other->number + 1));
		}
	}
}

static json_t *tip_of(const struct web *web, struct tip *tip,
    const struct session *session, json_t *entries, bool kin_stops)
{
	json_t *links = links_of(entries);
	json_t *report = api_report(tip);
	struct bytes folded = tip->folded;
	json_t *all, *more, *came;

	tip->n_links = json_array_size(links);
	number_links(web, links);
	all = json_pack("{s:o,s:O?,s:s,s:s,s:o,s:o,s:O?,s:O?,s:o,s:o}", "row",
	    api_row(web, tip), "text", report_words(report), "text_lang",
	    tip->lang, "dir", is_right_to_left(tip->lang) ? "rtl" : "ltr",
	    "folded", json_stringn((const char *)folded.at, folded.len),
	    "marks", marks_of(report), "rules",
	    json_object_get(report, "rules"), "words",
	    json_object_get(report, "words"), "answers", answers_of(report),
	    "sender_masked", api_masked(api_sender(report)));
	more = json_pack("{s:I,s:b,s:O?,s:O?,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
			 "s:b,s:o}",
	    "now_ms", (json_int_t)web_now_ms(web), "withdrawn",
	    tip->is_hollow ? 1 : 0, "via", json_object_get(report, "via"),
	    "taken_by", json_object_get(report, "taken_by"), "contact",
	    contact_of(web, tip, report, entries, kin_stops), "timeline",
	    api_timeline(tip), "attachments", api_files(tip), "links", links,
	    "alike", api_alike(web, tip), "parts", api_parts(tip, report),
	    "entries", entries_for(entries, session), "allowed",
	    api_allowed(web, session, tip), "mailbox",
	    reply_has_mailbox(tip) ? 1 : 0, "shown",
	    web_status_json(web, tip, entries));

	came = api_came(report);
	(void)json_object_update(all, more);
	(void)json_object_update(all, came);
	json_decref(more);
	json_decref(came);
	json_decref(report);
	return all;
}

static void end_reading(struct reading *reading)
{
	json_decref(reading->entries);
	wipe(reading, sizeof(*reading));
	free(reading);
}

/* While the kin was asked somebody may have logged out, or it was sealed. */
static void give(struct web *web, enum kin_word word, void *arg)
{
	struct reading *reading = arg;
	json_t *entries = reading->entries;
	unsigned lacks = json_memory_lacks();
	json_t *all;

	if (!session_is_in(web->sessions, reading->session.keyd)) {
		api_refuse(web, reading->conn, 401, "login",
		    "Nobody is logged in here.");
	} else if (api_is_sealed(reading->tip)) {
		api_withdraw_tell(web, reading->conn, reading->tip, entries);
	} else if (reading->tip->state != TIP_OPEN) {
		api_refuse(web, reading->conn, 503, "opening",
		    "It cannot be opened just now; try again.");
	} else {
		texts_tell(web, entries);
		all = tip_of(web, reading->tip, &reading->session, entries,
		    word != KIN_SILENT);
		if (json_memory_lacks() == lacks) {
			api_answer(web, reading->conn, 200, all);
		} else {
			json_decref(all);
			api_refuse(web, reading->conn, 503, "memory",
			    "The desk has no memory left to show all of it; "
			    "try again.");
		}
	}
	end_reading(reading);
}

static void entries_listed(struct web *web, json_t *entries, void *arg)
{
	struct reading *reading = arg;

	reading->entries = entries;
	if (entries == NULL) {
		api_refuse(web, reading->conn, 503, "opening",
		    "It cannot be opened just now; try again.");
		end_reading(reading);
	} else if (api_is_sealed(reading->tip) ||
	    reading->tip->state != TIP_OPEN) {
		give(web, KIN_SILENT, reading);
	} else {
		kin_ask(web, reading->tip, entries, give, reading);
	}
}

static void read_tip(struct api_call *call)
{
	struct tip *tip = api_tip_of(call->web, call->args[0]);
	struct reading *reading;

	if (tip == NULL || tip->is_twin || !api_is_sealed(tip)) {
		tip = api_tip(call);
	}
	if (tip == NULL) {
		return;
	}
	if (tip->state != TIP_OPEN) {
		api_refuse(call->web, call->conn,
		    tip->state == TIP_FAULT ? 409 : 503,
		    tip->state == TIP_FAULT ? "sealed" : "opening",
		    tip->state == TIP_FAULT ? "This cannot be opened here."
					    : "It is being opened; try again.");
		return;
	}
	/* of what is sealed it is told what has left */
	if (!api_is_sealed(tip) && !api_may_look(call, tip)) {
		return;
	}
	reading = calloc(1, sizeof(*reading));
	if (reading == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	*reading = (struct reading){ tip, call->conn, *call->session, NULL };
	web_audit_view(call->web, call->session, tip->id);
	entry_list(call->web, tip->id, entries_listed, reading);
}

const struct api_route api_tip_routes[] = {
	{ HTTP_GET, "/api/tips/*", API_OFFICER, NULL, read_tip, false, 0 },
	{ 0 },
};
