/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/urgency.h - the rules that put the most urgent first, with a sentence
 * for the officer.
 *
 * Promise:   the highest priority of all rules that hit counts; every hit is
 *            listed; an empty answer never counts as "no".
 * Knows not: who wrote, from where, the time.
 * Rules:     the table in text/urgency.c.
 */
#ifndef TL_TEXT_URGENCY_H
#define TL_TEXT_URGENCY_H

#include <stddef.h>

#include "text/report.h"

#define URGENCY_P1 1
#define URGENCY_P2 2
#define URGENCY_P3 3

struct urgency {
	int priority; /* URGENCY_P1 to URGENCY_P3 */
	size_t n_rules;
	const char *rules[REPORT_RULES_MAX]; /* "R1", valid for ever */
};

/* Run all rules. Borrows answers. */
void urgency_judge(const struct report_answer *answers, size_t n_answers,
    struct urgency *ret_urgency);

/* What the officer reads for a rule's name; "" if there is no such rule. */
const char *urgency_sentence(const char *rule);

#endif
