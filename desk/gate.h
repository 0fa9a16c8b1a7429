/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/gate.h - may this tip go to that partner? Six checks in order, each
 * with its answer in words: consent, onward sharing, conflict, freshness,
 * content, four eyes.
 *
 * Promise:   no answer of the reporter's is taken for consent that is none:
 *            nothing said counts as "ask me first", and who was asked and has
 *            refused has, whatever was answered before; what nobody can read
 *            may say so. Police are never told
 *            what only helpers may know, but by an exception that a person
 *            names, with a reason.
 * Knows not: texts, keys, Redis; who is logged in.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_GATE_H
#define TL_DESK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/facts.h"
#include "desk/partners.h"

/* A gate's answer holds so long, or until the tip changes. */
#define GATE_VALID_MS (UINT64_C(24) * 3600 * 1000)

/* clang-format off */
#define GATE_CHECKS(X) \
	X(CONSENT, "consent") X(ONWARD, "onward") X(CONFLICT, "conflict") \
	X(FRESH, "fresh") X(CONTENT, "content") X(FOUR_EYES, "four-eyes")
/* clang-format on */
#define GATE_ENUM(name, text) GATE_##name,
enum gate_check { GATE_CHECKS(GATE_ENUM) GATE_CHECKS_END };
#undef GATE_ENUM

const char *gate_check_name(enum gate_check check);

enum gate_exception {
	GATE_NO_EXCEPTION,
	GATE_UNDER_18,
	GATE_IMMINENT_DANGER,
	GATE_COURT_ORDER,
	GATE_EXCEPTIONS_END,
};

/* As they are written; NULL for none. */
const char *gate_exception_name(enum gate_exception exception);
/* GATE_EXCEPTIONS_END: there is none of this name. */
enum gate_exception gate_exception_of(const char *name);

/* The reporter was asked whether it may be told; the newest answer counts. */
enum gate_asked { GATE_NOT_ASKED, GATE_AGREED, GATE_REFUSED };

/* What is known of the tip, and what the officers have done and said. */
struct gate_case {
	const struct facts *facts;
	unsigned priority;
	enum gate_asked asked; /* recorded, with its date */
	bool unread;           /* what was written since cannot be read */
	bool withdrawn;        /* the reporter has taken the tip back */
	enum gate_exception exception;
	bool exception_reason;   /* a reason and an officer stand with it */
	bool officials_involved; /* an officer has marked it so, or may have */
	bool person_named; /* a person of the partner's is named in the tip */
	bool supervisor_agrees;
	bool content_confirmed; /* include and redact were looked at */
	bool includes_official; /* Q14 or its note is in what leaves */
	bool second_agrees;     /* another officer */
	int32_t today;          /* days since 1970 */
};

enum gate_word {
	GATE_PASSED,
	GATE_LATER, /* may go now; a second officer agrees within the hour */
	GATE_BLOCKED,
};

struct gate_answer {
	enum gate_word checks[GATE_CHECKS_END];
	const char *texts[GATE_CHECKS_END]; /* why, in words; static */
	enum gate_word all;
	bool needs_exception;  /* that is what blocks */
	bool needs_second;     /* likewise */
	bool needs_supervisor; /* likewise */
};

void gate_ask(const struct gate_case *gate, const struct partner *partner,
    struct gate_answer *ret_answer);

/* Nothing stands against it, or only that a second officer has not agreed yet.
 */
bool gate_may_ask(const struct gate_answer *answer);

/* By what is known of the reporter alone: may this partner be told, also of
 * what has gone before? */
bool gate_has_consent(
    const struct gate_case *gate, const struct partner *partner);

#endif
