/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/auto_look.h"

#include <string.h>

#include "base/clock.h"
#include "desk/auto_check.h"
#include "desk/parts.h"
#include "desk/texts.h"
#include "desk/zone.h"
#include "sms/gateway.h"
#include "sms/units.h"
#include "sms/when.h"
#include "text/json_memory.h"
#include "text/phrases.h"
#include "text/report_parts.h"

#define CLOCKS_OFF_S 60

/* ---- gateways ------------------------------------------------------------ */

bool auto_is_wanted(const struct config *config)
{
	for (size_t i = 0; i < config->n_gateways; i++) {
		if (auto_mode_of(config->gateways[i].auto_reply) != AUTO_NONE) {
			return true;
		}
	}
	return false;
}

static const struct config_gateway *gateway_of(
    const struct web *web, const struct tip *tip)
{
	for (size_t i = 0; i < web->config->n_gateways; i++) {
		if (strcmp(web->config->gateways[i].name, tip->gateway) == 0) {
			return &web->config->gateways[i];
		}
	}
	return NULL;
}

/* ---- what is written on cases -------------------------------------------- */

static bool is_kind(const json_t *entry, const char *kind)
{
	const char *word = json_string_value(json_object_get(entry, "kind"));

	return word != NULL && strcmp(word, kind) == 0;
}

static void take_text(
    struct auto_facts *facts, const json_t *entry, bool is_own)
{
	int64_t at_s = json_integer_value(json_object_get(entry, "at"));
	bool is_auto = json_object_get(entry, "auto") != NULL;
	int64_t *newest = is_auto ? &facts->machine_s : &facts->officer_s;

	*newest = at_s > *newest ? at_s : *newest;
	facts->is_ordered = facts->is_ordered || (is_auto && is_own);
}

void auto_facts_take(
    struct auto_facts *facts, const json_t *entries, bool is_own)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		uint64_t version = (uint64_t)json_integer_value(
		    json_object_get(entry, "version"));

		if (is_own && version > facts->version) {
			facts->version = version;
		}
		if (json_object_get(entry, "sealed") != NULL ||
		    json_object_get(entry, "forged") != NULL) {
			facts->is_hidden = true;
		} else if (is_kind(entry, "contact")) {
			facts->is_known_otherwise = true;
		} else if (is_kind(entry, "sms")) {
			take_text(facts, entry, is_own);
		}
	}
}

/* ---- the message --------------------------------------------------------- */

static const char *string_of(const json_t *report, const char *name)
{
	const char *text = json_string_value(json_object_get(report, name));

	return text == NULL ? "" : text;
}

static bool has_flag(const json_t *report, const char *flag)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "flags"), i, item)
	{
		if (json_is_string(item) &&
		    strcmp(json_string_value(item), flag) == 0) {
			return true;
		}
	}
	return false;
}

/* A short message that somebody wrote just now, and no call, nothing that a
 * log had, nothing that the gateway answers by itself. */
static bool is_text(const struct tip *tip, const json_t *report)
{
	static const enum sms_flag others[] = { SMS_FLAG_OPT_STOP,
		SMS_FLAG_OPT_START, SMS_FLAG_OPT_HELP, SMS_FLAG_BAD_SENDER,
		SMS_FLAG_EDITED, SMS_FLAG_RECOVERED, SMS_FLAG_ENCRYPTED,
		SMS_FLAG_DROPPED, SMS_FLAG_MISSED };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (has_flag(report, sms_flag_name(others[i]))) {
			return false;
		}
	}
	return strcmp(tip->channel, "sms") == 0 && tip->door == NULL &&
	    json_object_get(report, "kind") == NULL;
}

static const char *bare(const char *number)
{
	return number[0] == '+' ? number + 1 : number;
}

/* Some gateways do not say to whom it was. */
static bool is_to(const json_t *report, const char *number)
{
	const char *to = string_of(report, "to");

	return to[0] == '\0' || strcmp(bare(to), bare(number)) == 0;
}

static void look_at_message(const struct tip *tip, const json_t *report,
    const struct config_gateway *gateway, struct bytes reply,
    struct auto_case *out)
{
	const json_t *text = json_object_get(report, "text");
	const json_t *sent = json_object_get(report, "sent");

	out->received_s = tip->received_s;
	out->is_signed =
	    tip->is_signed && strcmp(string_of(report, "trust"), "signed") == 0;
	out->is_text = is_text(tip, report);
	out->is_to_us = is_to(report, gateway->number);
	out->is_request = reach_is_request(report);
	out->is_quoted = auto_reply_quotes(
	    reply, bytes_of(json_string_value(text), json_string_length(text)));
	if (when_rfc3339(
		bytes_of(json_string_value(sent), json_string_length(sent)),
		&out->sent_s) != TL_OK) {
		out->sent_s = 0;
	}
}

/* ---- the number ---------------------------------------------------------- */

/* The same message once more: who caught a webhook's request may send it again,
 * to an intake that has not seen it. */
static bool is_same(const json_t *one, const json_t *other)
{
	const char *id = string_of(one, "external_id");

	return strcmp(string_of(one, "gateway"), string_of(other, "gateway")) ==
	    0 &&
	    strcmp(id, string_of(other, "external_id")) == 0 &&
	    (id[0] != '\0' ||
		json_equal(json_object_get(one, "text"),
		    json_object_get(other, "text")));
}

static void hear(const struct tip *tip, const json_t *report, bool is_here,
    struct auto_case *out)
{
	int64_t at_s = tip->received_s;
	bool is_zero = has_flag(report, "no contact");

	out->newest_s = at_s > out->newest_s ? at_s : out->newest_s;
	if (is_here) {
		out->said_zero = out->said_zero || is_zero;
		return;
	}
	out->other_s = at_s > out->other_s ? at_s : out->other_s;
	if (is_zero && at_s > out->zero_s) {
		out->zero_s = at_s;
	}
}

static void hear_report(struct tip *tip, const json_t *report,
    struct tip *message, const json_t *said, struct auto_case *out)
{
	if (tip->is_signed) {
		hear(tip, report, tip_root(tip) == tip_root(message), out);
		out->is_seen = out->is_seen ||
		    (memcmp(tip->id, message->id, TIP_ID_BYTES) != 0 &&
			is_same(said, report));
	} else if (has_flag(report, "no contact") || has_flag(report, "stop") ||
	    has_flag(report, sms_flag_name(SMS_FLAG_OPT_STOP))) {
		out->never_contact = true; /* whoever made it up */
	}
}

/* As reach_of() does, but by conversations. */
static void hear_all(const struct web *web, struct tip *message,
    const json_t *said, const char *number, struct auto_case *out)
{
	size_t len = strlen(number);

	for (size_t i = 0; len > 0 && i < tips_count(web->tips); i++) {
		struct tip *tip = tips_at(web->tips, i);
		json_t *report;

		if (tip->doc.len == 0 ||
		    memmem(tip->doc.at, tip->doc.len, number, len) == NULL) {
			continue;
		}
		report = report_load(
		    tip->part_doc.len > 0 ? tip->part_doc : tip->doc);
		if (strcmp(string_of(json_object_get(report, "sender"), "e164"),
			number) == 0) {
			hear_report(tip, report, message, said, out);
		}
		json_decref(report);
	}
}

/* Of what cannot be opened, and came since the conversation began, nobody knows
 * what it says. What is older does not count: once an epoch's key is destroyed,
 * nothing would ever be answered. */
static bool has_faults(const struct web *web, const struct tip *root)
{
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (tip->state == TIP_FAULT && tip->is_signed &&
		    tip->number > root->number) {
			return true;
		}
	}
	return false;
}

/* Who can write to Redis has its clock. */
static bool is_time_sure(int64_t now_s)
{
	int64_t off_s = clock_wall_s() - now_s;

	return off_s > -CLOCKS_OFF_S && off_s < CLOCKS_OFF_S;
}

static bool is_all_read(const struct web *web)
{
	struct tips_counts counts;

	tips_counts(web->tips, 0, &counts);
	return web->state.redis && web->opening == 0 && !web->has_settling &&
	    web->to_score == NULL && web->scoring == 0 && counts.absent == 0 &&
	    tips_are_open(web->tips);
}

static bool has_case(const struct tip *root)
{
	return root->now.version > 0 && root->now.state != CASE_RECEIVED;
}

bool auto_is_ready(const struct web *web, int64_t now_s)
{
	return is_time_sure(now_s) && is_all_read(web);
}

bool auto_is_candidate(const struct web *web, struct tip *tip, int64_t now_s)
{
	const struct config_gateway *gateway = gateway_of(web, tip);

	return gateway != NULL && !tip->is_auto_done && tip->is_signed &&
	    !tip->is_twin && tip->state == TIP_OPEN &&
	    now_s - tip->received_s < AUTO_REPLY_LATE_S &&
	    now_s >= tip->auto_from_s && has_case(tip_root(tip)) &&
	    auto_mode_of(gateway->auto_reply) != AUTO_NONE;
}

static void look_at_case(
    const struct web *web, const struct tip *root, struct auto_case *out)
{
	const struct case_now *now = &root->now;

	out->is_case = has_case(root);
	out->is_closed =
	    !case_is_open(now->state) || case_is_held(now, web_now_ms(web));
}

/* ---- all of it ----------------------------------------------------------- */

static void look_at_text(struct bytes text, struct contact_case *contact)
{
	struct sms_units units = { 0 };

	contact->is_template = phrases_has(text, PHRASE_SMS);
	contact->parts = sms_units(text, &units) ? units.parts : 0;
}

static void look_at_number(struct web *web, struct tip *message,
    const json_t *report, const struct reach *reach, struct auto_case *out)
{
	struct parts_wishes wishes = parts_wishes(web, tip_root(message));

	hear_all(web, message, report, reach->number, out);
	out->never_contact = out->never_contact || wishes.withdrawal ||
	    reach->declined ||
	    (out->contact.no_contact && !out->said_zero && out->zero_s == 0);
	texts_when(web, reach->number, reach->country, &out->contact);
	out->machine_parts = web->sms.machine;
}

void auto_look(struct web *web, struct tip *message,
    const struct auto_facts *facts, struct auto_case *ret_case,
    struct reach *ret_reach, struct bytes *ret_text)
{
	const struct config_gateway *gateway = gateway_of(web, message);
	struct tip *root = tip_root(message);
	unsigned lacks = json_memory_lacks();
	json_t *report = report_load(
	    message->part_doc.len > 0 ? message->part_doc : message->doc);
	const char *from = string_of(json_object_get(report, "sender"), "e164");
	struct auto_case out = { .mode = auto_mode_of(gateway->auto_reply),
		.now_s = (int64_t)(web_now_ms(web) / 1000),
		.is_known_otherwise = facts->is_known_otherwise,
		.is_ordered = facts->is_ordered,
		.machine_s = facts->machine_s,
		.officer_s = facts->officer_s };

	*ret_text = auto_text(gateway->auto_reply_lang);
	look_at_message(message, report, gateway, *ret_text, &out);
	look_at_text(*ret_text, &out.contact);
	reach_of(web, root, NULL, ret_reach, &out.contact);
	out.is_sure = auto_number_is_sure(from) &&
	    strcmp(from, ret_reach->number) == 0 && ret_reach->has_gateway &&
	    &web->config->gateways[ret_reach->gateway] == gateway;
	look_at_number(web, message, report, ret_reach, &out);
	look_at_case(web, root, &out);
	out.is_time_sure = is_time_sure(out.now_s);
	out.all_read = is_all_read(web);
	out.contact.not_heard =
	    out.contact.not_heard || json_memory_lacks() != lacks;
	out.is_hidden = facts->is_hidden || has_faults(web, root);
	(void)zone_hours_read(gateway->auto_reply_quiet, &out.quiet_from_min,
	    &out.quiet_to_min); /* read at the start */
	json_decref(report);
	*ret_case = out;
}
