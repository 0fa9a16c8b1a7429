/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/contact.h - may a text go to this reporter's number now? Asked before
 * every send, in one order: was all heard, no contact, stop, safe contact,
 * hours, wording, parts, age of the number.
 *
 * Promise:   silence is no: without a safe contact nothing goes, and with NO
 *            CONTACT or STOP nothing goes whoever says so; nor where it is not
 *            known what was said. What is overridden has a reason, and is said.
 * Knows not: texts' meaning, keys, gateways, the clock.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_CONTACT_H
#define TL_DESK_CONTACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTACT_DAY_MIN 1440u
/* Longer ago, the number may be somebody else's. */
#define CONTACT_OLD_DAYS 90u
#define CONTACT_NOWS_MAX 4u

enum contact_word {
	CONTACT_YES,
	CONTACT_REASON, /* with a reason it may */
	CONTACT_NO,     /* it may not */
};

struct contact_case {
	bool not_heard;     /* memory was out for a part of what they said */
	bool no_contact;    /* the reporter has said so, or answered "no" */
	bool stop;          /* STOP came from the number */
	bool watched;       /* the word came that means "I am watched" */
	bool gave_contact;  /* text or call were chosen, with a number */
	bool wrote_by_text; /* the tip itself came from the number */
	bool said_reply;    /* "1": it is safe to reply, in the last 24 h */
	/* Minutes of the day in which texts may go, [from, to); the same twice:
	 * always. Over midnight is fine. */
	unsigned from_min, to_min;
	/* What it is now, wherever the reporter may be; none: not known. */
	unsigned now_min[CONTACT_NOWS_MAX];
	size_t n_now;
	const char *words_fault; /* what is wrong with own words, or NULL */
	bool is_template;        /* of the phrase book */
	bool own_words_ok; /* the operator lets officers write their own */
	bool read_rule;    /* the officer has read the reporter's rule */
	unsigned parts, parts_today, parts_day_max;
	uint32_t number_days; /* since the number last wrote */
	bool has_reason;
};

struct contact_answer {
	enum contact_word word;
	/* the first thing that stands against it: a word for programs, and a
	 * sentence; static, or the case's words_fault */
	const char *name, *why;
	/* it goes although something stands against it: the first name */
	const char *overrides;
};

void contact_ask(
    const struct contact_case *contact, struct contact_answer *ret_answer);

#endif
