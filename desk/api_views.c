/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What belongs to a tip, and what may: its timeline, wishes, and tips that are
 * alike. */
#include <string.h>

#include "base/clock.h"
#include "desk/api.h"
#include "desk/due.h"
#include "desk/parts.h"
#include "sms/join.h"
#include "text/report_parts.h"

/* ---- long messages --------------------------------------------------------
 */

json_t *api_parts(const struct tip *tip, const json_t *report)
{
	json_t *parts = json_object_get(report, "parts");
	const char *state = json_string_value(json_object_get(parts, "state"));

	if (state == NULL) {
		return json_null();
	}
	/* of what it was when it was put together, time has gone by */
	if (strcmp(state, "expected") == 0 &&
	    clock_wall_s() - tip->received_s > JOIN_WAIT_S) {
		state = "incomplete";
	}
	return json_pack("{s:s,s:O?,s:O?,s:O?}", "state", state, "total",
	    json_object_get(parts, "total"), "seen",
	    json_object_get(parts, "seen"), "missing",
	    json_object_get(parts, "missing"));
}

json_t *api_came(const json_t *report)
{
	const json_t *text = json_object_get(report, "text");

	return json_pack("{s:O?,s:O?,s:O?}", "as_came",
	    report_words(report) == text ? NULL : text, "button",
	    json_object_get(report, "button"), "media",
	    json_object_get(report, "media"));
}

/* ---- the timeline ---------------------------------------------------------
 */

static const char *const kinds[] = {
	[TIP_ALONE] = NULL,
	[TIP_MORE] = "more",
	[TIP_KEY] = NULL,    /* it says nothing */
	[TIP_PIECED] = NULL, /* in the tip's own text */
	[TIP_FOLLOW] = "message",
	[TIP_AGAIN] = "again",
};

static json_t *later_of(const struct tip *more)
{
	json_t *report = report_load(more->doc);
	json_t *later = json_pack("{s:s,s:I,s:O?,s:o?,s:O?,s:i,s:O?,s:O?,s:o}",
	    "kind", kinds[more->way], "at_ms",
	    (json_int_t)more->received_s * 1000, "text", report_words(report),
	    "answers", api_answers(report), "wish",
	    json_object_get(report, "wish"), "priority",
	    (int)more->said_priority, "rules", json_object_get(report, "rules"),
	    "flags", json_object_get(report, "flags"), "parts",
	    api_parts(more, report));
	json_t *came = api_came(report);

	(void)json_object_update(later, came);
	json_decref(came);
	json_decref(report);
	return later;
}

json_t *api_timeline(const struct tip *tip)
{
	json_t *timeline = json_array();

	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if (kinds[more->way] != NULL && !more->is_hollow &&
		    more->doc.len > 0) {
			(void)json_array_append_new(timeline, later_of(more));
		}
	}
	return timeline;
}

/* ---- flags ----------------------------------------------------------------
 */

static void add(json_t *flags, const char *word)
{
	const json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
	{
		const char *has = json_string_value(flag);

		if (has != NULL && strcmp(has, word) == 0) {
			return;
		}
	}
	(void)json_array_append_new(flags, json_string(word));
}

static void add_all(json_t *flags, const json_t *report)
{
	const json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(report, "flags"), i, flag)
	{
		if (json_is_string(flag)) {
			add(flags, json_string_value(flag));
		}
	}
}

static void add_of_later(json_t *flags, const struct tip *tip)
{
	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		json_t *report =
		    more->way == TIP_FOLLOW ? report_load(more->doc) : NULL;

		add_all(flags, report);
		json_decref(report);
	}
}

json_t *api_flags(
    const struct web *web, const struct tip *tip, const json_t *report)
{
	const struct parts_wishes wishes = parts_wishes(web, tip);
	const json_t *parts = json_object_get(report, "parts");
	const struct {
		bool is_set;
		const char *word;
	} more[] = {
		{ wishes.no_contact, "no contact" },
		{ wishes.stop, "stop" },
		{ wishes.deletion, "delete" },
		{ json_array_size(json_object_get(parts, "missing")) > 0,
		    "parts missing" },
		{ (tip->now.flags & CASE_REOPENED) != 0, "reopened" },
		{ tip->second_by_ms != 0, "second officer" },
		{ web_is_called(tip, web_now_ms(web)), "nobody there" },
		{ tip->altered != 0 && tip->altered == tip->now.version,
		    "altered" },
		{ tip_is_unseen(tip), "not looked through" },
		{ tip_is_unseen(tip) && tip_is_sample(tip), "read in full" },
		{ tip->state == TIP_FAULT, "not opened" },
		{ tip_is_alone(tip), "its tip is not here" },
	};
	json_t *flags = json_array();

	if (wishes.withdrawal) { /* nothing is to be done before that is seen */
		add(flags, "withdraw");
	}
	add_all(flags, report);
	add_of_later(flags, tip);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (more[i].is_set) {
			add(flags, more[i].word);
		}
	}
	return flags;
}

static void add_rules(json_t *reasons, const json_t *report)
{
	const json_t *rule, *has;
	size_t i, k;

	json_array_foreach(json_object_get(report, "rules"), i, rule)
	{
		const json_t *name = json_object_get(rule, "rule");

		json_array_foreach(reasons, k, has)
		{
			if (json_equal(json_object_get(has, "rule"), name)) {
				break;
			}
		}
		if (k == json_array_size(reasons)) {
			(void)json_array_append_new(reasons,
			    json_pack("{s:O?,s:O?}", "rule", name, "text",
				json_object_get(rule, "text")));
		}
	}
}

/* Raised by the machine, though nothing that was written says P2. */
static bool is_raised_for_age(const struct web *web, const struct tip *tip)
{
	bool is_said = tip->said_priority <= 2;

	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		is_said = is_said ||
		    (kinds[more->way] != NULL && more->said_priority <= 2);
	}
	return !is_said && tip->now.priority == 2 &&
	    due_is_too_old(
		3, tip->now.state, tip_arrived_ms(tip), web_now_ms(web));
}

json_t *api_reasons(
    const struct web *web, const struct tip *tip, const json_t *report)
{
	json_t *reasons = json_array();

	add_rules(reasons, report);
	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		json_t *later =
		    kinds[more->way] != NULL ? report_load(more->doc) : NULL;

		add_rules(reasons, later);
		json_decref(later);
	}
	if (is_raised_for_age(web, tip)) {
		(void)json_array_append_new(reasons,
		    json_pack("{s:s,s:s}", "rule", "AGE", "text",
			"Waiting too long"));
	}
	return reasons;
}

/* ---- tips that are alike --------------------------------------------------
 */

size_t api_n_alike(const struct web *web, const struct tip *tip)
{
	struct tips_alike alike[TIPS_ALIKE_MAX];

	return tips_alike(web->tips, tip, alike);
}

json_t *api_alike(const struct web *web, const struct tip *tip)
{
	struct tips_alike alike[TIPS_ALIKE_MAX];
	size_t n = tips_alike(web->tips, tip, alike);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct tip *other = alike[i].tip;

		(void)json_array_append_new(list,
		    json_pack("{s:o,s:I,s:i,s:b,s:i,s:I,s:s,s:s,s:s}", "id",
			api_tip_id(other), "seq", (json_int_t)other->number + 1,
			"percent", (int)alike[i].percent, "same_number",
			alike[i].same_number ? 1 : 0, "priority",
			(int)tip_priority(other), "arrived_ms",
			(json_int_t)other->received_s * 1000, "channel",
			other->channel, "lang", other->lang, "state",
			api_state(other)));
	}
	return list;
}
