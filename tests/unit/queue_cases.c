/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases with a real Redis, as the user that desks have: of two who want
 * one case exactly one gets it, leases pass on, and a wiped Redis is made
 * again from the ledger.
 */
#include "queue/cases.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/cases_rig.h"

#define RACES 100

/* ---- one after the other ------------------------------------------------- */

static void a_case_goes_its_way_and_every_step_is_in_the_ledger(void **state)
{
	static const enum case_event way[] = { CASE_DO_CLAIM, CASE_DO_OPEN,
		CASE_DO_CHECK, CASE_DO_CHECKED, CASE_DO_DRAFT, CASE_DO_SUBMIT,
		CASE_DO_APPROVE, CASE_DO_ACCEPT, CASE_DO_REPORTED,
		CASE_DO_RESULT, CASE_DO_CLOSE };
	struct rig *rig = *state;
	struct ledger_counts kept;

	rig_make(&rig->a, 1, 2);
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		(void)rig_must(&rig->a, 1, rig_by(way[i], "sok"));
	}
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_CLOSED);
	assert_int_equal(rig_get(&rig->b, 1).version, 13);
	assert_string_equal(rig_get(&rig->b, 1).owner, "");
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 13);
}

static void what_is_not_there_is_said_so(void **state)
{
	struct rig *rig = *state;
	struct case_change claim = rig_by(CASE_DO_CLAIM, "sok");
	struct cases_outcome outcome;
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;

	rig_id(1, id);
	assert_int_equal(cases_get(rig->a.cases, id, &now), TL_ENOENT);
	assert_int_equal(
	    cases_change(rig->a.cases, id, &claim, &outcome), TL_ENOENT);
	rig_make(&rig->a, 1, 3);
	/* received again: a repeat changes nothing */
	assert_int_equal(rig_try(&rig->b, 1,
			     (struct case_change){ .event = CASE_DO_RECEIVE })
			     .no,
	    CASE_NO_ROW);
	claim.version = 1;
	assert_int_equal(rig_try(&rig->a, 1, claim).no, CASE_NO_CHANGED);
	claim.version = 2;
	assert_int_equal(rig_try(&rig->a, 1, claim).no, CASE_YES);
}

static void the_list_goes_by_priority_and_then_by_arrival(void **state)
{
	static const unsigned priorities[] = { 3, 1, 2, 1, 4 };
	static const uint8_t want[] = { 9, 1, 3, 2, 0, 4 };
	struct rig *rig = *state;
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 0;

	for (uint32_t i = 0; i < 5; i++) {
		rig_make(&rig->a, i, priorities[i]);
	}
	(void)rig_must(
	    &rig->a, 9, (struct case_change){ .event = CASE_DO_RECEIVE });
	assert_int_equal(
	    cases_list(rig->b.cases, CASES_OPEN, 0, ids, &n), TL_OK);
	assert_int_equal(n, sizeof(want));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ids[i][0], want[i]);
	}
	assert_int_equal(
	    cases_list(rig->b.cases, CASES_OPEN, 4, ids, &n), TL_OK);
	assert_int_equal(n, 2);
	(void)rig_must(&rig->a, 3, rig_by(CASE_DO_SUSPECT, "sok"));
	assert_int_equal(
	    cases_list(rig->b.cases, CASES_DONE, 0, ids, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0][0], 3);
}

static void a_duplicate_follows_its_target_and_makes_no_circle(void **state)
{
	struct rig *rig = *state;
	struct case_change link = rig_by(CASE_DO_LINK, "sok");
	uint8_t target[CASE_ID_BYTES];
	struct ledger_counts kept;

	rig_make(&rig->a, 1, 1);
	rig_make(&rig->a, 2, 3);
	rig_id(2, target);
	link.target = target;
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 1, link);
	assert_int_equal(rig_get(&rig->a, 1).state, CASE_DUPLICATE);
	assert_memory_equal(rig_get(&rig->a, 1).target, target, sizeof(target));
	/* it has the higher priority now, and an event that says so */
	assert_int_equal(rig_get(&rig->a, 2).priority, 1);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 7);
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLAIM, "sok"));
	rig_id(1, target);
	assert_int_equal(rig_try(&rig->a, 2, link).no, CASE_NO_TARGET);
	rig_id(77, target);
	assert_int_equal(rig_try(&rig->a, 2, link).no, CASE_NO_TARGET);
}

/* Nobody looks into what is closed, or thought to be spam. */
static void a_duplicate_of_what_is_closed_opens_it_again(void **state)
{
	struct rig *rig = *state;
	struct case_change link = rig_by(CASE_DO_LINK, "sok");
	uint8_t target[CASE_ID_BYTES];

	rig_make(&rig->a, 1, 2);
	rig_make(&rig->a, 2, 3);
	rig_make(&rig->a, 3, 4);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 3, rig_by(CASE_DO_SUSPECT, "sok"));
	link.target = target;
	rig_id(3, target);
	assert_int_equal(rig_try(&rig->a, 1, link).no, CASE_NO_TARGET);
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_OPEN, "sok"));
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLOSE, "sok"));
	rig_id(2, target);
	(void)rig_must(&rig->a, 1, link);
	assert_int_equal(rig_get(&rig->a, 2).state, CASE_NEW);
	assert_int_equal(rig_get(&rig->a, 2).priority, 2);
	assert_int_equal(rig_get(&rig->a, 2).flags, CASE_REOPENED);
}

static void an_officer_holds_five_and_any_number_of_urgent_ones(void **state)
{
	struct rig *rig = *state;

	for (uint32_t i = 0; i < 9; i++) {
		rig_make(&rig->a, i, i < 6 ? 2 : 1);
	}
	for (uint32_t i = 0; i < 5; i++) {
		(void)rig_must(&rig->a, i, rig_by(CASE_DO_CLAIM, "sok"));
	}
	assert_int_equal(
	    rig_try(&rig->b, 5, rig_by(CASE_DO_CLAIM, "sok")).no, CASE_NO_MORE);
	for (uint32_t i = 6; i < 9; i++) {
		(void)rig_must(&rig->b, i, rig_by(CASE_DO_CLAIM, "sok"));
	}
	(void)rig_must(&rig->b, 5, rig_by(CASE_DO_CLAIM, "dara"));
	(void)rig_must(&rig->a, 0, rig_by(CASE_DO_RELEASE, "sok"));
	assert_int_equal(rig_get(&rig->a, 0).state, CASE_NEW);
	(void)rig_must(&rig->a, 0, rig_by(CASE_DO_CLAIM, "sok"));
}

static void leaving_gives_back_what_was_not_read(void **state)
{
	struct rig *rig = *state;
	size_t n = 0;

	for (uint32_t i = 0; i < 3; i++) {
		rig_make(&rig->a, i, 1);
		(void)rig_must(&rig->a, i, rig_by(CASE_DO_CLAIM, "sok"));
	}
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_OPEN, "sok"));
	assert_int_equal(cases_release_unread(rig->a.cases, "sok", &n), TL_OK);
	assert_int_equal(n, 2);
	assert_int_equal(rig_get(&rig->a, 0).state, CASE_NEW);
	assert_int_equal(rig_get(&rig->a, 2).state, CASE_TRIAGE);
	assert_string_equal(rig_get(&rig->a, 2).owner, "sok");
}

/* ---- races --------------------------------------------------------------- */

/* What one desk's claim of each case came to. */
struct verdict {
	enum case_no no;
	char owner[CASE_OWNER_BYTES];
};

/* Claim case by case, each when the other is ready for it too. */
static void race(
    struct desk *desk, const char *who, int fd, struct verdict *verdicts)
{
	for (uint32_t i = 0; i < RACES; i++) {
		struct cases_outcome outcome;
		char ready = 'r';

		assert_int_equal(write(fd, &ready, 1), 1);
		assert_int_equal(read(fd, &ready, 1), 1);
		outcome = rig_try(desk, i, rig_by(CASE_DO_CLAIM, who));
		verdicts[i].no = outcome.no;
		memcpy(verdicts[i].owner, outcome.now.owner,
		    sizeof(verdicts[i].owner));
	}
}

static void run_other(struct rig *rig, int fd)
{
	struct verdict verdicts[RACES];

	/* a connection is nobody else's: this process makes its own */
	rig->b.cases = NULL;
	rig_open_desk(rig, &rig->b, rig_other_clock);
	race(&rig->b, "dara", fd, verdicts);
	_exit(
	    write(fd, verdicts, sizeof(verdicts)) == sizeof(verdicts) ? 0 : 1);
}

static void of_two_desks_exactly_one_wins_each_of_a_hundred_races(void **state)
{
	struct rig *rig = *state;
	struct verdict mine[RACES];
	struct verdict theirs[RACES];
	uint8_t *at = (uint8_t *)theirs;
	unsigned won = 0;
	int fds[2];
	int status = -1;
	pid_t pid;

	for (uint32_t i = 0; i < RACES; i++) {
		rig_make(&rig->a, i, 1);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		run_other(rig, fds[1]);
	}
	(void)close(fds[1]);
	race(&rig->a, "sok", fds[0], mine);
	while (at < (uint8_t *)theirs + sizeof(theirs)) {
		ssize_t n = read(
		    fds[0], at, (size_t)((uint8_t *)(theirs + RACES) - at));

		assert_true(n > 0);
		at += n;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(fds[0]);
	for (size_t i = 0; i < RACES; i++) {
		bool i_won = mine[i].no == CASE_YES;

		won += i_won ? 1 : 0;
		assert_int_equal(mine[i].no, i_won ? CASE_YES : CASE_NO_HELD);
		assert_int_equal(theirs[i].no, i_won ? CASE_NO_HELD : CASE_YES);
		assert_string_equal(mine[i].owner, i_won ? "sok" : "dara");
		assert_string_equal(theirs[i].owner, mine[i].owner);
		assert_int_equal(rig_get(&rig->a, (uint32_t)i).version, 3);
	}
	print_message("%d races: %u to %u\n", RACES, won, RACES - won);
}

/* ---- leases and clocks --------------------------------------------------- */

static void the_lease_of_a_desk_that_died_passes_on(void **state)
{
	struct rig *rig = *state;
	struct cases_outcome outcome;
	size_t n = 99;

	rig_make(&rig->a, 1, 1);
	rig_make(&rig->a, 2, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_OPEN, "sok"));
	cases_close(rig->a.cases); /* killed */
	rig->a.cases = NULL;
	outcome = rig_try(&rig->b, 1, rig_by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(outcome.no, CASE_NO_HELD);
	assert_string_equal(outcome.now.owner, "sok");
	rig_ahead_ms += CASE_LEASE_MS - 5000;
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	assert_int_equal(n, 0);
	rig_ahead_ms += 10000;
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_NEW);
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "dara"));
	/* one that was read stays where it is, and may be claimed */
	assert_int_equal(rig_get(&rig->b, 2).state, CASE_TRIAGE);
	(void)rig_must(&rig->b, 2, rig_by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(rig_get(&rig->b, 2).state, CASE_TRIAGE);
}

static void who_works_keeps_the_lease_and_nobody_else_prolongs_it(void **state)
{
	struct rig *rig = *state;
	struct cases_outcome outcome;
	uint8_t id[CASE_ID_BYTES];
	struct case_now first;

	rig_id(1, id);
	rig_make(&rig->b, 1, 1);
	first = rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "sok"));
	rig_ahead_ms += CASE_LEASE_MS / 2;
	/* who has not opened it does not work on it */
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_YES);
	assert_int_equal(outcome.now.until_ms, first.until_ms);
	assert_int_equal(rig_get(&rig->b, 1).until_ms, first.until_ms);
	first = rig_must(&rig->b, 1, rig_by(CASE_DO_OPEN, "sok"));
	rig_ahead_ms += CASE_LEASE_MS / 4; /* the claim ends in a quarter */
	assert_int_equal(
	    cases_renew(rig->b.cases, id, "dara", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_NO_HELD);
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_YES);
	assert_true(
	    rig_get(&rig->b, 1).until_ms >= first.until_ms + CASE_LEASE_MS / 2);
	rig_ahead_ms += CASE_LEASE_MS + 1000;
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_NO_HOLDER);
}

static void desks_with_any_clock_agree_on_who_holds_it(void **state)
{
	static const uint64_t aheads[] = { 0, UINT64_C(86400000),
		UINT64_C(400000000000) };
	struct rig *rig = *state;

	for (uint32_t i = 0; i < 3; i++) {
		struct case_now now;

		rig_ahead_ms = aheads[i];
		rig_open_desk(rig, &rig->b, rig_other_clock);
		rig_make(&rig->a, i, 1);
		now = rig_must(&rig->a, i, rig_by(CASE_DO_CLAIM, "sok"));
		assert_true(case_is_held(&now, cases_now_ms(rig->b.cases)));
		assert_in_range(now.until_ms - cases_now_ms(rig->b.cases),
		    CASE_LEASE_MS - 10000, CASE_LEASE_MS + 10000);
		assert_int_equal(
		    rig_try(&rig->b, i, rig_by(CASE_DO_CLAIM, "dara")).no,
		    CASE_NO_HELD);
	}
}

static void a_take_over_needs_a_reason_and_the_loser_learns_of_it(void **state)
{
	struct rig *rig = *state;
	struct case_change over = rig_by(CASE_DO_TAKE_OVER, "dara");
	struct case_change work = rig_by(CASE_DO_OPEN, "sok");

	rig_make(&rig->a, 1, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	over.note = bytes_of(NULL, 0);
	assert_int_equal(rig_try(&rig->b, 1, over).no, CASE_NO_REASON);
	over.note = bytes_str("at the hospital");
	(void)rig_must(&rig->b, 1, over);
	work.supervisor = false;
	assert_int_equal(rig_try(&rig->a, 1, work).no, CASE_NO_HELD);
	assert_string_equal(rig_try(&rig->a, 1, work).now.owner, "dara");
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_case_goes_its_way_and_every_step_is_in_the_ledger),
		RIG(what_is_not_there_is_said_so),
		RIG(the_list_goes_by_priority_and_then_by_arrival),
		RIG(a_duplicate_follows_its_target_and_makes_no_circle),
		RIG(a_duplicate_of_what_is_closed_opens_it_again),
		RIG(an_officer_holds_five_and_any_number_of_urgent_ones),
		RIG(leaving_gives_back_what_was_not_read),
		RIG(of_two_desks_exactly_one_wins_each_of_a_hundred_races),
		RIG(the_lease_of_a_desk_that_died_passes_on),
		RIG(who_works_keeps_the_lease_and_nobody_else_prolongs_it),
		RIG(desks_with_any_clock_agree_on_who_holds_it),
		RIG(a_take_over_needs_a_reason_and_the_loser_learns_of_it),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name("queue/cases", tests, NULL, NULL);
}
