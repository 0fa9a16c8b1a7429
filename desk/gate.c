/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/gate.h"

#include <string.h>

#define KIND_BIT(kind) (UINT32_C(1) << (kind))

#define GATE_NAME(name, text) [GATE_##name] = text,
static const char *const check_names[GATE_CHECKS_END] = { GATE_CHECKS(
    GATE_NAME) };
#undef GATE_NAME

static const char *const exception_names[GATE_EXCEPTIONS_END] = {
	[GATE_UNDER_18] = "UNDER_18",
	[GATE_IMMINENT_DANGER] = "IMMINENT_DANGER",
	[GATE_COURT_ORDER] = "COURT_ORDER",
};

const char *gate_check_name(enum gate_check check)
{
	return check < GATE_CHECKS_END ? check_names[check] : "?";
}

const char *gate_exception_name(enum gate_exception exception)
{
	return exception < GATE_EXCEPTIONS_END ? exception_names[exception]
					       : NULL;
}

enum gate_exception gate_exception_of(const char *name)
{
	for (int i = GATE_UNDER_18; i < GATE_EXCEPTIONS_END; i++) {
		if (strcmp(name, exception_names[i]) == 0) {
			return (enum gate_exception)i;
		}
	}
	return GATE_EXCEPTIONS_END;
}

static void say(struct gate_answer *answer, enum gate_check check,
    enum gate_word word, const char *text)
{
	answer->checks[check] = word;
	answer->texts[check] = text;
}

static bool reaches_police(const struct partner *partner)
{
	return partner->kind == PARTNER_POLICE ||
	    (partner->onward & KIND_BIT(PARTNER_POLICE)) != 0;
}

static bool uses_exception(const struct gate_case *gate)
{
	return gate->exception != GATE_NO_EXCEPTION && gate->exception_reason;
}

/* What was taken back goes nowhere, but for a child, or somebody in danger. */
static bool is_taken_back(const struct gate_case *gate)
{
	return gate->withdrawn &&
	    !(uses_exception(gate) &&
		(gate->exception == GATE_UNDER_18 ||
		    gate->exception == GATE_IMMINENT_DANGER));
}

/* Consent as such; whom the partner passes on to is looked at with it. */
static bool consents(const struct gate_case *gate, bool police)
{
	unsigned share = gate->facts->share;

	if (gate->asked == GATE_REFUSED || gate->unread) {
		return false;
	}
	if (share == SHARE_NO_ANSWER || share == SHARE_ASK_FIRST) {
		return gate->asked == GATE_AGREED;
	}
	return share == SHARE_POLICE_AND_HELPERS ||
	    (share == SHARE_HELPERS_ONLY && !police);
}

static void ask_consent(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	bool police = partner->kind == PARTNER_POLICE;

	if (is_taken_back(gate)) {
		answer->needs_exception = true;
		say(answer, GATE_CONSENT, GATE_BLOCKED,
		    "the reporter has taken the tip back: only for a child, or "
		    "somebody in danger, with its reason");
	} else if (consents(gate, police) && !gate->withdrawn) {
		say(answer, GATE_CONSENT, GATE_PASSED,
		    gate->asked == GATE_AGREED ? "asked, and agreed"
					       : "the reporter has chosen so");
	} else if (uses_exception(gate)) {
		say(answer, GATE_CONSENT, GATE_PASSED,
		    "without consent, by a recorded exception");
	} else if (gate->unread) {
		answer->needs_exception = true;
		say(answer, GATE_CONSENT, GATE_BLOCKED,
		    "something written on this tip cannot be read here, and "
		    "may say that the reporter has refused: ask again and "
		    "write it down, or record an exception with its reason");
	} else if (gate->asked == GATE_REFUSED) {
		answer->needs_exception = true;
		say(answer, GATE_CONSENT, GATE_BLOCKED,
		    "the reporter was asked and has refused: only by an "
		    "exception, with its reason");
	} else {
		answer->needs_exception = true;
		say(answer, GATE_CONSENT, GATE_BLOCKED,
		    police ? "the reporter has not agreed to police: ask, or "
			     "record an exception with its reason"
			   : "the reporter has not agreed: ask, or record an "
			     "exception with its reason");
	}
}

static void ask_onward(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	if (partner->onward == 0) {
		say(answer, GATE_ONWARD, GATE_PASSED,
		    "the partner passes nothing on");
	} else if (consents(gate, reaches_police(partner))) {
		say(answer, GATE_ONWARD, GATE_PASSED,
		    "the partner passes records on; the reporter has agreed to "
		    "that");
	} else if (uses_exception(gate)) {
		say(answer, GATE_ONWARD, GATE_PASSED,
		    "the partner passes records on, without consent, by a "
		    "recorded exception");
	} else {
		answer->needs_exception = true;
		say(answer, GATE_ONWARD, GATE_BLOCKED,
		    "the partner passes records on to others, and the reporter "
		    "has not agreed to them");
	}
}

static bool officials_help(const struct gate_case *gate)
{
	return gate->facts->official == 1 || gate->facts->official == 2 ||
	    gate->facts->official_note || gate->officials_involved;
}

/* A unit of the place, or one that may be: the place is not known. */
static bool is_local(
    const struct gate_case *gate, const struct partner *partner)
{
	const unsigned province = gate->facts->province;

	if (partner->kind != PARTNER_POLICE) {
		return false;
	}
	return partner->provinces != 0 &&
	    (province == 0 ||
		(partner->provinces & (UINT32_C(1) << province)) != 0);
}

static void ask_conflict(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	bool officials = officials_help(gate);

	if (gate->person_named && !gate->supervisor_agrees) {
		answer->needs_supervisor = true;
		say(answer, GATE_CONFLICT, GATE_BLOCKED,
		    "a person of this partner is named in the tip: a "
		    "supervisor decides");
	} else if (officials && is_local(gate, partner)) {
		say(answer, GATE_CONFLICT, GATE_BLOCKED,
		    "officials may be involved: not to a unit of this area");
	} else if (officials && !gate->supervisor_agrees) {
		answer->needs_supervisor = true;
		say(answer, GATE_CONFLICT, GATE_BLOCKED,
		    "officials may be involved: a supervisor must agree");
	} else {
		say(answer, GATE_CONFLICT, GATE_PASSED,
		    gate->person_named || officials ? "a supervisor has agreed"
						    : "none is known");
	}
}

static void ask_fresh(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	int64_t age = (int64_t)gate->today - partner->verified_day;

	if (age >= PARTNERS_FRESH_DAYS) {
		say(answer, GATE_FRESH, GATE_BLOCKED,
		    "the contact was not verified for 90 days: verify it "
		    "first");
	} else if (age < -1) {
		say(answer, GATE_FRESH, GATE_BLOCKED,
		    "the contact was verified in the future: mend the "
		    "directory");
	} else {
		say(answer, GATE_FRESH, GATE_PASSED, "the contact is verified");
	}
}

static void ask_content(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	if (gate->includes_official && is_local(gate, partner)) {
		say(answer, GATE_CONTENT, GATE_BLOCKED,
		    "what was said of officials never goes to a unit of the "
		    "area");
	} else if (!gate->content_confirmed) {
		say(answer, GATE_CONTENT, GATE_BLOCKED,
		    "look through what leaves, and confirm it");
	} else {
		say(answer, GATE_CONTENT, GATE_PASSED, "confirmed");
	}
}

static void ask_four_eyes(const struct gate_case *gate,
    const struct partner *partner, struct gate_answer *answer)
{
	bool wanted = partner->kind == PARTNER_POLICE || uses_exception(gate);

	if (!wanted) {
		say(answer, GATE_FOUR_EYES, GATE_PASSED,
		    "one officer is enough");
	} else if (gate->second_agrees) {
		say(answer, GATE_FOUR_EYES, GATE_PASSED,
		    "a second officer has agreed");
	} else if (gate->priority == 1) {
		say(answer, GATE_FOUR_EYES, GATE_LATER,
		    "may go now; a second officer must agree within one hour");
	} else {
		answer->needs_second = true;
		say(answer, GATE_FOUR_EYES, GATE_BLOCKED,
		    "a second officer must agree first");
	}
}

void gate_ask(const struct gate_case *gate, const struct partner *partner,
    struct gate_answer *ret_answer)
{
	*ret_answer = (struct gate_answer){ 0 };
	ask_consent(gate, partner, ret_answer);
	ask_onward(gate, partner, ret_answer);
	ask_conflict(gate, partner, ret_answer);
	ask_fresh(gate, partner, ret_answer);
	ask_content(gate, partner, ret_answer);
	ask_four_eyes(gate, partner, ret_answer);
	for (int i = 0; i < GATE_CHECKS_END; i++) {
		if (ret_answer->checks[i] > ret_answer->all) {
			ret_answer->all = ret_answer->checks[i];
		}
	}
}

bool gate_has_consent(
    const struct gate_case *gate, const struct partner *partner)
{
	struct gate_answer answer = { 0 };

	ask_consent(gate, partner, &answer);
	ask_onward(gate, partner, &answer);
	return answer.checks[GATE_CONSENT] == GATE_PASSED &&
	    answer.checks[GATE_ONWARD] == GATE_PASSED;
}

bool gate_may_ask(const struct gate_answer *answer)
{
	for (int i = 0; i < GATE_CHECKS_END; i++) {
		if (i != GATE_FOUR_EYES && answer->checks[i] == GATE_BLOCKED) {
			return false;
		}
	}
	return true;
}
