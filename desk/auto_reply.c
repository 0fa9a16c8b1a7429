/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/auto_reply.h"

#include <stddef.h>
#include <string.h>

#define DAY_S          86400
#define OLD_S          ((int64_t)CONTACT_OLD_DAYS * DAY_S)
#define CONVERSATION_S 1800
/* Clocks of intakes and of Redis differ by so much. */
#define AHEAD_S   60
#define RUN_BYTES 8u

enum auto_mode auto_mode_of(const char *name)
{
	return strcmp(name, "neutral-once") == 0 ? AUTO_ONCE
	    : strcmp(name, "on-request") == 0    ? AUTO_ON_REQUEST
						 : AUTO_NONE;
}

/* ---- what stands against it ---------------------------------------------- */

static bool is_within(int64_t at_s, int64_t now_s, int64_t for_s)
{
	return at_s != 0 && now_s - at_s < for_s;
}

static bool off(const struct auto_case *c)
{
	return c->mode != AUTO_ONCE && c->mode != AUTO_ON_REQUEST;
}

static bool unsigned_by_gateway(const struct auto_case *c)
{
	return !c->is_signed;
}

static bool no_text(const struct auto_case *c)
{
	return !c->is_text;
}

static bool not_to_us(const struct auto_case *c)
{
	return !c->is_to_us;
}

static bool no_number(const struct auto_case *c)
{
	return !c->is_sure;
}

/* Dropped, and never delayed: what was safe then may not be safe now. */
static bool late(const struct auto_case *c)
{
	return c->received_s <= 0 ||
	    c->now_s - c->received_s >= AUTO_REPLY_LATE_S ||
	    c->received_s - c->now_s > AHEAD_S ||
	    (c->sent_s > 0 && c->now_s - c->sent_s >= AUTO_REPLY_LATE_S);
}

static bool seen_before(const struct auto_case *c)
{
	return c->is_seen;
}

static bool not_asked_for(const struct auto_case *c)
{
	return c->mode == AUTO_ON_REQUEST && !c->is_request;
}

static bool no_contact(const struct auto_case *c)
{
	return c->never_contact || c->said_zero;
}

/* A 1 counts again in a later conversation, and only if it is all that the
 * message says. */
static bool zero_before(const struct auto_case *c)
{
	return c->zero_s != 0 &&
	    (!c->is_request || c->received_s - c->zero_s < CONVERSATION_S);
}

static bool hidden(const struct auto_case *c)
{
	return c->is_hidden;
}

static bool known_otherwise(const struct auto_case *c)
{
	return c->is_known_otherwise;
}

static bool closed(const struct auto_case *c)
{
	return c->is_case && c->is_closed;
}

static bool ordered(const struct auto_case *c)
{
	return c->is_ordered;
}

/* Another conversation of the number that is still going on: whoever answers
 * that may be doing so. */
static bool two_at_once(const struct auto_case *c)
{
	return is_within(c->other_s, c->received_s, CONVERSATION_S);
}

static bool again(const struct auto_case *c)
{
	return is_within(c->machine_s, c->now_s, DAY_S) && !c->is_request;
}

static bool officer_writes(const struct auto_case *c)
{
	return is_within(c->officer_s, c->now_s, DAY_S);
}

static bool old_number(const struct auto_case *c)
{
	return c->other_s != 0 && c->received_s - c->other_s >= OLD_S &&
	    !c->is_request;
}

static bool quiet_hour(const struct auto_case *c)
{
	const struct contact_case *contact = &c->contact;
	unsigned from = c->quiet_from_min, to = c->quiet_to_min;

	for (size_t i = 0; from != to && i < contact->n_now; i++) {
		unsigned now = contact->now_min[i];

		if (from < to ? now >= from && now < to
			      : now >= from || now < to) {
			return true;
		}
	}
	return contact->n_now == 0;
}

static bool quoted(const struct auto_case *c)
{
	return c->is_quoted;
}

static bool own_words(const struct auto_case *c)
{
	return !c->contact.is_template;
}

/* Officers keep the other half. */
static bool over_share(const struct auto_case *c)
{
	unsigned most = c->contact.parts_day_max / 2;

	return c->contact.parts > most ||
	    c->machine_parts > most - c->contact.parts;
}

static bool unsure_time(const struct auto_case *c)
{
	return !c->is_time_sure;
}

static bool unread(const struct auto_case *c)
{
	return !c->all_read;
}

static bool no_case(const struct auto_case *c)
{
	return !c->is_case;
}

static bool not_calm(const struct auto_case *c)
{
	return is_within(c->newest_s, c->now_s, AUTO_REPLY_CALM_S);
}

/* What is said first stays so; what may change by waiting comes last. */
static const struct {
	const char *name;
	bool (*against)(const struct auto_case *c);
	enum auto_word word;
} rows[] = {
	{ "off", off, AUTO_NEVER },
	{ "unsigned", unsigned_by_gateway, AUTO_NEVER },
	{ "no-text", no_text, AUTO_NEVER },
	{ "not-to-us", not_to_us, AUTO_NEVER },
	{ "number", no_number, AUTO_NEVER },
	{ "late", late, AUTO_NEVER },
	{ "seen-before", seen_before, AUTO_NEVER },
	{ "not-asked-for", not_asked_for, AUTO_NEVER },
	{ "no-contact", no_contact, AUTO_NEVER },
	{ "zero-before", zero_before, AUTO_NEVER },
	{ "hidden", hidden, AUTO_NEVER },
	{ "known-otherwise", known_otherwise, AUTO_NEVER },
	{ "closed", closed, AUTO_NEVER },
	{ "ordered", ordered, AUTO_NEVER },
	{ "two-at-once", two_at_once, AUTO_NEVER },
	{ "again", again, AUTO_NEVER },
	{ "officer", officer_writes, AUTO_NEVER },
	{ "old-number", old_number, AUTO_NEVER },
	{ "quiet-hours", quiet_hour, AUTO_NEVER },
	{ "quoted", quoted, AUTO_NEVER },
	{ "own-words", own_words, AUTO_NEVER },
	{ "share", over_share, AUTO_NEVER },
	{ "time", unsure_time, AUTO_WAIT },
	{ "unread", unread, AUTO_WAIT },
	{ "no-case", no_case, AUTO_WAIT },
	{ "not-calm", not_calm, AUTO_WAIT },
};

/* As it is asked of an officer's text. The operator answers for neutral-once,
 * and the request for itself: there is no officer to have read a rule, so where
 * there is one nothing goes (known-otherwise). */
static const char *as_officer(const struct auto_case *c)
{
	struct contact_case contact = c->contact;
	struct contact_answer answer;

	contact.no_contact = no_contact(c) || zero_before(c);
	contact.gave_contact = true;
	contact.read_rule = true;
	contact.has_reason = false;
	contact.own_words_ok = false;
	contact_ask(&contact, &answer);
	return answer.word == CONTACT_YES ? NULL : answer.name;
}

enum auto_word auto_reply_ask(
    const struct auto_case *auto_case, const char **ret_why)
{
	const char *why = off(auto_case) ? NULL : as_officer(auto_case);

	*ret_why = why;
	/* what is not read speaks neither for nor against it */
	if (auto_case->contact.not_heard && !off(auto_case) &&
	    !late(auto_case)) {
		*ret_why = "unread";
		return AUTO_WAIT;
	}
	if (why != NULL) {
		return AUTO_NEVER;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].against(auto_case)) {
			*ret_why = rows[i].name;
			return rows[i].word;
		}
	}
	return AUTO_SEND;
}

/* ---- numbers, and words -------------------------------------------------- */

/* How many digits stand behind the code: the shortest and the longest that a
 * person's telephone has. */
static const struct {
	const char *code;
	size_t min, max;
} countries[] = {
	{ "+855", 8, 9 },
	{ "+66", 8, 9 },
	{ "+84", 9, 9 },
	{ "+856", 8, 10 },
	{ "+95", 7, 10 },
	{ "+60", 8, 10 },
	{ "+86", 11, 11 },
	{ "+62", 8, 12 },
	{ "+63", 10, 10 },
	{ "+880", 10, 10 },
	{ "+977", 10, 10 },
};

bool auto_number_is_sure(const char *number)
{
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		size_t code = strlen(countries[i].code);
		size_t digits;

		if (strncmp(number, countries[i].code, code) != 0) {
			continue;
		}
		digits = strspn(number + code, "0123456789");
		return number[code + digits] == '\0' && number[code] != '0' &&
		    digits >= countries[i].min && digits <= countries[i].max;
	}
	return false;
}

bool auto_reply_quotes(struct bytes reply, struct bytes message)
{
	for (size_t i = 0;
	     message.len >= RUN_BYTES && i + RUN_BYTES <= reply.len; i++) {
		if (memmem(message.at, message.len, reply.at + i, RUN_BYTES) !=
		    NULL) {
			return true;
		}
	}
	return false;
}
