/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_table: what goes to quarantine and what comes out of it, and who
 * has what a supervisor was asked.
 */
#include "queue/case_table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/case_change.h"

static void the_machine_suspects_a_p4_alone(void **state)
{
	struct case_change what = change(CASE_DO_SUSPECT);
	struct case_now next = { 0 };

	(void)state;
	what.who = NULL;
	for (unsigned priority = 1; priority <= CASE_PRIORITIES; priority++) {
		struct case_now now = in(CASE_NEW);

		now.priority = priority;
		assert_int_equal(judge(&now, &what, &next),
		    priority == 4 ? CASE_YES : CASE_NO_PERSON);
	}
	assert_int_equal(next.state, CASE_QUARANTINE);
	assert_int_equal(next.priority, 4);
	/* what a person works on is that person's, and nobody's look is a
	 * machine's */
	for (int s = CASE_CLAIMED; s <= CASE_OUTCOME; s++) {
		struct case_now now = in((enum case_state)s);

		now.priority = 4;
		assert_int_equal(judge(&now, &what, &next), CASE_NO_ROW);
	}
	next = in(CASE_QUARANTINE);
	what.event = CASE_DO_LOOK;
	assert_int_equal(judge(&next, &what, &next), CASE_NO_PERSON);
}

static void out_of_quarantine_comes_what_says_more_and_is_p3_at_least(
    void **state)
{
	static const struct {
		unsigned was, said;
		enum case_no no;
		unsigned is;
	} rows[] = {
		{ 4, 0, CASE_NO_PRIORITY, 0 },
		{ 4, 4, CASE_NO_PRIORITY, 0 },
		{ 4, 3, CASE_YES, 3 },
		{ 4, 2, CASE_YES, 2 },
		{ 4, 1, CASE_YES, 1 },
		{ 3, 3, CASE_NO_PRIORITY, 0 },
		{ 3, 1, CASE_YES, 1 },
		/* two officers put it there: it may be no mistake of theirs,
		 * and who writes so again is heard */
		{ 2, 2, CASE_YES, 2 },
		{ 1, 1, CASE_YES, 1 },
		/* nothing is lowered by the way */
		{ 1, 2, CASE_NO_PRIORITY, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_now now = in(CASE_QUARANTINE);
		struct case_change what = change(CASE_DO_RAISE);
		struct case_now next = { 0 };

		now.priority = rows[i].was;
		what.priority = rows[i].said;
		what.who = what.second = NULL;
		assert_int_equal(judge(&now, &what, &next), rows[i].no);
		if (rows[i].no == CASE_YES) {
			assert_int_equal(next.state, CASE_NEW);
			assert_int_equal(next.priority, rows[i].is);
		}
	}
	for (unsigned was = 1; was <= CASE_PRIORITIES; was++) {
		struct case_now now = in(CASE_QUARANTINE);
		struct case_change what = change(CASE_DO_UNSUSPECT);
		struct case_now next = { 0 };

		now.priority = was;
		assert_int_equal(judge(&now, &what, &next), CASE_YES);
		assert_int_equal(next.priority, was == 4 ? 3 : was);
		what.who = NULL;
		assert_int_equal(judge(&now, &what, &next), CASE_NO_PERSON);
	}
}

/* As the case goes on: what is theirs is known to every desk. */
static void what_a_supervisor_has_of_what_was_asked_is_known(void **state)
{
	static const struct {
		enum case_event event;
		const char *who;
		bool supervisor, free, flag;
	} rows[] = {
		{ CASE_DO_ESCALATE, "sok", false, false, false },
		{ CASE_DO_TAKE_OVER, "dara", false, false, false },
		{ CASE_DO_TAKE_OVER, "srey", true, false, true },
		{ CASE_DO_NOTE, "sok", false, false, true },
		{ CASE_DO_CLAIM, "dara", false, true, false }, /* it ended */
		{ CASE_DO_TAKE_OVER, "srey", true, false, true },
		{ CASE_DO_RELEASE, "srey", true, false, false },
		{ CASE_DO_CLAIM, "srey", true, true, true },
		{ CASE_DO_DECIDE_TRIAGE, "srey", true, false, false },
		{ CASE_DO_ESCALATE, "srey", true, false, true }, /* themself */
	};
	struct case_now now = in(CASE_TRIAGE);

	(void)state;
	now.until_ms = CASE_TEST_NOW_MS + CASE_LEASE_MS;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_change what = change(rows[i].event);

		what.who = rows[i].who;
		what.supervisor = rows[i].supervisor;
		now.until_ms = rows[i].free ? CASE_TEST_NOW_MS : now.until_ms;
		assert_int_equal(judge(&now, &what, &now), CASE_YES);
		assert_int_equal(now.flags & CASE_SUPERVISED,
		    rows[i].flag ? CASE_SUPERVISED : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machine_suspects_a_p4_alone),
		cmocka_unit_test(
		    out_of_quarantine_comes_what_says_more_and_is_p3_at_least),
		cmocka_unit_test(
		    what_a_supervisor_has_of_what_was_asked_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
