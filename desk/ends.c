/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/ends.h"

#include <stddef.h>

/* What a disposition asks for. */
enum end_need {
	END_NOTHING,
	END_PARTNER, /* a referral that was accepted and has an outcome */
	END_REASON,
	END_TARGET,
	END_SIGNPOST, /* words to the reporter, or a reason */
	END_SPAM,     /* nothing; also out of quarantine */
};

static const struct {
	const char *name;
	enum end_need need;
} dispositions[] = {
	{ "REF_POLICE", END_PARTNER },
	{ "REF_NGO", END_PARTNER },
	{ "REF_AFTERCARE", END_PARTNER },
	{ "REF_EMBASSY", END_PARTNER },
	{ "REF_CHILDLINE", END_PARTNER },
	{ "REF_FOREIGN_LINE", END_PARTNER },
	{ "SAFETY_PLAN_ONLY", END_REASON },
	{ "INFO_GIVEN", END_NOTHING },
	{ "UPDATE_TO", END_TARGET },
	{ "DUP_OF", END_TARGET },
	{ "INSUFFICIENT", END_REASON },
	{ "UNREACHABLE", END_REASON },
	{ "NOT_TRAFFICKING_LABOUR", END_SIGNPOST },
	{ "NOT_TRAFFICKING_OTHER", END_SIGNPOST },
	{ "WITHDRAWN_BY_REPORTER", END_NOTHING },
	{ "SPAM", END_SPAM },
	{ "ABUSE", END_SPAM },
	{ "TEST", END_SPAM },
};
#define DISPOSITIONS (sizeof(dispositions) / sizeof(dispositions[0]))

static const char *const outcomes[] = { "PERSON_SAFE", "LEFT_ON_OWN",
	"REMOVED_BY_AUTH", "NOT_FOUND", "DECLINED_HELP", "ARREST",
	"CASE_OPENED", "CONVICTION", "NO_ACTION", "UNKNOWN" };

static bool is_outcome(struct bytes name)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (bytes_equal(name, bytes_str(outcomes[i]))) {
			return true;
		}
	}
	return false;
}

static const char *judge_need(
    enum end_need need, enum case_state state, const struct ends_given *given)
{
	switch (need) {
	case END_PARTNER:
		return state == CASE_OUTCOME
		    ? NULL
		    : "No referral of this tip was accepted and has an "
		      "outcome.";
	case END_REASON:
		return given->reason.len > 0
		    ? NULL
		    : "Say what was done or tried, as the reason.";
	case END_TARGET:
		return given->has_target
		    ? NULL
		    : "Say to which tip it belongs, or link it to that.";
	case END_SIGNPOST:
		return given->reason.len > 0 || given->reporter_text.len > 0
		    ? NULL
		    : "Write where the reporter may turn, or a reason.";
	case END_NOTHING:
	case END_SPAM:
		break;
	}
	return NULL;
}

const char *ends_judge(enum case_event event, enum case_state state,
    const struct ends_given *given)
{
	size_t at = 0;

	if (event == CASE_DO_RESULT) {
		return is_outcome(given->outcome) ? NULL : "Choose an outcome.";
	}
	if (event != CASE_DO_CLOSE && event != CASE_DO_SPAM) {
		return NULL;
	}
	while (at < DISPOSITIONS &&
	    !bytes_equal(
		given->disposition, bytes_str(dispositions[at].name))) {
		at++;
	}
	if (at == DISPOSITIONS) {
		return "Choose why it is closed.";
	}
	if (event == CASE_DO_SPAM && dispositions[at].need != END_SPAM) {
		return "Out of quarantine it is closed as spam, abuse or a "
		       "test; release it first for anything else.";
	}
	return judge_need(dispositions[at].need, state, given);
}
