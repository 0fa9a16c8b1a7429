/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_table.h - what may happen to a case, as one table.
 *
 * Promise:   a change that is in no row, or whose conditions do not hold, is
 *            refused with a reason; no row lowers a priority or closes a case
 *            without a person.
 * Knows not: Redis, clocks, what is in a tip. Pure: a case and a change in, the
 *            case after it out.
 *
 * States, rows and conditions: docs/QUEUE.md, "Cases".
 */
#ifndef TL_QUEUE_CASE_TABLE_H
#define TL_QUEUE_CASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define CASE_ID_BYTES    16u
#define CASE_OWNER_BYTES 33u /* with its zero byte */
#define CASE_LEASE_MS    (UINT64_C(15) * 60 * 1000)
/* Beyond what a lease can be by this much, its end is a clock's mistake. */
#define CASE_SLACK_MS (UINT64_C(60) * 1000)
/* Leases of one officer at one time; cases of priority 1 do not count. */
#define CASE_LEASES_MAX 5u
#define CASE_PRIORITIES 4u

/* Numbers and names are on disk and in Redis, and never change. */
/* clang-format off */
#define CASE_STATES(X) \
	X(RECEIVED, 1) X(NEW, 2) X(CLAIMED, 3) X(TRIAGE, 4) \
	X(WAIT_REPORTER, 5) X(VERIFY, 6) X(ESCALATED, 7) X(REF_DRAFT, 8) \
	X(REF_APPROVAL, 9) X(REFERRED, 10) X(ACCEPTED, 11) X(REJECTED, 12) \
	X(NO_ANSWER, 13) X(ACTION, 14) X(OUTCOME, 15) X(CLOSED, 16) \
	X(DUPLICATE, 17) X(QUARANTINE, 18) X(WITHDRAWN, 19) X(PURGED, 20)
#define CASE_STATE_MAX 20

#define CASE_EVENTS(X) \
	X(RECEIVE, 1) X(SCORE, 2) X(CLAIM, 3) X(LEASE_END, 4) X(RELEASE, 5) \
	X(TAKE_OVER, 6) X(OPEN, 7) X(PRIORITY, 8) X(RAISE, 9) X(ASK, 10) \
	X(HEARD, 11) X(CHECK, 12) X(CHECKED, 13) X(ESCALATE, 14) \
	X(DECIDE_TRIAGE, 15) X(DECIDE_REFER, 16) X(DRAFT, 17) X(GIVE_UP, 18) \
	X(SUBMIT, 19) X(APPROVE, 20) X(REFUSE, 21) X(ACCEPT, 22) \
	X(REJECT, 23) X(ACK_LATE, 24) X(AGAIN, 25) X(RECALL, 26) \
	X(GIVE_BACK, 27) X(REPORTED, 28) X(RESULT, 29) X(MORE, 30) \
	X(CLOSE, 31) X(REOPEN, 32) X(LINK, 33) X(UNLINK, 34) X(MESSAGE, 35) \
	X(SUSPECT, 36) X(UNSUSPECT, 37) X(SPAM, 38) X(WITHDRAW, 39) \
	X(PURGE, 40) X(NOTE, 41) X(LOOK, 42)
#define CASE_EVENT_MAX 42
/* clang-format on */

#define CASE_ENUM(name, number) CASE_##name = (number),
enum case_state { CASE_STATES(CASE_ENUM) };
#undef CASE_ENUM
#define CASE_ENUM(name, number) CASE_DO_##name = (number),
enum case_event { CASE_EVENTS(CASE_ENUM) };
#undef CASE_ENUM

/* Conditions of a row. The upper ones are known to the caller alone, who says
 * in change.passed that they hold. */
enum case_need {
	CASE_NEEDS_PERSON = 1 << 0,     /* change.who */
	CASE_NEEDS_FREE = 1 << 1,       /* nobody holds a live lease */
	CASE_NEEDS_HOLDER = 1 << 2,     /* who holds it, or is supervisor */
	CASE_NEEDS_HELD = 1 << 3,       /* somebody else holds it */
	CASE_NEEDS_REASON = 1 << 4,     /* change.note */
	CASE_NEEDS_SUPERVISOR = 1 << 5, /* change.supervisor */
	CASE_NEEDS_OTHER = 1 << 6,      /* change.second; P1: may come later */
	CASE_NEEDS_OTHER_12 = 1 << 7,   /* change.second, of P1 and P2 */
	CASE_NEEDS_TARGET = 1 << 8,     /* change.target: open, or closed */
	CASE_NEEDS_PERSON_123 = 1 << 9, /* change.who, but of P4 */
	CASE_PASSED_UNLOCKED = 1 << 16, /* the key is unlocked */
	CASE_PASSED_CONTACT = 1 << 17,  /* neutral text, safe-contact rule */
	CASE_PASSED_PARTNER = 1 << 18,  /* a partner was chosen */
	CASE_PASSED_GATE = 1 << 19,     /* consent and conflict gate */
	CASE_PASSED_RESULT = 1 << 20,   /* an outcome code */
	CASE_PASSED_END = 1 << 21,      /* disposition and reporter's text */
	CASE_PASSED_WITHDRAW = 1 << 22, /* not under 18, no danger to life */
	CASE_PASSED_RETENTION = 1 << 23 /* time reached, no legal hold */
};
#define CASE_PASSED_ALL 0x00ff0000u
/* Of APPROVE: four eyes are not asked for, since it goes to helpers, with the
 * reporter's consent. Nothing needs it. */
#define CASE_PASSED_ALONE (1u << 24)

enum case_flag {
	CASE_REOPENED = 1 << 0,
	CASE_SUPERVISED = 1 << 1, /* ESCALATED, and the owner is supervisor */
	CASE_TAKEN_BACK = 1 << 2, /* by its reporter, once; for good */
};
#define CASE_FLAGS_ALL 0x7u

struct case_now {
	uint64_t version; /* 0: there is none yet */
	enum case_state state;
	unsigned priority; /* 1 to 4; 0: not scored, which goes before all */
	unsigned flags;    /* enum case_flag */
	char owner[CASE_OWNER_BYTES];  /* "": nobody */
	uint64_t until_ms;             /* of the lease, by Redis' clock */
	uint64_t since_ms;             /* the owner has it */
	uint64_t made_ms;              /* to the minute */
	uint8_t target[CASE_ID_BYTES]; /* of a duplicate; else zeros */
};

struct case_change {
	enum case_event event;
	uint64_t version;      /* that the officer saw; 0: whatever it is */
	unsigned priority;     /* the new one; 0: as it is */
	const char *who;       /* officer; NULL: the machine */
	const char *second;    /* another officer who agreed, or NULL */
	bool supervisor;       /* who is one */
	unsigned passed;       /* of enum case_need */
	const uint8_t *target; /* CASE_ID_BYTES, or NULL */
	struct bytes note;     /* reason; sealed by the caller's function */
	/* of the event: by it is known whether something was done already;
	 * CASE_ID_BYTES, or NULL: a random one */
	const uint8_t *event_id;
};

/* Why not. */
enum case_no {
	CASE_YES = 0,
	CASE_NO_ROW,        /* that cannot happen in this state */
	CASE_NO_PERSON,     /* a person has to do it */
	CASE_NO_HELD,       /* somebody holds it: see owner */
	CASE_NO_HOLDER,     /* claim it first */
	CASE_NO_FREE,       /* nobody holds it: claim instead */
	CASE_NO_REASON,     /* say why */
	CASE_NO_SUPERVISOR, /* a supervisor has to do it */
	CASE_NO_SECOND,     /* a second officer has to agree */
	CASE_NO_TARGET,     /* no other case, or itself a duplicate */
	CASE_NO_CHECK,      /* a check of the caller's has not passed */
	CASE_NO_PRIORITY,   /* only a person lowers it, saying why */
	CASE_NO_MORE,       /* the officer holds as many as may be */
	CASE_NO_CHANGED,    /* it is not the version that was seen */
};
#define CASE_NO_MAX CASE_NO_CHANGED

/* Plain words; never NULL. "?" for a number that is none. */
const char *case_no_text(enum case_no no);
const char *case_state_name(enum case_state state);
const char *case_event_name(enum case_event event);

/* Somebody is at work on it, or should be: NEW to OUTCOME. */
bool case_is_open(enum case_state state);

/* The lease is somebody's at now_ms. */
bool case_is_held(const struct case_now *now, uint64_t now_ms);

/* 1 to 32 of a-z, 0-9, '.', '_', '-'. */
bool case_is_owner(const char *name);

/*
 * May the change be, and what is the case then? *ret_next is written on
 * CASE_YES only. A case of version 0 is made by CASE_DO_RECEIVE. What concerns
 * other cases is not judged here: CASE_NO_MORE, CASE_NO_CHANGED, and of a
 * target only that it is given and not itself.
 */
enum case_no case_judge(const struct case_now *now,
    const uint8_t id[static CASE_ID_BYTES], const struct case_change *change,
    uint64_t now_ms, struct case_now *ret_next);

#endif
