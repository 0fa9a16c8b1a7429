/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/contact.h"

#include <stddef.h>

static bool is_hour(const struct contact_case *c, unsigned now_min)
{
	if (c->from_min == c->to_min) {
		return true;
	}
	if (c->from_min < c->to_min) {
		return now_min >= c->from_min && now_min < c->to_min;
	}
	return now_min >= c->from_min || now_min < c->to_min;
}

static bool not_heard(const struct contact_case *c)
{
	return c->not_heard;
}

static bool no_contact(const struct contact_case *c)
{
	return c->no_contact;
}

static bool stop(const struct contact_case *c)
{
	return c->stop;
}

static bool watched(const struct contact_case *c)
{
	return c->watched;
}

static bool rule_not_read(const struct contact_case *c)
{
	return !c->read_rule;
}

static bool no_safe_contact(const struct contact_case *c)
{
	return !c->gave_contact && !(c->wrote_by_text && c->said_reply);
}

static bool wrong_hour(const struct contact_case *c)
{
	for (size_t i = 0; i < c->n_now; i++) {
		if (!is_hour(c, c->now_min[i])) {
			return true;
		}
	}
	return c->n_now == 0;
}

static bool own_words(const struct contact_case *c)
{
	return !c->is_template && !c->own_words_ok;
}

static bool wrong_words(const struct contact_case *c)
{
	return !c->is_template && c->words_fault != NULL;
}

static bool empty(const struct contact_case *c)
{
	return c->parts == 0;
}

static bool long_text(const struct contact_case *c)
{
	return c->parts > 1;
}

static bool too_many(const struct contact_case *c)
{
	return c->parts > c->parts_day_max ||
	    c->parts_today > c->parts_day_max - c->parts;
}

static bool old_number(const struct contact_case *c)
{
	return c->number_days >= CONTACT_OLD_DAYS;
}

/* In the order in which they are asked. */
static const struct {
	const char *name;
	bool (*against)(const struct contact_case *c);
	enum contact_word word;
	const char *why; /* NULL: the case says */
} rows[] = {
	{ "memory", not_heard, CONTACT_NO,
	    "The desk has no memory left to read all that the reporter said; "
	    "try again." },
	{ "no-contact", no_contact, CONTACT_NO,
	    "NO CONTACT: the reporter wants none." },
	{ "stop", stop, CONTACT_NO, "STOP came from this number." },
	{ "watched", watched, CONTACT_NO,
	    "The word came that means: I am being watched." },
	{ "no-safe-contact", no_safe_contact, CONTACT_REASON,
	    "No safe contact was given: the reporter comes back with the "
	    "code." },
	{ "rule", rule_not_read, CONTACT_NO,
	    "Read the reporter's own rule first, and confirm it." },
	{ "hours", wrong_hour, CONTACT_REASON,
	    "It is outside of the hours in which texts may go, or the hour "
	    "there is not known." },
	{ "own-words", own_words, CONTACT_NO,
	    "Own words are switched off: choose a sentence of the phrase "
	    "book." },
	{ "words", wrong_words, CONTACT_NO, NULL },
	{ "empty", empty, CONTACT_NO, "There is nothing to send." },
	{ "long", long_text, CONTACT_NO, "The text takes more than one part." },
	{ "many", too_many, CONTACT_NO, "No more texts may go today." },
	{ "old-number", old_number, CONTACT_REASON,
	    "The number has not written for 90 days: it may be somebody "
	    "else's now." },
};

void contact_ask(
    const struct contact_case *contact, struct contact_answer *ret_answer)
{
	*ret_answer = (struct contact_answer){ .word = CONTACT_YES };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].against(contact)) {
			continue;
		}
		if (rows[i].word == CONTACT_NO || !contact->has_reason) {
			ret_answer->word = rows[i].word;
			ret_answer->name = rows[i].name;
			ret_answer->why = rows[i].why != NULL
			    ? rows[i].why
			    : contact->words_fault;
			return;
		}
		if (ret_answer->overrides == NULL) {
			ret_answer->overrides = rows[i].name;
		}
	}
}
