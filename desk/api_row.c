/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the console shows of a tip in one line, and in its header. */
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "desk/api.h"
#include "desk/due.h"
#include "text/answer_words.h"
#include "text/report_parts.h"

/* ---- names --------------------------------------------------------------- */

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
	struct buf hex;
	json_t *json = NULL;

	buf_init(&hex, 2 * len);
	enc_hex(&hex, bytes, len);
	if (buf_err(&hex) == TL_OK) {
		json = json_stringn((const char *)hex.data, hex.len);
	}
	buf_free(&hex);
	return json;
}

json_t *api_tip_id(const struct tip *tip)
{
	if (tip->is_twin) {
		return json_sprintf("r%llu", (unsigned long long)tip->number);
	}
	return hex_of(tip->id, sizeof(tip->id));
}

static struct tip *by_number(const struct web *web, struct bytes digits)
{
	uint64_t number = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9') {
			return NULL;
		}
		number = number * 10 + (uint64_t)(digits.at[i] - '0');
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *tip = tips_at(web->tips, i);

		if (tip->is_twin && tip->number == number) {
			return tip;
		}
	}
	return NULL;
}

struct tip *api_tip_of(const struct web *web, struct bytes name)
{
	uint8_t id[TIP_ID_BYTES];
	size_t len = 0;

	if (name.len > 1 && name.len < 18 && name.at[0] == 'r') {
		return by_number(web, bytes_of(name.at + 1, name.len - 1));
	}
	if (name.len != 2 * sizeof(id) ||
	    dec_hex((const char *)name.at, name.len, id, sizeof(id), &len) !=
		TL_OK) {
		return NULL;
	}
	return tips_find(web->tips, id);
}

/* ---- rows ---------------------------------------------------------------- */

json_t *api_report(const struct tip *tip)
{
	json_t *report = report_load(tip->doc);

	for (const struct tip *more = tip->mores;
	     report != NULL && more != NULL; more = more->next_more) {
		json_t *later =
		    more->way == TIP_MORE ? report_load(more->doc) : NULL;
		json_t *answers = json_object_get(report, "answers");

		(void)json_object_update(
		    answers, json_object_get(later, "answers"));
		json_decref(later);
	}
	return report;
}

/* The value of an answer; of several the first. */
static const char *answer_of(const json_t *report, const char *name)
{
	const json_t *value =
	    json_object_get(json_object_get(report, "answers"), name);

	if (json_is_array(value)) {
		value = json_array_get(value, 0);
	}
	return json_string_value(value);
}

static json_t *answer_or_null(const json_t *report, const char *name)
{
	const char *value = answer_of(report, name);

	return value == NULL ? json_null() : json_string(value);
}

/* The province, else the country, else what was written. */
static json_t *place_of(const json_t *report)
{
	static const char *const names[] = { "where_province", "where_country",
		"where_near" };

	for (size_t i = 0; i < 3; i++) {
		const char *value = answer_of(report, names[i]);
		const char *words =
		    value == NULL ? NULL : answer_words(names[i], value);

		if (words != NULL) {
			return json_string(words);
		}
		if (value != NULL && value[0] != '\0') {
			return json_string(value);
		}
	}
	return json_null();
}

const char *api_state(const struct tip *tip)
{
	if (tip->state == TIP_FAULT) {
		return "SEALED";
	}
	return tip->now.version > 0 ? case_state_name(tip->now.state)
				    : "RECEIVED";
}

static bool set(json_t *row, const char *name, json_t *value)
{
	return json_object_set_new(row, name, value) == 0;
}

static void set_case(json_t *row, const struct web *web, const struct tip *tip)
{
	bool is_held = case_is_held(&tip->now, web_now_ms(web));
	uint64_t arrived_ms = tip_arrived_ms(tip);
	struct due due = due_of(tip_priority(tip),
	    tip->now.version > 0 ? tip->now.state : CASE_RECEIVED, arrived_ms);

	(void)set(row, "arrived_ms", json_integer((json_int_t)arrived_ms));
	(void)set(row, "clock", json_integer(due.clock));
	(void)set(row, "due_ms", json_integer((json_int_t)due.due_ms));
	(void)set(
	    row, "owner", is_held ? json_string(tip->now.owner) : json_null());
	(void)set(row, "since_ms",
	    json_integer(is_held ? (json_int_t)tip->now.since_ms : 0));
	(void)set(row, "until_ms",
	    json_integer(is_held ? (json_int_t)tip->now.until_ms : 0));
	(void)set(row, "state", json_string(api_state(tip)));
	(void)set(row, "version", json_integer((json_int_t)tip->now.version));
}

static json_t *asked_of_row(const struct tip *tip)
{
	const struct tip_asked *asked = &tip->asked;

	return asked->n == 0
	    ? json_null()
	    : json_pack("{s:I,s:s,s:s,s:I}", "n", (json_int_t)asked->n, "who",
		  asked->who, "what", asked->what, "at_ms",
		  (json_int_t)asked->at_ms);
}

json_t *api_row(const struct web *web, const struct tip *tip)
{
	json_t *report = api_report(tip);
	json_t *row = json_object();
	const char *contact = answer_of(report, "contact");

	(void)set(row, "id", api_tip_id(tip));
	(void)set(row, "seq", json_integer((json_int_t)tip->number + 1));
	(void)set(row, "priority", json_integer(tip_priority(tip)));
	(void)set(row, "reasons", api_reasons(web, tip, report));
	(void)set(row, "lang", json_string(tip->lang));
	(void)set(row, "place", place_of(report));
	(void)set(row, "under18", answer_or_null(report, "minor"));
	(void)set(row, "about", answer_or_null(report, "who"));
	(void)set(row, "share", answer_or_null(report, "share"));
	(void)set(row, "contact",
	    json_boolean(contact != NULL && strcmp(contact, "1") != 0));
	(void)set(row, "channel", json_string(tip->channel));
	(void)set(row, "links", json_integer((json_int_t)tip->n_links));
	(void)set(
	    row, "alike", json_integer((json_int_t)api_n_alike(web, tip)));
	(void)set(row, "asked", asked_of_row(tip));
	(void)set(row, "flags", api_flags(web, tip, report));
	(void)set(row, "signed", json_boolean(tip->is_signed));
	set_case(row, web, tip);
	json_decref(report);
	return row;
}

/* ---- the header ---------------------------------------------------------- */

json_t *api_header(struct web *web)
{
	static const char *const rings[] = {
		[KEYD_RING_FINE] = "fine",
		[KEYD_RING_OLD] = "old",
		[KEYD_RING_SHUT] = "shut",
	};
	static const char *const disks[] = {
		[STORE_ROOM] = "fine",
		[STORE_ROOM_LOW] = "low",
		[STORE_ROOM_NONE] = "full",
	};
	const struct store_state *state = &web->state;
	const struct web_alarms_state alarms = web_alarms_state(web);
	int64_t day = (int64_t)(web_now_ms(web) / 86400000u);
	struct tips_counts counts;

	tips_counts(web->tips, day * 86400, &counts);
	return json_pack(
	    "{s:I,s:o,s:I,s:I,s:I,s:I,s:o,s:s,s:s,s:b,s:s,s:o,s:I,s:{s:b,"
	    "s:b,s:I},s:{s:I,s:I,s:I}}",
	    "received_today", (json_int_t)counts.since, "seconds",
	    counts.uncounted > 0 ? json_null()
				 : json_integer((json_int_t)counts.seconds),
	    "never_opened", (json_int_t)counts.never, "not_readable",
	    (json_int_t)counts.faults, "records", (json_int_t)state->records,
	    "gaps", (json_int_t)counts.absent, "channels", api_channels(web),
	    "disk", disks[state->room], "ring", rings[web->ring], "redis",
	    state->redis ? 1 : 0, "redis_text",
	    state->redis ? "" : err_text((enum tl_err) - (int)state->why),
	    "head", hex_of(state->head, sizeof(state->head)), "memory_bytes",
	    (json_int_t)counts.bytes, "alarms", "set",
	    alarms.webhook || alarms.command ? 1 : 0, "failing",
	    alarms.failing ? 1 : 0, "given_ms", (json_int_t)alarms.given_ms,
	    "quarantine", "n", (json_int_t)counts.suspects, "unseen",
	    (json_int_t)counts.unseen, "in_full", (json_int_t)counts.samples);
}

json_t *api_now(const struct case_now *now)
{
	return json_pack("{s:s,s:I,s:i,s:s,s:I,s:I,s:b}", "state",
	    case_state_name(now->state), "version", (json_int_t)now->version,
	    "priority", (int)now->priority, "owner", now->owner, "since_ms",
	    (json_int_t)now->since_ms, "until_ms", (json_int_t)now->until_ms,
	    "reopened", (now->flags & CASE_REOPENED) != 0 ? 1 : 0);
}
