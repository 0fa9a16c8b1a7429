/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/ends: each code asks for what makes it true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desk/ends.h"

/* Whether it passes. */
static bool passes(enum case_event event, enum case_state state,
    const char *disposition, const char *reason, const char *reporter_text,
    bool has_target)
{
	const struct ends_given given = {
		.disposition = bytes_str(disposition),
		.outcome = bytes_str(disposition),
		.reason = bytes_str(reason),
		.reporter_text = bytes_str(reporter_text),
		.has_target = has_target,
	};

	return ends_judge(event, state, &given) == NULL;
}

static bool closes(const char *disposition, const char *reason)
{
	return passes(
	    CASE_DO_CLOSE, CASE_TRIAGE, disposition, reason, "", false);
}

static void a_tip_is_closed_with_a_reason_of_the_list(void **state)
{
	(void)state;
	assert_false(closes("", "why"));
	assert_false(closes("SOLVED", "why"));
	assert_false(closes("INFO_GIVE", "why"));
	assert_true(closes("INFO_GIVEN", ""));
	assert_true(closes("WITHDRAWN_BY_REPORTER", ""));
	assert_true(closes("SPAM", ""));
}

static void a_code_that_says_that_something_was_done_wants_it_said(void **state)
{
	static const char *const codes[] = { "SAFETY_PLAN_ONLY", "INSUFFICIENT",
		"UNREACHABLE", "NOT_TRAFFICKING_LABOUR",
		"NOT_TRAFFICKING_OTHER" };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_false(closes(codes[i], ""));
		assert_true(closes(codes[i], "tried twice"));
	}
	assert_true(passes(CASE_DO_CLOSE, CASE_TRIAGE, "NOT_TRAFFICKING_OTHER",
	    "", "They can help you: ...", false));
	assert_false(
	    passes(CASE_DO_CLOSE, CASE_TRIAGE, "UPDATE_TO", "why", "", false));
	assert_true(passes(CASE_DO_CLOSE, CASE_TRIAGE, "DUP_OF", "", "", true));
}

static void what_was_referred_was_accepted(void **state)
{
	(void)state;
	assert_false(closes("REF_NGO", "why"));
	assert_true(
	    passes(CASE_DO_CLOSE, CASE_OUTCOME, "REF_NGO", "", "", false));
	assert_true(
	    passes(CASE_DO_CLOSE, CASE_OUTCOME, "INFO_GIVEN", "", "", false));
}

static void out_of_quarantine_it_is_spam_or_nothing(void **state)
{
	static const char *const good[] = { "SPAM", "ABUSE", "TEST" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(passes(
		    CASE_DO_SPAM, CASE_QUARANTINE, good[i], "", "", false));
	}
	assert_false(passes(
	    CASE_DO_SPAM, CASE_QUARANTINE, "INFO_GIVEN", "why", "", true));
	assert_false(
	    passes(CASE_DO_SPAM, CASE_QUARANTINE, "", "why", "", true));
}

static void a_result_is_one_of_the_list(void **state)
{
	(void)state;
	assert_true(
	    passes(CASE_DO_RESULT, CASE_ACTION, "PERSON_SAFE", "", "", false));
	assert_false(passes(CASE_DO_RESULT, CASE_ACTION, "", "x", "x", true));
	assert_false(
	    passes(CASE_DO_RESULT, CASE_ACTION, "SPAM", "x", "x", true));
}

static void what_ends_nothing_needs_no_code(void **state)
{
	(void)state;
	for (int event = CASE_DO_RECEIVE; event <= CASE_EVENT_MAX; event++) {
		if (event == CASE_DO_CLOSE || event == CASE_DO_SPAM ||
		    event == CASE_DO_RESULT) {
			continue;
		}
		assert_true(passes(
		    (enum case_event)event, CASE_TRIAGE, "", "", "", false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tip_is_closed_with_a_reason_of_the_list),
		cmocka_unit_test(
		    a_code_that_says_that_something_was_done_wants_it_said),
		cmocka_unit_test(what_was_referred_was_accepted),
		cmocka_unit_test(out_of_quarantine_it_is_spam_or_nothing),
		cmocka_unit_test(a_result_is_one_of_the_list),
		cmocka_unit_test(what_ends_nothing_needs_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
