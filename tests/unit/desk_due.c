/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/due: until when what is to be done, and how long a reporter is waited
 * for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "desk/due.h"

#define MIN_MS  UINT64_C(60000)
#define HOUR_MS (60 * MIN_MS)
#define DAY_MS  (24 * HOUR_MS)

static void a_clock_runs_by_priority_and_state(void **state)
{
	struct due due = due_of(1, CASE_NEW, 1000);

	(void)state;
	assert_int_equal(due.clock, DUE_CLAIM);
	assert_int_equal(due.due_ms, 1000 + 2 * MIN_MS);
	due = due_of(2, CASE_TRIAGE, 1000);
	assert_int_equal(due.clock, DUE_DECISION);
	assert_int_equal(due.due_ms, 1000 + 2 * HOUR_MS);
	due = due_of(3, CASE_VERIFY, 1000);
	assert_int_equal(due.clock, DUE_CONTACT);
	assert_int_equal(due.due_ms, 1000 + 3 * DAY_MS);
	assert_int_equal(due_of(4, CASE_VERIFY, 1000).clock, DUE_NONE);
	assert_int_equal(due_of(1, CASE_CLOSED, 1000).clock, DUE_NONE);
	assert_int_equal(due_of(1, CASE_WAIT_REPORTER, 1000).clock, DUE_NONE);
	assert_int_equal(due_of(0, CASE_NEW, 1000).clock, DUE_NONE);
}

static void a_reporter_has_a_day_where_it_is_urgent_and_else_a_week(
    void **state)
{
	(void)state;
	for (unsigned priority = 1; priority <= CASE_PRIORITIES; priority++) {
		uint64_t limit = priority <= 2 ? DAY_MS : 7 * DAY_MS;

		assert_false(due_wait_is_over(priority, 5000, 5000));
		assert_false(
		    due_wait_is_over(priority, 5000, 5000 + limit - 1));
		assert_true(due_wait_is_over(priority, 5000, 5000 + limit));
		/* a clock that was set back ends nothing */
		assert_false(due_wait_is_over(priority, 5000, 4000));
	}
}

static void a_partner_has_half_an_hour_a_day_or_three(void **state)
{
	static const uint64_t limits[] = { 0, HOUR_MS / 2, DAY_MS, 3 * DAY_MS,
		3 * DAY_MS };

	(void)state;
	for (unsigned priority = 1; priority <= CASE_PRIORITIES; priority++) {
		uint64_t end = 5000 + limits[priority];

		assert_false(due_answer_is_late(priority, 5000, end - 1));
		assert_true(due_answer_is_late(priority, 5000, end));
		assert_false(due_answer_is_late(priority, 5000, 4000));
	}
}

static void what_nobody_reads_for_eight_hours_is_raised_once(void **state)
{
	(void)state;
	assert_false(due_is_too_old(3, CASE_NEW, 5000, 4999 + 8 * HOUR_MS));
	assert_true(due_is_too_old(3, CASE_NEW, 5000, 5000 + 8 * HOUR_MS));
	assert_true(due_is_too_old(3, CASE_CLAIMED, 5000, 9 * HOUR_MS));
	assert_false(due_is_too_old(3, CASE_TRIAGE, 5000, 9 * HOUR_MS));
	assert_false(due_is_too_old(3, CASE_QUARANTINE, 5000, 9 * HOUR_MS));
	assert_false(due_is_too_old(2, CASE_NEW, 5000, 9 * HOUR_MS));
	assert_false(due_is_too_old(4, CASE_NEW, 5000, 9 * HOUR_MS));
	/* nobody knows when it came; a clock that was set back */
	assert_false(due_is_too_old(3, CASE_NEW, 0, 9 * HOUR_MS));
	assert_false(due_is_too_old(3, CASE_NEW, 9 * HOUR_MS, 5000));
}

static void a_claim_that_was_not_opened_in_time_is_none(void **state)
{
	struct case_now now = {
		.state = CASE_CLAIMED, .owner = "srey", .until_ms = 5000
	};

	(void)state;
	assert_int_equal(due_state(&now, 4999), CASE_CLAIMED);
	assert_int_equal(due_state(&now, 9000), CASE_NEW);
	now.state = CASE_TRIAGE;
	assert_int_equal(due_state(&now, 9000), CASE_TRIAGE);
}

static void a_p1_calls_from_what_nobody_had_to_the_next_who_has_it(void **state)
{
	struct case_now now = { .state = CASE_TRIAGE, .priority = 1 };

	(void)state;
	assert_int_equal(due_called(0, CASE_DO_NOTE, &now, 60000), 0);
	assert_int_equal(due_called(0, CASE_DO_RAISE, &now, 60000), 60000);
	assert_int_equal(due_called(0, CASE_DO_HEARD, &now, 60000), 60000);
	assert_int_equal(due_called(0, CASE_DO_ACK_LATE, &now, 60000), 60000);
	assert_int_equal(due_called(0, CASE_DO_PRIORITY, &now, 60000), 60000);
	assert_int_equal(due_called(60000, CASE_DO_NOTE, &now, 120000), 60000);
	/* who writes on and on waits no less */
	assert_int_equal(due_called(60000, CASE_DO_RAISE, &now, 120000), 60000);
	assert_int_equal(due_called(60000, CASE_DO_HEARD, &now, 120000), 60000);
	now.priority = 2;
	assert_int_equal(due_called(0, CASE_DO_RAISE, &now, 60000), 0);
}

/* The lease may end without another event. */
static void words_that_come_while_somebody_has_it_call_when_nobody_has(
    void **state)
{
	struct case_now now = { .state = CASE_TRIAGE, .priority = 1 };

	(void)state;
	(void)snprintf(now.owner, sizeof(now.owner), "srey");
	now.until_ms = 60000 + CASE_LEASE_MS;
	assert_int_equal(due_called(0, CASE_DO_RAISE, &now, 60000), 60000);
	assert_int_equal(due_called(60000, CASE_DO_ACCEPT, &now, 60000), 60000);
	assert_int_equal(due_called(60000, CASE_DO_CHECK, &now, 60000), 0);
	assert_int_equal(due_called(60000, CASE_DO_NOTE, &now, 60000), 0);
	assert_int_equal(due_called(60000, CASE_DO_CLAIM, &now, 60000), 0);
	assert_int_equal(due_called(0, CASE_DO_PRIORITY, &now, 60000), 0);
	now.until_ms = 119999; /* it was over within that minute */
	assert_int_equal(due_called(60000, CASE_DO_CHECK, &now, 60000), 60000);
	/* given back, it calls at once */
	now.owner[0] = '\0';
	assert_int_equal(
	    due_called(60000, CASE_DO_RELEASE, &now, 60000), 60000);
}

static void a_look_is_for_what_is_there_and_not_for_what_comes_later(
    void **state)
{
	struct case_now now = { .state = CASE_QUARANTINE, .priority = 4 };

	(void)state;
	assert_int_equal(due_unseen(0, CASE_DO_SUSPECT, &now, 60000), 60000);
	assert_int_equal(
	    due_unseen(60000, CASE_DO_MESSAGE, &now, 120000), 60000);
	assert_int_equal(due_unseen(60000, CASE_DO_NOTE, &now, 120000), 60000);
	assert_int_equal(
	    due_unseen(60000, CASE_DO_LOOK, &now, 120000), DUE_SEEN);
	assert_int_equal(
	    due_unseen(DUE_SEEN, CASE_DO_NOTE, &now, 180000), DUE_SEEN);
	assert_int_equal(
	    due_unseen(DUE_SEEN, CASE_DO_MESSAGE, &now, 180000), 180000);
	/* what is not known is unseen */
	assert_int_equal(due_unseen(0, CASE_DO_NOTE, &now, 60000), 0);
	now.state = CASE_NEW;
	assert_int_equal(
	    due_unseen(DUE_SEEN, CASE_DO_UNSUSPECT, &now, 240000), 0);
	now.state = CASE_QUARANTINE;
	assert_int_equal(
	    due_unseen(DUE_SEEN, CASE_DO_SUSPECT, &now, 300000), 300000);
}

static void a_supervisor_is_asked_from_then_till_it_is_decided(void **state)
{
	struct case_now now = { .state = CASE_ESCALATED, .priority = 2 };

	(void)state;
	assert_int_equal(due_asked(0, CASE_DO_ESCALATE, &now, 60000), 60000);
	assert_int_equal(due_asked(60000, CASE_DO_CLAIM, &now, 120000), 60000);
	assert_int_equal(due_asked(60000, CASE_DO_NOTE, &now, 120000), 60000);
	now.state = CASE_TRIAGE;
	assert_int_equal(
	    due_asked(60000, CASE_DO_DECIDE_TRIAGE, &now, 120000), 0);
}

static void quarantine_is_looked_through_each_day(void **state)
{
	(void)state;
	assert_int_equal(due_look_late_ms(5000, 4000), 0);
	assert_int_equal(due_look_late_ms(5000, 5000 + DAY_MS), 0);
	assert_int_equal(due_look_late_ms(5000, 5001 + DAY_MS), 1);
	assert_int_equal(due_look_late_ms(DUE_SEEN, 9 * DAY_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_look_is_for_what_is_there_and_not_for_what_comes_later),
		cmocka_unit_test(quarantine_is_looked_through_each_day),
		cmocka_unit_test(
		    a_supervisor_is_asked_from_then_till_it_is_decided),
		cmocka_unit_test(a_partner_has_half_an_hour_a_day_or_three),
		cmocka_unit_test(
		    what_nobody_reads_for_eight_hours_is_raised_once),
		cmocka_unit_test(
		    a_p1_calls_from_what_nobody_had_to_the_next_who_has_it),
		cmocka_unit_test(
		    words_that_come_while_somebody_has_it_call_when_nobody_has),
		cmocka_unit_test(a_clock_runs_by_priority_and_state),
		cmocka_unit_test(a_claim_that_was_not_opened_in_time_is_none),
		cmocka_unit_test(
		    a_reporter_has_a_day_where_it_is_urgent_and_else_a_week),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
