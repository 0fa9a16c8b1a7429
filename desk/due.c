/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/due.h"

#define MIN_MS  (UINT64_C(60) * 1000)
#define HOUR_MS (60 * MIN_MS)
#define DAY_MS  (24 * HOUR_MS)

/* By priority; 0: no such clock. */
static const uint64_t limits[CASE_PRIORITIES][3] = {
	{ 2 * MIN_MS, 15 * MIN_MS, 30 * MIN_MS },
	{ 15 * MIN_MS, 2 * HOUR_MS, 24 * HOUR_MS },
	{ 2 * HOUR_MS, 24 * HOUR_MS, 3 * DAY_MS },
	{ 24 * HOUR_MS, 7 * DAY_MS, 0 },
};

static enum due_clock clock_of(enum case_state state)
{
	static const enum due_clock clocks[CASE_STATE_MAX + 1] = {
		[CASE_RECEIVED] = DUE_CLAIM,
		[CASE_NEW] = DUE_CLAIM,
		[CASE_CLAIMED] = DUE_DECISION,
		[CASE_TRIAGE] = DUE_DECISION,
		[CASE_VERIFY] = DUE_CONTACT,
		[CASE_ESCALATED] = DUE_CONTACT,
		[CASE_REF_DRAFT] = DUE_CONTACT,
		[CASE_REF_APPROVAL] = DUE_CONTACT,
	};

	return clocks[state];
}

enum case_state due_state(const struct case_now *now, uint64_t now_ms)
{
	return now->state == CASE_CLAIMED && !case_is_held(now, now_ms)
	    ? CASE_NEW
	    : now->state;
}

struct due due_of(unsigned priority, enum case_state state, uint64_t arrived_ms)
{
	enum due_clock clock = clock_of(state);
	struct due due = { .clock = DUE_NONE };
	uint64_t limit;

	if (priority < 1 || priority > CASE_PRIORITIES || clock == DUE_NONE) {
		return due;
	}
	limit = limits[priority - 1][clock - 1];
	if (limit > 0) {
		due.clock = clock;
		due.due_ms = arrived_ms + limit;
	}
	return due;
}

uint64_t due_called(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms)
{
	enum what { NOTHING, CALLS, WORK };
	static const enum what whats[CASE_EVENT_MAX + 1] = {
		[CASE_DO_RAISE] = CALLS,
		[CASE_DO_HEARD] = CALLS,
		[CASE_DO_ACK_LATE] = CALLS,
		[CASE_DO_CLAIM] = WORK,
		[CASE_DO_TAKE_OVER] = WORK,
		[CASE_DO_OPEN] = WORK,
		[CASE_DO_PRIORITY] = WORK,
		[CASE_DO_ASK] = WORK,
		[CASE_DO_CHECK] = WORK,
		[CASE_DO_CHECKED] = WORK,
		[CASE_DO_ESCALATE] = WORK,
		[CASE_DO_DRAFT] = WORK,
		[CASE_DO_GIVE_UP] = WORK,
		[CASE_DO_SUBMIT] = WORK,
		[CASE_DO_AGAIN] = WORK,
		[CASE_DO_NOTE] = WORK,
	};

	/* it happened before this minute was over */
	if (whats[event] == WORK && case_is_held(now, at_ms + MIN_MS - 1)) {
		return 0;
	}
	if (now->priority == 1 && was_ms == 0 &&
	    (whats[event] == CALLS || event == CASE_DO_PRIORITY)) {
		return at_ms;
	}
	return was_ms;
}

uint64_t due_unseen(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms)
{
	if (now->state != CASE_QUARANTINE) {
		return 0;
	}
	if (event == CASE_DO_LOOK) {
		return DUE_SEEN;
	}
	if (event == CASE_DO_SUSPECT ||
	    (event == CASE_DO_MESSAGE && was_ms == DUE_SEEN)) {
		return at_ms;
	}
	return was_ms;
}

uint64_t due_asked(uint64_t was_ms, enum case_event event,
    const struct case_now *now, uint64_t at_ms)
{
	if (now->state != CASE_ESCALATED) {
		return 0;
	}
	return event == CASE_DO_ESCALATE ? at_ms : was_ms;
}

uint64_t due_look_late_ms(uint64_t unseen_ms, uint64_t now_ms)
{
	return now_ms > unseen_ms && now_ms - unseen_ms > DAY_MS
	    ? now_ms - unseen_ms - DAY_MS
	    : 0;
}

bool due_answer_is_late(
    unsigned priority, uint64_t referred_ms, uint64_t now_ms)
{
	uint64_t limit = priority == 1 ? HOUR_MS / 2
	    : priority == 2            ? DAY_MS
				       : 3 * DAY_MS;

	return now_ms > referred_ms && now_ms - referred_ms >= limit;
}

bool due_wait_is_over(unsigned priority, uint64_t asked_ms, uint64_t now_ms)
{
	uint64_t limit = priority <= 2 ? DAY_MS : 7 * DAY_MS;

	return now_ms > asked_ms && now_ms - asked_ms >= limit;
}

bool due_is_too_old(unsigned priority, enum case_state state,
    uint64_t arrived_ms, uint64_t now_ms)
{
	return priority == 3 && (state == CASE_NEW || state == CASE_CLAIMED) &&
	    arrived_ms > 0 && now_ms > arrived_ms &&
	    now_ms - arrived_ms >= 8 * HOUR_MS;
}
