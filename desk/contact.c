/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/contact.h"

#include <stddef.h>

static bool is_hour(const struct contact_case *c)
{
	if (c->from_min == c->to_min) {
		return true;
	}
	if (c->from_min < c->to_min) {
		return c->now_min >= c->from_min && c->now_min < c->to_min;
	}
	return c->now_min >= c->from_min || c->now_min < c->to_min;
}

static bool no_contact(const struct contact_case *c)
{
	return c->no_contact;
}

static bool stop(const struct contact_case *c)
{
	return c->stop;
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
	return !is_hour(c);
}

static bool own_words(const struct contact_case *c)
{
	return !c->is_template && !c->own_words_ok;
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
	bool (*against)(const struct contact_case *c);
	enum contact_word word;
	const char *why;
} rows[] = {
	{ no_contact, CONTACT_SUPERVISOR,
	    "NO CONTACT: the reporter wants none" },
	{ stop, CONTACT_SUPERVISOR, "STOP came from this number" },
	{ no_safe_contact, CONTACT_REASON,
	    "no safe contact was given: the reporter comes back with the "
	    "code" },
	{ rule_not_read, CONTACT_NO,
	    "read the reporter's own rule first, and confirm it" },
	{ wrong_hour, CONTACT_REASON,
	    "outside of the hours in which texts may go" },
	{ own_words, CONTACT_NO,
	    "own words are switched off: choose a sentence of the phrase "
	    "book" },
	{ empty, CONTACT_NO, "there is nothing to send" },
	{ long_text, CONTACT_NO, "the text takes more than one part" },
	{ too_many, CONTACT_NO, "no more texts may go today" },
	{ old_number, CONTACT_REASON,
	    "the number has not written for 90 days: it may be somebody "
	    "else's now" },
};

static bool may_override(const struct contact_case *c, enum contact_word word)
{
	return c->has_reason &&
	    (word == CONTACT_REASON ||
		(word == CONTACT_SUPERVISOR && c->is_supervisor));
}

void contact_ask(
    const struct contact_case *contact, struct contact_answer *ret_answer)
{
	*ret_answer = (struct contact_answer){ .word = CONTACT_YES };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].against(contact)) {
			continue;
		}
		if (!may_override(contact, rows[i].word)) {
			ret_answer->word = rows[i].word;
			ret_answer->why = rows[i].why;
			return;
		}
		ret_answer->overrides = true;
	}
}
