/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/reach.h"

#include <string.h>

#include "base/wipe.h"
#include "desk/number.h"
#include "desk/parts.h"
#include "desk/withdrawn.h"
#include "desk/wording.h"
#include "desk/written.h"
#include "sms/gateway.h"
#include "text/json_memory.h"
#include "text/report_parts.h"

#define DAY_S 86400
/* How long "1" counts. */
#define REPLY_S DAY_S
/* The question for it. */
#define WATCHED "contact_watched"
/* Of numbers without a country, where no gateway has one. */
#define OUR_REGION "KH"

/* ---- which gateway ------------------------------------------------------ */

static bool sends(const struct web *web, size_t i)
{
	return strcmp(web->config->gateways[i].send, "yes") == 0;
}

/* The one that the tip came by, else the first that sends. */
static void find_gateway(
    const struct web *web, const struct tip *tip, struct reach *reach)
{
	for (size_t i = 0; i < web->config->n_gateways; i++) {
		bool is_its =
		    strcmp(web->config->gateways[i].name, tip->gateway) == 0;

		if (sends(web, i) && (is_its || !reach->has_gateway)) {
			reach->has_gateway = true;
			reach->gateway = (uint8_t)i;
		}
	}
}

/* ---- what the number has said ------------------------------------------- */

static bool has_flag(const json_t *report, const char *flag)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(report, "flags"), i, item)
	{
		if (strcmp(json_string_value(item), flag) == 0) {
			return true;
		}
	}
	return false;
}

static struct bytes text_of(const json_t *report)
{
	const json_t *text = json_object_get(report, "text");

	return bytes_of(json_string_value(text), json_string_length(text));
}

bool reach_is_request(const json_t *report)
{
	return has_flag(report, "may reply") &&
	    json_object_get(report, "concat") == NULL &&
	    !has_flag(report, sms_flag_name(SMS_FLAG_NO_CONCAT));
}

struct hearing {
	const char *number;
	const char *watched; /* the word, or "" */
	int64_t now_s, last_s;
	struct contact_case *contact;
};

static void hear(struct hearing *hearing, const struct tip *tip)
{
	struct contact_case *contact = hearing->contact;
	/* of a long message that was joined, its own part */
	json_t *report =
	    report_load(tip->part_doc.len > 0 ? tip->part_doc : tip->doc);
	const char *from = json_string_value(
	    json_object_get(json_object_get(report, "sender"), "e164"));

	if (from != NULL && strcmp(from, hearing->number) == 0) {
		contact->stop = contact->stop || has_flag(report, "stop");
		contact->no_contact =
		    contact->no_contact || has_flag(report, "no contact");
		contact->said_reply = contact->said_reply ||
		    (reach_is_request(report) &&
			hearing->now_s - tip->received_s < REPLY_S);
		contact->watched = contact->watched ||
		    wording_names(text_of(report), hearing->watched);
		if (tip->received_s > hearing->last_s) {
			hearing->last_s = tip->received_s;
		}
	}
	json_decref(report);
}

/* All messages of the number, of whichever tip. */
static void hear_all(const struct web *web, struct hearing *hearing)
{
	size_t len = strlen(hearing->number);

	for (size_t i = 0; len > 0 && i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (tip->is_signed && tip->doc.len > 0 &&
		    memmem(tip->doc.at, tip->doc.len, hearing->number, len) !=
			NULL) {
			hear(hearing, tip);
		}
	}
}

/* The word in what was written later with the receipt code. */
static bool later_says(const struct tip *tip, const char *watched)
{
	bool says = false;

	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		json_t *report = report_load(more->doc);

		says = says || wording_names(text_of(report), watched);
		json_decref(report);
	}
	return says;
}

static const char *answer_of(const json_t *answers, const char *name)
{
	const json_t *value = json_object_get(answers, name);
	size_t n = json_array_size(value);
	const char *text =
	    json_string_value(n > 0 ? json_array_get(value, n - 1) : value);

	return text == NULL ? "" : text;
}

/* By which somebody reads along who must not: also where the answers were taken
 * back with all else. */
static void take_watched(const struct tip *tip, json_t *answers)
{
	json_t *report = tip->is_hollow ? report_load(tip->doc) : NULL;
	const char *watched = withdrawn_watched(report);

	if (watched != NULL && answer_of(answers, WATCHED)[0] == '\0') {
		(void)json_object_set_new(
		    answers, WATCHED, json_string(watched));
	}
	json_decref(report);
}

/* ---- what an officer wrote ---------------------------------------------- */

struct safe {
	const json_t *newest; /* or NULL */
	int64_t at_s;
	bool no_contact;
};

static struct safe safe_of(const json_t *entries)
{
	struct safe safe = { 0 };
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *kind =
		    json_string_value(json_object_get(entry, "kind"));

		if (kind == NULL || strcmp(kind, "contact") != 0) {
			continue;
		}
		safe.newest = json_object_get(entry, "safe");
		safe.at_s = json_integer_value(json_object_get(entry, "at"));
		safe.no_contact = safe.no_contact ||
		    json_is_true(json_object_get(safe.newest, "no_contact"));
	}
	return safe;
}

/* The console's form begins with what holds: where one of these is empty, an
 * officer took it out. The words are not in it. */
static bool may_be_emptied(const char *name)
{
	return strcmp(name, "hours") == 0 || strcmp(name, "cover") == 0 ||
	    strcmp(name, "message_ok") == 0 || strcmp(name, "who_to_say") == 0;
}

/* What an officer wrote of it, else what was answered; never NULL. */
static const char *said_of(const struct safe *safe, const char *name,
    const json_t *answers, const char *question)
{
	const json_t *value = json_object_get(safe->newest, name);

	if (json_is_boolean(value)) {
		return json_is_true(value) ? "1" : "2";
	}
	return json_string_length(value) > 0 ||
		(json_is_string(value) && may_be_emptied(name))
	    ? json_string_value(value)
	    : answer_of(answers, question);
}

bool reach_correct(const json_t *entries, json_t *answers, struct facts *facts)
{
	static const struct {
		const char *name, *question;
	} rules[] = {
		{ "wish", "contact" },
		{ "hours", "contact_when" },
		{ "message_ok", "contact_message" },
		{ "who_to_say", "contact_say" },
		{ "cover", "contact_cover" },
		{ "safe_word", "contact_safeword" },
		{ "watched_word", WATCHED },
	};
	struct safe safe = safe_of(entries);
	bool good = true;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *said =
		    said_of(&safe, rules[i].name, answers, rules[i].question);

		if (said[0] != '\0') {
			good = json_object_set_new(answers, rules[i].question,
				   json_string(said)) == 0 &&
			    good;
		} else {
			(void)json_object_del(answers, rules[i].question);
		}
	}
	facts->contact = 0;
	facts_take(facts, answers);
	return good;
}

/* ---- all of it ---------------------------------------------------------- */

struct asking {
	const struct web *web;
	const struct tip *tip;
	struct safe safe;
	json_t *answers;
	struct reach *reach;
	struct contact_case *contact;
	bool lost; /* a number is not known for want of memory */
};

static const char *wish_of(const struct asking *asking)
{
	return said_of(&asking->safe, "wish", asking->answers, "contact");
}

/* A text may be left where one was asked for, or a call and messages too. */
static bool wants_text(const struct asking *asking)
{
	const char *wish = wish_of(asking);
	const char *message = said_of(
	    &asking->safe, "message_ok", asking->answers, "contact_message");

	return strcmp(wish, "2") == 0 ||
	    (strcmp(wish, "3") == 0 && strcmp(message, "1") == 0);
}

static void take_sender(struct asking *asking)
{
	json_t *report = report_load(asking->tip->doc);
	const json_t *sender = json_object_get(report, "sender");
	const char *e164 = json_string_value(json_object_get(sender, "e164"));

	if (e164 != NULL) {
		(void)number_read(bytes_str(e164), "", 0, asking->reach->number,
		    &asking->lost);
	}
	json_decref(report);
}

/* The number that was given, else the one that wrote. */
static void take_number(struct asking *asking)
{
	struct reach *reach = asking->reach;
	const char *typed = answer_of(asking->answers, "contact_number");
	const char *region = reach->has_gateway
	    ? asking->web->config->gateways[reach->gateway].region
	    : "";
	bool wants = wants_text(asking);

	if (wants && typed[0] != '\0') {
		(void)number_read(bytes_str(typed), region, reach->country,
		    reach->number, &asking->lost);
	} else if (asking->contact->wrote_by_text) {
		take_sender(asking);
	}
	asking->contact->gave_contact = wants && reach->number[0] != '\0';
}

static void hear_number(struct asking *asking)
{
	struct contact_case *contact = asking->contact;
	struct hearing hearing = {
		.number = asking->reach->number,
		.watched = said_of(
		    &asking->safe, "watched_word", asking->answers, WATCHED),
		.now_s = (int64_t)(web_now_ms(asking->web) / 1000),
		.last_s = asking->tip->received_s > asking->safe.at_s
		    ? asking->tip->received_s
		    : asking->safe.at_s,
		.contact = contact,
	};

	contact->watched = later_says(asking->tip, hearing.watched);
	hear_all(asking->web, &hearing);
	contact->number_days = hearing.now_s > hearing.last_s
	    ? (uint32_t)((hearing.now_s - hearing.last_s) / DAY_S)
	    : 0;
}

static const char *region_of(const struct web *web, const struct reach *reach)
{
	return reach->has_gateway ? web->config->gateways[reach->gateway].region
				  : OUR_REGION;
}

/* What the number that was given has said against it, also where it is for
 * calls, or no gateway sends: whoever is called there is in the same danger. */
static void hear_given(struct asking *asking)
{
	struct reach *reach = asking->reach;
	const char *typed = answer_of(asking->answers, "contact_number");
	const char *region = region_of(asking->web, reach);
	struct contact_case *contact = asking->contact;
	struct contact_case said = { 0 };
	char number[SENDER_NUMBER_MAX_BYTES + 1];
	struct hearing hearing = {
		.number = number,
		.watched = said_of(
		    &asking->safe, "watched_word", asking->answers, WATCHED),
		.contact = &said,
	};

	if (number_read(bytes_str(typed), region, reach->country, number,
		&asking->lost) &&
	    strcmp(number, reach->number) != 0) {
		hear_all(asking->web, &hearing);
		memcpy(reach->given, number, sizeof(number));
		contact->stop = contact->stop || said.stop;
		contact->no_contact = contact->no_contact || said.no_contact;
		contact->watched = contact->watched || said.watched;
	}
	wipe(number, sizeof(number));
}

void reach_of(const struct web *web, const struct tip *tip,
    const json_t *entries, struct reach *ret_reach,
    struct contact_case *ret_contact)
{
	unsigned lacks = json_memory_lacks();
	struct parts_wishes wishes = parts_wishes(web, tip);
	struct facts facts = { 0 };
	struct asking asking = { .web = web,
		.tip = tip,
		.safe = safe_of(entries),
		.reach = ret_reach,
		.contact = ret_contact };

	*ret_reach = (struct reach){ 0 };
	find_gateway(web, tip, ret_reach);
	parts_answers(tip, &facts, &asking.answers);
	take_watched(tip, asking.answers);
	ret_reach->country = facts.country;
	ret_reach->declined = strcmp(wish_of(&asking), "1") == 0;
	ret_contact->stop = wishes.stop;
	ret_contact->no_contact = wishes.no_contact || asking.safe.no_contact;
	ret_contact->wrote_by_text = strcmp(tip->channel, "sms") == 0;
	take_number(&asking);
	hear_number(&asking);
	hear_given(&asking);
	json_decref(asking.answers);
	ret_reach->no_contact = ret_contact->no_contact;
	ret_contact->no_contact = ret_contact->no_contact ||
	    wishes.withdrawal || tip->now.state == CASE_WITHDRAWN;
	ret_contact->not_heard = json_memory_lacks() != lacks || asking.lost;
}

bool reach_says_no_contact(const json_t *entries)
{
	return safe_of(entries).no_contact;
}

bool reach_has_unread(const json_t *entries)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (written_is_unread(entry)) {
			return true;
		}
	}
	return false;
}

bool reach_is_stopped(const struct web *web, const struct tip *tip,
    const json_t *entries, bool *ret_lost)
{
	struct contact_case contact = { 0 };
	struct reach reach;

	reach_of(web, tip, entries, &reach, &contact);
	wipe(&reach, sizeof(reach));
	*ret_lost = contact.not_heard;
	return contact.not_heard || contact.no_contact || contact.stop ||
	    contact.watched || reach_has_unread(entries);
}

bool reach_is_watched(const struct web *web, const struct tip *tip,
    const json_t *entries, bool *ret_lost)
{
	const struct safe safe = safe_of(entries);
	struct contact_case contact = { 0 };
	struct facts facts = { 0 };
	unsigned lacks = json_memory_lacks();
	struct reach reach;
	json_t *answers;
	bool has_word;

	parts_answers(tip, &facts, &answers);
	take_watched(tip, answers);
	has_word = said_of(&safe, "watched_word", answers, WATCHED)[0] != '\0';
	json_decref(answers);
	if (has_word) {
		reach_of(web, tip, entries, &reach, &contact);
		wipe(&reach, sizeof(reach));
	}
	*ret_lost = contact.not_heard || json_memory_lacks() != lacks;
	return contact.watched;
}

/* A number that was typed is written in many ways. */
static bool gives(
    const struct tip *tip, const char *number, const char *region, bool *lost)
{
	char typed[SENDER_NUMBER_MAX_BYTES + 1] = "";
	struct facts facts = { 0 };
	json_t *answers;

	parts_answers(tip, &facts, &answers);
	(void)number_read(bytes_str(answer_of(answers, "contact_number")),
	    region, facts.country, typed, lost);
	json_decref(answers);
	return strcmp(typed, number) == 0;
}

/* Of the tip, or of what was answered later. */
static bool has_text(const struct tip *tip, const char *text)
{
	bool has = false;

	for (const struct tip *part = tip; part != NULL && !has;
	     part = part == tip ? tip->mores : part->next_more) {
		has = part->doc.len > 0 &&
		    memmem(part->doc.at, part->doc.len, text, strlen(text)) !=
			NULL;
	}
	return has;
}

/* Only what may have the number is parsed. */
static bool names(
    const struct tip *tip, const char *number, const char *region, bool *lost)
{
	return number[0] != '\0' &&
	    (has_text(tip, number) ||
		(has_text(tip, "contact_number") &&
		    gives(tip, number, region, lost)));
}

size_t reach_kin(const struct web *web, const struct tip *tip,
    const struct reach *reach, struct tip *ret_kin[static REACH_KIN_MAX],
    bool *ret_lost)
{
	const char *region = region_of(web, reach);
	unsigned lacks = json_memory_lacks();
	bool lost = false;
	size_t n = 0;

	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *other = tips_at(web->tips, i);
		bool is_copy = other->now.state == CASE_DUPLICATE &&
		    memcmp(other->now.target, tip->id, sizeof(tip->id)) == 0;

		if (other == tip || other->is_twin || other->now.version == 0 ||
		    !(is_copy || names(other, reach->number, region, &lost) ||
			names(other, reach->given, region, &lost))) {
			continue;
		}
		if (n == REACH_KIN_MAX) {
			n++;
			break;
		}
		ret_kin[n++] = other;
	}
	*ret_lost = lost || json_memory_lacks() != lacks;
	return n;
}
