/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/withdrawn.h - a tip that its reporter took back: what is left of it, and
 * when that may be.
 *
 * Promise:   what is left has no word that anybody wrote, no name, place,
 *            number or file: only what by which the reporter is found and
 *            answered, their wishes, what is counted, and which partners have
 *            something. Members that are not named here are not in it.
 * Knows not: envelopes, the ledger, who asks.
 * Runs in:   the tipline command, the desk's web process. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_WITHDRAWN_H
#define TL_DESK_WITHDRAWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "desk/facts.h"
#include "queue/case_table.h"

/* ---- what is left -------------------------------------------------------- */

/* A report without what was written: the caller's. NULL: memory is out. */
json_t *withdrawn_report(const json_t *report);

/* In that: the word by which the reporter says that somebody reads along, and
 * the province, for counts. NULL: there was none. */
const char *withdrawn_watched(const json_t *report);
const char *withdrawn_province(const json_t *report);

/* A report with words, answers or files: more than a wish. */
bool withdrawn_has_words(const json_t *report);

/*
 * Of the entries of a case, as of desk/entry.h, those up to the last one that
 * found it WITHDRAWN, without what was written in them; they are marked
 * `withdrawn`. is_taken_back: the case says that it was; where no entry does,
 * all are so.
 */
void withdrawn_entries(json_t *entries, bool is_taken_back);

/* What has left to partners: [{ref, partner, partner_name, at_ms, who, files:
 * [{name, bytes}]}]. The caller's. */
json_t *withdrawn_left(const json_t *entries);

/*
 * Of the event by which the case of its tip hears of a record: the same at
 * every desk, and nobody's who cannot read the words: an event that is there
 * already is not done again, and who can write to Redis must not have one there
 * first.
 */
void withdrawn_event_id(struct bytes doc,
    const uint8_t id[static CASE_ID_BYTES],
    uint8_t ret_id[static CASE_ID_BYTES]);

/* ---- whether it may be --------------------------------------------------- */

enum withdrawn_no {
	WITHDRAWN_YES,
	WITHDRAWN_NOT_ASKED,
	WITHDRAWN_CHILD,
	WITHDRAWN_AGE,
	WITHDRAWN_DANGER,
	WITHDRAWN_URGENT,
	WITHDRAWN_COPIES,
	WITHDRAWN_NO_MAX = WITHDRAWN_COPIES,
};

struct withdrawn_case {
	bool is_asked;             /* by the reporter, and not granted yet */
	bool has_copies;           /* others are duplicates of it */
	bool has_reason;           /* an officer says how they know the age */
	unsigned priority;         /* of the case, as officers have it */
	const struct facts *facts; /* all answers */
	const json_t *entries;
};

/* In doubt not. */
enum withdrawn_no withdrawn_judge(const struct withdrawn_case *it);

/* It does not say that all are of age: only with an officer's reason. */
bool withdrawn_wants_reason(const struct facts *facts);

/* For the officer: a code, and a sentence. */
const char *withdrawn_word(enum withdrawn_no no);
const char *withdrawn_text(enum withdrawn_no no);

#endif
