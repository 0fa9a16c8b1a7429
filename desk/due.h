/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/due.h - which clock of a tip runs, and when it is up.
 *
 * Knows not: what was done when; the time. Pure.
 */
#ifndef TL_DESK_DUE_H
#define TL_DESK_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/case_table.h"

enum due_clock {
	DUE_NONE = 0,
	DUE_CLAIM = 1,    /* a person has it */
	DUE_DECISION = 2, /* the first decision is recorded */
	DUE_CONTACT = 3,  /* handed over, or the reporter was contacted */
};

struct due {
	enum due_clock clock;
	uint64_t due_ms; /* 0 without a clock */
};

/* The state that the clocks go by. A claim that was not opened in time is none,
 * also where Redis does not let it be ended. */
enum case_state due_state(const struct case_now *now, uint64_t now_ms);

/* Of a tip of this priority (1 to 4) that arrived then. */
struct due due_of(
    unsigned priority, enum case_state state, uint64_t arrived_ms);

/*
 * Since when something has called for an officer, also for one who has the case
 * and may have left: a reporter wrote, a time was up, a supervisor changed its
 * priority, and it is a P1. From what it was before this event of the case on;
 * 0: nothing has, or who has it did something since. More words do not make it
 * later. at_ms: of the event, to the minute.
 */
uint64_t due_called(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms);

/*
 * Since when something lies in quarantine that nobody has looked through: it
 * came there, or its reporter wrote. DUE_SEEN: somebody has; 0: that is not
 * known, or it does not lie there.
 */
#define DUE_SEEN UINT64_MAX
uint64_t due_unseen(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms);

/* For how long that is over since then; 0: it is not. A day. */
uint64_t due_look_late_ms(uint64_t unseen_ms, uint64_t now_ms);

/* Since when a supervisor is asked to decide it; 0: nobody is, or that is not
 * known. */
uint64_t due_asked(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms);

/* Whether a reporter of whom something was asked had long enough: a day of
 * priority 1 and 2, else a week. */
bool due_wait_is_over(unsigned priority, uint64_t asked_ms, uint64_t now_ms);

/* Whether a partner had long enough to say that a referral has come: half an
 * hour of priority 1, a day of 2, else three. */
bool due_answer_is_late(
    unsigned priority, uint64_t referred_ms, uint64_t now_ms);

/* Whether nobody has read a P3 for so long that it is raised. */
bool due_is_too_old(unsigned priority, enum case_state state,
    uint64_t arrived_ms, uint64_t now_ms);

#endif
