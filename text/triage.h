/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/triage.h - how urgent is a tip, and why: folding, words, digits,
 * language and rules in one call.
 *
 * Promise:   the tip's own text is not changed; all copies made of it are
 *            wiped before the call returns; time grows with its length and no
 *            faster; no file is read after triage_new().
 * Knows not: who wrote; the clock; what other tips say.
 * Runs in:   the intake's workers, cli, desk.
 */
#ifndef TL_TEXT_TRIAGE_H
#define TL_TEXT_TRIAGE_H

#include "base/bytes.h"
#include "base/err.h"
#include "text/keywords.h"
#include "text/report.h"
#include "text/rules.h"
#include "text/tsv.h"

/* Lists and rules. A file of length 0: the one that is compiled in. */
struct triage_files {
	struct bytes rules, keywords;
};

struct triage_fault {
	const char *file; /* "rules", "keywords", ... */
	struct text_fault at;
};

struct triage;

/* Read all. TL_EFORMAT: *ret_fault says where. Gives *ret_triage. */
TL_MUST_CHECK enum tl_err triage_new(const struct triage_files *files,
    struct triage **ret_triage, struct triage_fault *ret_fault);
void triage_free(struct triage *triage);

/* Bytes of memory that it holds. */
size_t triage_bytes(const struct triage *triage);
const struct rules *triage_rules(const struct triage *triage);
const struct keywords *triage_keywords(const struct triage *triage);

/*
 * Judge report by its channel, text, answers, places among its media and flags
 * ("honeypot", "flood"), and fill in its priority, rules, words, lang_guess and
 * further flags. What is filled in borrows from triage and from the report's
 * text and answers. TL_ENOMEM: the report is as it was.
 */
TL_MUST_CHECK enum tl_err triage_judge(
    const struct triage *triage, struct report *report);

#endif
