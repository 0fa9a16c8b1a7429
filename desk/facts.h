/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/facts.h - what the answers of a tip come to: the form's questions as
 * numbers, and the indicators that follow from them.
 *
 * Promise:   an answer that is missing or odd is "not answered", never "no".
 *            What was answered later counts instead of what was before.
 * Knows not: texts, priorities, who asks. An indicator is an indication, not
 *            a legal finding.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 *
 * Numbers are those on the wire of the form (docs/FORMAT.md, "Report";
 * web/form.h has the names). ILO: indicators of forced labour, 2012, 1 to 11.
 */
#ifndef TL_DESK_FACTS_H
#define TL_DESK_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

enum facts_share {
	SHARE_NO_ANSWER = 0, /* counts as SHARE_ASK_FIRST */
	SHARE_POLICE_AND_HELPERS = 1,
	SHARE_HELPERS_ONLY = 2,
	SHARE_ASK_FIRST = 3,
	SHARE_NOBODY_YET = 4,
};

/* Values of `ind`, as bits 1 << value. */
enum facts_ind {
	IND_LOCK = 1,
	IND_HIT,
	IND_SEX,
	IND_THREAT,
	IND_THREAT_POLICE,
	IND_PAPERS,
	IND_PAY,
	IND_DEBT,
	IND_LIE,
	IND_PHONE,
	IND_FOOD,
	IND_HOURS,
	IND_DRUG,
	IND_VULNERABLE,
	IND_MOVE,
	IND_RANSOM,
	IND_LAST = IND_RANSOM,
};

#define WORK_SCAM 7
#define WORK_WIFE 8

#define FACTS_ILO_LAST 11u

/* 0: not answered. */
struct facts {
	unsigned now;         /* 1 now, 2 in a day or two, 3 no, 9 */
	unsigned who;         /* 1 me ... 5 works for an organisation, 9 */
	unsigned count;       /* 1 one, 2 to five, 3 to twenty, 4 more, 9 */
	unsigned minor;       /* 1 yes, 2 maybe, 3 no, 9 */
	unsigned share;       /* enum facts_share */
	unsigned share_knows; /* 1 yes, 2 no */
	unsigned contact;     /* 1 no, 2 text, 3 call, 4 app */
	unsigned official;    /* 1 yes, 2 maybe, 3 no, 9 */
	bool official_note;
	unsigned country;  /* 1 to 9 */
	unsigned province; /* 1 to 25, of Cambodia */
	uint32_t ind;      /* 1 << enum facts_ind */
	uint32_t work;     /* 1 << value */
	uint32_t how;      /* 1 << value */
};

/* Take what is in answers, an object as in a report; the rest of facts stays,
 * which starts zeroed. NULL is fine. */
void facts_take(struct facts *facts, const json_t *answers);

/* The ILO indicator that a value of ind points to; 0: it is none. */
unsigned facts_ilo_of(unsigned ind);

/* The ILO indicators that its answers point to: 1 << number. */
uint32_t facts_ilo(const struct facts *facts);

/* Both halves of the definition of forced labour were answered. */
bool facts_both_axes(const struct facts *facts);

#endif
