/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/case_table.h"

#include <string.h>

#define IN(state) (1u << CASE_##state)
#define OPEN \
	(IN(NEW) | IN(CLAIMED) | IN(TRIAGE) | IN(WAIT_REPORTER) | IN(VERIFY) | \
	    IN(ESCALATED) | IN(REF_DRAFT) | IN(REF_APPROVAL) | IN(REFERRED) | \
	    IN(ACCEPTED) | IN(REJECTED) | IN(NO_ANSWER) | IN(ACTION) | \
	    IN(OUTCOME))
#define ANY   (OPEN | IN(RECEIVED) | SIDES)
#define SIDES (IN(CLOSED) | IN(DUPLICATE) | IN(QUARANTINE) | IN(WITHDRAWN))
/* what nobody can claim */
#define ASIDE (IN(RECEIVED) | (SIDES & ~IN(WITHDRAWN)))
#define STAY  ((enum case_state)0)

/* Times of arrival are told no finer. */
#define MINUTE_MS 60000u

/* What nobody has classified. */
#define CASE_SOON 3u

#define WORK (CASE_NEEDS_PERSON | CASE_NEEDS_HOLDER)

/* What a row does beside moving the case. */
enum {
	TAKES = 1 << 0,
	DROPS = 1 << 1,
	REOPENS = 1 << 2,
	SCORES = 1 << 3,
	LIFTS = 1 << 4, /* what is no spam is P3 at least */
	SEALS = 1 << 5, /* what was written until then */
};

struct row {
	enum case_event event;
	unsigned from;
	enum case_state to;
	unsigned needs;
	unsigned does;
};

/* clang-format off */
static const struct row rows[] = {
	/* the queue */
	{ CASE_DO_SCORE, IN(RECEIVED), CASE_NEW, 0, SCORES },
	{ CASE_DO_CLAIM, IN(NEW) | IN(CLAIMED), CASE_CLAIMED, CASE_NEEDS_PERSON | CASE_NEEDS_FREE, TAKES },
	{ CASE_DO_CLAIM, OPEN & ~(IN(NEW) | IN(CLAIMED)), STAY, CASE_NEEDS_PERSON | CASE_NEEDS_FREE, TAKES },
	{ CASE_DO_TAKE_OVER, OPEN & ~IN(NEW), STAY, CASE_NEEDS_PERSON | CASE_NEEDS_HELD | CASE_NEEDS_REASON, TAKES },
	{ CASE_DO_LEASE_END, IN(CLAIMED), CASE_NEW, CASE_NEEDS_FREE, DROPS },
	{ CASE_DO_RELEASE, IN(CLAIMED), CASE_NEW, WORK, DROPS },
	{ CASE_DO_RELEASE, OPEN & ~(IN(NEW) | IN(CLAIMED)), STAY, WORK, DROPS },
	{ CASE_DO_RAISE, OPEN, STAY, 0, 0 },
	/* an officer reads */
	{ CASE_DO_OPEN, IN(CLAIMED), CASE_TRIAGE, WORK | CASE_PASSED_UNLOCKED, 0 },
	{ CASE_DO_PRIORITY, IN(TRIAGE), STAY, WORK, 0 },
	{ CASE_DO_ASK, IN(TRIAGE), CASE_WAIT_REPORTER, WORK | CASE_PASSED_CONTACT, 0 },
	{ CASE_DO_HEARD, IN(WAIT_REPORTER), CASE_TRIAGE, 0, 0 },
	{ CASE_DO_CHECK, IN(TRIAGE), CASE_VERIFY, WORK, 0 },
	{ CASE_DO_CHECKED, IN(VERIFY), CASE_TRIAGE, WORK, 0 },
	{ CASE_DO_ESCALATE, IN(TRIAGE) | IN(VERIFY) | IN(WAIT_REPORTER), CASE_ESCALATED, WORK, 0 },
	{ CASE_DO_DECIDE_TRIAGE, IN(ESCALATED), CASE_TRIAGE, CASE_NEEDS_PERSON | CASE_NEEDS_SUPERVISOR, 0 },
	{ CASE_DO_DECIDE_REFER, IN(ESCALATED), CASE_REF_DRAFT, CASE_NEEDS_PERSON | CASE_NEEDS_SUPERVISOR, 0 },
	/* a referral */
	{ CASE_DO_DRAFT, IN(TRIAGE) | IN(VERIFY) | IN(WAIT_REPORTER), CASE_REF_DRAFT, WORK | CASE_PASSED_PARTNER, 0 },
	{ CASE_DO_GIVE_UP, IN(REF_DRAFT), CASE_TRIAGE, WORK, 0 },
	{ CASE_DO_SUBMIT, IN(REF_DRAFT), CASE_REF_APPROVAL, WORK | CASE_PASSED_GATE, 0 },
	{ CASE_DO_APPROVE, IN(REF_APPROVAL), CASE_REFERRED, CASE_NEEDS_PERSON | CASE_NEEDS_OTHER | CASE_PASSED_GATE, 0 },
	{ CASE_DO_REFUSE, IN(REF_APPROVAL), CASE_REF_DRAFT, CASE_NEEDS_PERSON | CASE_NEEDS_REASON, 0 },
	{ CASE_DO_ACCEPT, IN(REFERRED) | IN(NO_ANSWER), CASE_ACCEPTED, 0, 0 },
	{ CASE_DO_REJECT, IN(REFERRED) | IN(NO_ANSWER), CASE_REJECTED, 0, 0 },
	{ CASE_DO_ACK_LATE, IN(REFERRED), CASE_NO_ANSWER, 0, 0 },
	{ CASE_DO_AGAIN, IN(REJECTED) | IN(NO_ANSWER), CASE_REF_DRAFT, WORK, 0 },
	{ CASE_DO_RECALL, IN(REFERRED), CASE_REF_DRAFT, CASE_NEEDS_PERSON | CASE_NEEDS_SUPERVISOR | CASE_NEEDS_REASON, 0 },
	{ CASE_DO_GIVE_BACK, IN(ACCEPTED), CASE_REJECTED, CASE_NEEDS_REASON, 0 },
	{ CASE_DO_REPORTED, IN(ACCEPTED), CASE_ACTION, 0, 0 },
	{ CASE_DO_RESULT, IN(ACTION), CASE_OUTCOME, CASE_NEEDS_PERSON | CASE_PASSED_RESULT, 0 },
	{ CASE_DO_MORE, IN(OUTCOME), CASE_TRIAGE, CASE_NEEDS_PERSON, 0 },
	/* ends, and back from them */
	{ CASE_DO_CLOSE, IN(TRIAGE) | IN(OUTCOME), CASE_CLOSED, WORK | CASE_NEEDS_OTHER_12 | CASE_PASSED_END, DROPS },
	{ CASE_DO_REOPEN, IN(CLOSED) | IN(WITHDRAWN), CASE_NEW, 0, DROPS | REOPENS },
	{ CASE_DO_LINK, OPEN, CASE_DUPLICATE, WORK | CASE_NEEDS_TARGET, DROPS },
	{ CASE_DO_UNLINK, IN(DUPLICATE), CASE_NEW, CASE_NEEDS_PERSON | CASE_NEEDS_REASON, 0 },
	{ CASE_DO_MESSAGE, IN(DUPLICATE) | IN(QUARANTINE), STAY, 0, 0 },
	{ CASE_DO_SUSPECT, IN(NEW), CASE_QUARANTINE, CASE_NEEDS_PERSON_123 | CASE_NEEDS_OTHER_12, DROPS },
	{ CASE_DO_LOOK, IN(QUARANTINE), STAY, CASE_NEEDS_PERSON, 0 },
	{ CASE_DO_UNSUSPECT, IN(QUARANTINE), CASE_NEW, CASE_NEEDS_PERSON, LIFTS },
	{ CASE_DO_RAISE, IN(QUARANTINE), CASE_NEW, 0, LIFTS },
	{ CASE_DO_SPAM, IN(QUARANTINE), CASE_CLOSED, CASE_NEEDS_PERSON | CASE_NEEDS_OTHER_12 | CASE_PASSED_END, DROPS },
	{ CASE_DO_WITHDRAW, OPEN, CASE_WITHDRAWN, WORK | CASE_NEEDS_OTHER_12 | CASE_PASSED_WITHDRAW, DROPS | SEALS },
	{ CASE_DO_WITHDRAW, ASIDE, CASE_WITHDRAWN, CASE_NEEDS_PERSON | CASE_NEEDS_OTHER_12 | CASE_PASSED_WITHDRAW, DROPS | SEALS },
	{ CASE_DO_PURGE, SIDES, CASE_PURGED, CASE_PASSED_RETENTION, DROPS },
	/* words, choices and plans, and what the machine has sent: sealed, and
	 * moving nothing */
	{ CASE_DO_NOTE, ANY, STAY, CASE_NEEDS_REASON, 0 },
};
/* clang-format on */

#define STRING(name, number) [number] = #name,

const char *case_state_name(enum case_state state)
{
	static const char *const names[] = { CASE_STATES(STRING) };

	return state >= CASE_RECEIVED && state <= CASE_STATE_MAX ? names[state]
								 : "?";
}

const char *case_event_name(enum case_event event)
{
	static const char *const names[] = { CASE_EVENTS(STRING) };

	return event >= CASE_DO_RECEIVE && event <= CASE_EVENT_MAX
	    ? names[event]
	    : "?";
}

const char *case_no_text(enum case_no no)
{
	static const char *const texts[] = {
		[CASE_YES] = "done",
		[CASE_NO_ROW] = "that cannot happen in this state",
		[CASE_NO_PERSON] = "a person has to do it",
		[CASE_NO_HELD] = "somebody else has it",
		[CASE_NO_HOLDER] = "claim it first",
		[CASE_NO_FREE] = "nobody has it: claim it",
		[CASE_NO_REASON] = "a reason has to be given",
		[CASE_NO_SUPERVISOR] = "a supervisor has to do it",
		[CASE_NO_SECOND] = "a second officer has to agree",
		[CASE_NO_TARGET] = "it needs another case, which is open or"
				   " closed, and no duplicate itself",
		[CASE_NO_CHECK] = "a check has not passed",
		[CASE_NO_PRIORITY] = "an officer changes a priority by itself,"
				     " with a reason; two lower a P1",
		[CASE_NO_MORE] = "you have as many as one officer may have;"
				 " release one",
		[CASE_NO_CHANGED] = "it has changed meanwhile",
	};

	return (unsigned)no <= CASE_NO_MAX ? texts[no] : "?";
}

bool case_is_open(enum case_state state)
{
	return (OPEN & (1u << state)) != 0;
}

/*
 * An end further away than a lease can last was written by a clock that has
 * jumped: it holds nobody up.
 */
bool case_is_held(const struct case_now *now, uint64_t now_ms)
{
	return now->owner[0] != '\0' && now->until_ms > now_ms &&
	    now->until_ms - now_ms <= CASE_LEASE_MS + CASE_SLACK_MS;
}

bool case_is_owner(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strnlen(name, CASE_OWNER_BYTES);

	return len > 0 && len < CASE_OWNER_BYTES && strspn(name, good) == len;
}

static const struct row *find_row(
    const struct case_now *now, enum case_event event)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].event == event &&
		    (rows[i].from & (1u << now->state)) != 0) {
			return &rows[i];
		}
	}
	return NULL;
}

static bool has_second(const struct case_change *change)
{
	return change->who != NULL && change->second != NULL &&
	    case_is_owner(change->second) &&
	    strcmp(change->who, change->second) != 0;
}

static enum case_no judge_lease(unsigned needs, const struct case_now *now,
    const struct case_change *change, uint64_t now_ms)
{
	bool held = case_is_held(now, now_ms);
	bool mine =
	    held && change->who != NULL && strcmp(now->owner, change->who) == 0;

	if ((needs & CASE_NEEDS_FREE) != 0 && held) {
		return CASE_NO_HELD;
	}
	if ((needs & CASE_NEEDS_HELD) != 0 && (!held || mine)) {
		return CASE_NO_FREE;
	}
	if ((needs & CASE_NEEDS_HOLDER) != 0 && !mine && !change->supervisor) {
		return held ? CASE_NO_HELD : CASE_NO_HOLDER;
	}
	return CASE_YES;
}

static enum case_no judge_needs(unsigned needs, const struct case_now *now,
    const uint8_t *id, const struct case_change *change)
{
	if (change->who == NULL &&
	    ((needs & CASE_NEEDS_PERSON) != 0 ||
		((needs & CASE_NEEDS_PERSON_123) != 0 &&
		    now->priority != CASE_PRIORITIES))) {
		return CASE_NO_PERSON;
	}
	if ((needs & CASE_NEEDS_REASON) != 0 && change->note.len == 0) {
		return CASE_NO_REASON;
	}
	if ((needs & CASE_NEEDS_SUPERVISOR) != 0 && !change->supervisor) {
		return CASE_NO_SUPERVISOR;
	}
	if ((((needs & CASE_NEEDS_OTHER) != 0 && now->priority != 1 &&
		 (change->passed & CASE_PASSED_ALONE) == 0) ||
		((needs & CASE_NEEDS_OTHER_12) != 0 && now->priority <= 2)) &&
	    !has_second(change)) {
		return CASE_NO_SECOND;
	}
	if ((needs & CASE_NEEDS_TARGET) != 0 &&
	    (change->target == NULL ||
		memcmp(change->target, id, CASE_ID_BYTES) == 0)) {
		return CASE_NO_TARGET;
	}
	return (needs & CASE_PASSED_ALL & ~change->passed) != 0 ? CASE_NO_CHECK
								: CASE_YES;
}

/* A person changes it by PRIORITY only, with a reason, and from P1 down with a
 * second one: what is P1 needs less of other things. The machine raises it. */
static enum case_no judge_priority(const struct row *row,
    const struct case_now *now, const struct case_change *change)
{
	unsigned to = change->priority;

	if (to > CASE_PRIORITIES || ((row->does & SCORES) != 0 && to == 0)) {
		return CASE_NO_PRIORITY;
	}
	if (row->event == CASE_DO_RAISE && now->state == CASE_QUARANTINE &&
	    (to == 0 || (to > 2 && to >= now->priority))) {
		return CASE_NO_PRIORITY; /* out of it comes what says more */
	}
	if (to == 0 || (row->does & SCORES) != 0) {
		return CASE_YES;
	}
	if (row->event == CASE_DO_PRIORITY) {
		if (to != now->priority && change->note.len == 0) {
			return CASE_NO_REASON;
		}
		return now->priority == 1 && to > 1 && !has_second(change)
		    ? CASE_NO_SECOND
		    : CASE_YES;
	}
	return to > now->priority || (change->who != NULL && to < now->priority)
	    ? CASE_NO_PRIORITY
	    : CASE_YES;
}

/* Who has it may decide what a supervisor was asked. It is theirs by a claim;
 * what somebody else does meanwhile changes nothing. */
static unsigned flags_after(const struct row *row, const struct case_now *next,
    const struct case_change *change)
{
	unsigned others = next->flags & ~(unsigned)CASE_SUPERVISED;
	bool is_holder =
	    change->who != NULL && strcmp(next->owner, change->who) == 0;

	if (next->state != CASE_ESCALATED || next->owner[0] == '\0') {
		return others;
	}
	if ((row->does & TAKES) == 0 && row->event != CASE_DO_ESCALATE) {
		return next->flags;
	}
	return is_holder && change->supervisor ? others | CASE_SUPERVISED
					       : others;
}

static struct case_now after(const struct row *row, const struct case_now *now,
    const struct case_change *change, uint64_t now_ms)
{
	struct case_now next = *now;

	next.version++;
	if (row->to != STAY) {
		next.state = row->to;
	}
	if (change->priority != 0) {
		next.priority = change->priority;
	}
	if ((row->does & LIFTS) != 0 && next.priority > CASE_SOON) {
		next.priority = CASE_SOON;
	}
	if ((row->does & TAKES) != 0) {
		memset(next.owner, 0, sizeof(next.owner));
		memcpy(next.owner, change->who, strlen(change->who));
		next.since_ms = now_ms;
		next.until_ms = now_ms + CASE_LEASE_MS;
	}
	if ((row->does & DROPS) != 0) {
		memset(next.owner, 0, sizeof(next.owner));
		next.since_ms = next.until_ms = 0;
	}
	if ((row->does & REOPENS) != 0) {
		next.flags |= CASE_REOPENED;
	}
	if ((row->does & SEALS) != 0) {
		next.flags |= CASE_TAKEN_BACK;
	}
	next.flags = flags_after(row, &next, change);
	memset(next.target, 0, sizeof(next.target));
	if (next.state == CASE_DUPLICATE) {
		memcpy(next.target,
		    change->event == CASE_DO_LINK ? change->target
						  : now->target,
		    sizeof(next.target));
	}
	return next;
}

enum case_no case_judge(const struct case_now *now,
    const uint8_t id[static CASE_ID_BYTES], const struct case_change *change,
    uint64_t now_ms, struct case_now *ret_next)
{
	const struct row *row = find_row(now, change->event);
	enum case_no no;

	if (now->version == 0 && change->event == CASE_DO_RECEIVE) {
		*ret_next = (struct case_now){ .version = 1,
			.state = CASE_RECEIVED,
			.made_ms = now_ms - now_ms % MINUTE_MS };
		return CASE_YES;
	}
	if (now->version == 0 || row == NULL) {
		return CASE_NO_ROW;
	}
	if (change->who != NULL && !case_is_owner(change->who)) {
		return CASE_NO_PERSON;
	}
	no = judge_needs(row->needs, now, id, change);
	if (no == CASE_YES) {
		no = judge_lease(row->needs, now, change, now_ms);
	}
	if (no == CASE_YES) {
		no = judge_priority(row, now, change);
	}
	if (no == CASE_YES) {
		*ret_next = after(row, now, change, now_ms);
	}
	return no;
}
