/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/rules.h - the urgency rules as a file that operators read and change.
 *
 * Promise:   the highest priority of all rules that hold counts and all of
 *            them are listed; nothing that is not there counts as "no"; only
 *            quarantine, where no rule gives P1 or P2, makes a tip less than
 *            P3; a file with one mistake is refused as a whole.
 * Knows not: texts; it gets the groups of words that were found.
 * Runs in:   the intake's workers, cli, desk.
 * Disk:      nothing. The default is data/rules.txt, compiled in; the
 *            language of the file is described in docs/TRIAGE.md.
 */
#ifndef TL_TEXT_RULES_H
#define TL_TEXT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"
#include "text/tsv.h"

#define PRIORITY_NOW   1
#define PRIORITY_TODAY 2
#define PRIORITY_SOON  3
#define PRIORITY_LOW   4

/* Numbers that rules may ask for. */
#define MEASURES(X) \
	X(ilo)               /* different ILO indicators of the answers */ \
	X(length)            /* folded signs, links to maps aside */ \
	X(groups)            /* groups of words found */ \
	X(other_groups)      /* the same without HELP */ \
	X(nine)              /* digit 9 of a short message */ \
	X(zero)              /* digit 0 */ \
	X(place)             /* a place is said */ \
	X(links_only)        /* the text is nothing but links */ \
	X(honeypot)          /* a field was filled that nobody sees */ \
	X(flood)             /* one sender writes more than a person */ \
	X(unspoken_language) /* nobody on shift speaks it */ \
	X(unopened_min)      /* minutes that it waits */ \
	X(same_place_30d)    /* tips linked to one place in 30 days */ \
	X(rules)             /* rules with a priority that hold so far */ \
	X(priority)          /* so far */

#define MEASURE_ENUM(name) MEASURE_##name,
enum measure { MEASURES(MEASURE_ENUM) MEASURES_END };
#undef MEASURE_ENUM

#define MEASURE_ABSENT INT64_C(-1)

struct rules_in {
	const char *channel;
	const struct report_answer *answers;
	size_t n_answers;
	unsigned groups; /* GROUP_BIT()s */
	/* rules and priority are found by the run itself */
	int64_t measures[MEASURES_END];
};

struct rules_out {
	int priority; /* PRIORITY_* */
	size_t n_rules;
	struct report_rule rules[REPORT_RULES_MAX]; /* as long as the rules */
	size_t n_flags;
	const char *flags[REPORT_FLAGS_MAX];
};

struct rules;

/* Read a file. TL_EFORMAT: *ret_fault says what and where. */
TL_MUST_CHECK enum tl_err rules_new(
    struct bytes file, struct rules **ret_rules, struct text_fault *ret_fault);
void rules_free(struct rules *rules);

const char *rules_version(const struct rules *rules);
size_t rules_count(const struct rules *rules);
/* Name and sentence of rule i; its highest priority, 0 if it gives none. */
struct report_rule rules_at(const struct rules *rules, size_t i);

size_t rules_bytes(const struct rules *rules);

/* All measures absent, nothing answered. */
void rules_in_init(struct rules_in *in);

void rules_run(const struct rules *rules, const struct rules_in *in,
    struct rules_out *ret_out);

#endif
