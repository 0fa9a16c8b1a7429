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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/redis_home.h"
#include "tests/lib/tempdir.h"
#include "tests/lib/weak_hash.h"

#define RACES 100
/* How many to wipe; CASES_MANY=5000 takes two minutes of syncs. */
#define MANY      400u
#define MANY_MOST 100000u

struct desk {
	char folder[176];
	struct ledger *ledger;
	struct cases *cases;
};

struct rig {
	struct redis_home home;
	struct desk a;
	struct desk b;
};

/* Of desk b: it may be anywhere. */
static uint64_t ahead_ms;

static uint64_t other_clock(void)
{
	return clock_mono_ms() + ahead_ms;
}

static enum tl_err seal(const uint8_t id[static CASE_ID_BYTES],
    const struct case_change *change, const struct case_now *next,
    struct buf *ret_sealed, void *arg)
{
	(void)id;
	(void)next;
	(void)arg;
	buf_put_str(ret_sealed, "sealed:");
	buf_put(ret_sealed, change->note.at, change->note.len);
	return buf_err(ret_sealed);
}

static void open_desk(
    const struct rig *rig, struct desk *desk, uint64_t (*mono_ms)(void))
{
	const struct ledger_opts ledger_opts = { .folder = desk->folder,
		.hash = weak_hash };
	struct cases_opts opts = {
		.redis = { .socket = rig->home.socket,
		    .user = "desk",
		    .password_file = rig->home.desk_pass,
		    .consumer = "desk1" },
		.seal = seal,
		.mono_ms = mono_ms,
	};
	const struct timespec moment = { .tv_nsec = 20000000 };
	struct ledger_fault fault = { 0 };
	const char *why = "";
	enum tl_err err = TL_EAGAIN;

	if (desk->ledger == NULL) {
		assert_int_equal(
		    ledger_open(&ledger_opts, &desk->ledger, &fault), TL_OK);
	}
	opts.ledger = desk->ledger;
	cases_close(desk->cases);
	desk->cases = NULL;
	for (int i = 0; i < 500 && err == TL_EAGAIN; i++) {
		err = cases_open(&opts, &desk->cases, &why);
		(void)nanosleep(&moment, NULL);
	}
	assert_int_equal(err, TL_OK);
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	redis_home_start(&rig->home);
	(void)snprintf(
	    rig->a.folder, sizeof(rig->a.folder), "%s/ledger-a", rig->home.dir);
	(void)snprintf(
	    rig->b.folder, sizeof(rig->b.folder), "%s/ledger-b", rig->home.dir);
	ahead_ms = 0;
	open_desk(rig, &rig->a, NULL);
	open_desk(rig, &rig->b, other_clock);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	cases_close(rig->a.cases);
	cases_close(rig->b.cases);
	ledger_close(rig->a.ledger);
	ledger_close(rig->b.ledger);
	redis_home_end(&rig->home);
	free(rig);
	return 0;
}

static void id_of(uint32_t n, uint8_t id[static CASE_ID_BYTES])
{
	memset(id, 0, CASE_ID_BYTES);
	memcpy(id, &n, sizeof(n));
}

static struct case_change by(enum case_event event, const char *who)
{
	return (struct case_change){ .event = event,
		.who = who,
		.second = "second",
		.supervisor = true,
		.passed = CASE_PASSED_ALL,
		.note = bytes_str("why") };
}

static struct cases_outcome try(
    struct desk *desk, uint32_t n, struct case_change change)
{
	struct cases_outcome outcome = { 0 };
	uint8_t id[CASE_ID_BYTES];

	id_of(n, id);
	assert_int_equal(
	    cases_change(desk->cases, id, &change, &outcome), TL_OK);
	return outcome;
}

static struct case_now must(
    struct desk *desk, uint32_t n, struct case_change change)
{
	struct cases_outcome outcome = try(desk, n, change);

	assert_int_equal(outcome.no, CASE_YES);
	return outcome.now;
}

/* A case that waits to be claimed. */
static void make(struct desk *desk, uint32_t n, unsigned priority)
{
	struct case_change score = { .event = CASE_DO_SCORE,
		.priority = priority };
	struct case_change receive = { .event = CASE_DO_RECEIVE };

	(void)must(desk, n, receive);
	(void)must(desk, n, score);
}

static struct case_now get(struct desk *desk, uint32_t n)
{
	struct case_now now = { 0 };
	uint8_t id[CASE_ID_BYTES];

	id_of(n, id);
	assert_int_equal(cases_get(desk->cases, id, &now), TL_OK);
	return now;
}

/* ---- one after the other ------------------------------------------------- */

static void a_case_goes_its_way_and_every_step_is_in_the_ledger(void **state)
{
	static const enum case_event way[] = { CASE_DO_CLAIM, CASE_DO_OPEN,
		CASE_DO_CHECK, CASE_DO_CHECKED, CASE_DO_DRAFT, CASE_DO_SUBMIT,
		CASE_DO_APPROVE, CASE_DO_ACCEPT, CASE_DO_REPORTED,
		CASE_DO_RESULT, CASE_DO_CLOSE };
	struct rig *rig = *state;
	uint64_t counts[CASE_STATE_MAX + 1];
	struct ledger_counts kept;

	make(&rig->a, 1, 2);
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		(void)must(&rig->a, 1, by(way[i], "sok"));
	}
	assert_int_equal(get(&rig->b, 1).state, CASE_CLOSED);
	assert_int_equal(get(&rig->b, 1).version, 13);
	assert_string_equal(get(&rig->b, 1).owner, "");
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 13);
	assert_int_equal(cases_count(rig->a.cases, counts), TL_OK);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[CASE_CLOSED], 1);
	assert_int_equal(counts[CASE_NEW], 0);
}

static void what_is_not_there_is_said_so(void **state)
{
	struct rig *rig = *state;
	struct case_change claim = by(CASE_DO_CLAIM, "sok");
	struct cases_outcome outcome;
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;

	id_of(1, id);
	assert_int_equal(cases_get(rig->a.cases, id, &now), TL_ENOENT);
	assert_int_equal(
	    cases_change(rig->a.cases, id, &claim, &outcome), TL_ENOENT);
	make(&rig->a, 1, 3);
	/* received again: a repeat changes nothing */
	assert_int_equal(
	    try(&rig->b, 1, (struct case_change){ .event = CASE_DO_RECEIVE })
		.no,
	    CASE_NO_ROW);
	claim.version = 1;
	assert_int_equal(try(&rig->a, 1, claim).no, CASE_NO_CHANGED);
	claim.version = 2;
	assert_int_equal(try(&rig->a, 1, claim).no, CASE_YES);
}

static void the_list_goes_by_priority_and_then_by_arrival(void **state)
{
	static const unsigned priorities[] = { 3, 1, 2, 1, 4 };
	static const uint8_t want[] = { 9, 1, 3, 2, 0, 4 };
	struct rig *rig = *state;
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 0;

	for (uint32_t i = 0; i < 5; i++) {
		make(&rig->a, i, priorities[i]);
	}
	(void)must(
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
	(void)must(&rig->a, 3, by(CASE_DO_SUSPECT, "sok"));
	assert_int_equal(
	    cases_list(rig->b.cases, CASES_DONE, 0, ids, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0][0], 3);
}

static void a_duplicate_follows_its_target_and_makes_no_circle(void **state)
{
	struct rig *rig = *state;
	struct case_change link = by(CASE_DO_LINK, "sok");
	uint8_t target[CASE_ID_BYTES];
	struct ledger_counts kept;

	make(&rig->a, 1, 1);
	make(&rig->a, 2, 3);
	id_of(2, target);
	link.target = target;
	(void)must(&rig->a, 1, link);
	assert_int_equal(get(&rig->a, 1).state, CASE_DUPLICATE);
	assert_memory_equal(get(&rig->a, 1).target, target, sizeof(target));
	/* it has the higher priority now, and an event that says so */
	assert_int_equal(get(&rig->a, 2).priority, 1);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 6);
	id_of(1, target);
	assert_int_equal(try(&rig->a, 2, link).no, CASE_NO_TARGET);
	id_of(77, target);
	assert_int_equal(try(&rig->a, 2, link).no, CASE_NO_TARGET);
}

static void an_officer_holds_five_and_any_number_of_urgent_ones(void **state)
{
	struct rig *rig = *state;

	for (uint32_t i = 0; i < 9; i++) {
		make(&rig->a, i, i < 6 ? 2 : 1);
	}
	for (uint32_t i = 0; i < 5; i++) {
		(void)must(&rig->a, i, by(CASE_DO_CLAIM, "sok"));
	}
	assert_int_equal(
	    try(&rig->b, 5, by(CASE_DO_CLAIM, "sok")).no, CASE_NO_MORE);
	for (uint32_t i = 6; i < 9; i++) {
		(void)must(&rig->b, i, by(CASE_DO_CLAIM, "sok"));
	}
	(void)must(&rig->b, 5, by(CASE_DO_CLAIM, "dara"));
	(void)must(&rig->a, 0, by(CASE_DO_RELEASE, "sok"));
	assert_int_equal(get(&rig->a, 0).state, CASE_NEW);
	(void)must(&rig->a, 0, by(CASE_DO_CLAIM, "sok"));
}

static void leaving_gives_back_what_was_not_read(void **state)
{
	struct rig *rig = *state;
	size_t n = 0;

	for (uint32_t i = 0; i < 3; i++) {
		make(&rig->a, i, 1);
		(void)must(&rig->a, i, by(CASE_DO_CLAIM, "sok"));
	}
	(void)must(&rig->a, 2, by(CASE_DO_OPEN, "sok"));
	assert_int_equal(cases_release_unread(rig->a.cases, "sok", &n), TL_OK);
	assert_int_equal(n, 2);
	assert_int_equal(get(&rig->a, 0).state, CASE_NEW);
	assert_int_equal(get(&rig->a, 2).state, CASE_TRIAGE);
	assert_string_equal(get(&rig->a, 2).owner, "sok");
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
		outcome = try(desk, i, by(CASE_DO_CLAIM, who));
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
	open_desk(rig, &rig->b, other_clock);
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
		make(&rig->a, i, 1);
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
		assert_int_equal(get(&rig->a, (uint32_t)i).version, 3);
	}
	print_message("%d races: %u to %u\n", RACES, won, RACES - won);
}

/* ---- leases and clocks --------------------------------------------------- */

static void the_lease_of_a_desk_that_died_passes_on(void **state)
{
	struct rig *rig = *state;
	struct cases_outcome outcome;
	size_t n = 99;

	make(&rig->a, 1, 1);
	make(&rig->a, 2, 1);
	(void)must(&rig->a, 1, by(CASE_DO_CLAIM, "sok"));
	(void)must(&rig->a, 2, by(CASE_DO_CLAIM, "sok"));
	(void)must(&rig->a, 2, by(CASE_DO_OPEN, "sok"));
	cases_close(rig->a.cases); /* killed */
	rig->a.cases = NULL;
	outcome = try(&rig->b, 1, by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(outcome.no, CASE_NO_HELD);
	assert_string_equal(outcome.now.owner, "sok");
	ahead_ms += CASE_LEASE_MS - 5000;
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	assert_int_equal(n, 0);
	ahead_ms += 10000;
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(get(&rig->b, 1).state, CASE_NEW);
	(void)must(&rig->b, 1, by(CASE_DO_CLAIM, "dara"));
	/* one that was read stays where it is, and may be claimed */
	assert_int_equal(get(&rig->b, 2).state, CASE_TRIAGE);
	(void)must(&rig->b, 2, by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(get(&rig->b, 2).state, CASE_TRIAGE);
}

static void who_works_keeps_the_lease_and_nobody_else_prolongs_it(void **state)
{
	struct rig *rig = *state;
	struct cases_outcome outcome;
	uint8_t id[CASE_ID_BYTES];
	struct case_now first;

	id_of(1, id);
	make(&rig->b, 1, 1);
	first = must(&rig->b, 1, by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	assert_int_equal(outcome.now.until_ms, first.until_ms);
	ahead_ms += CASE_LEASE_MS / 2;
	assert_int_equal(
	    cases_renew(rig->b.cases, id, "dara", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_NO_HELD);
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	assert_int_equal(outcome.no, CASE_YES);
	assert_true(
	    get(&rig->b, 1).until_ms >= first.until_ms + CASE_LEASE_MS / 2);
	ahead_ms += CASE_LEASE_MS + 1000;
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

		ahead_ms = aheads[i];
		open_desk(rig, &rig->b, other_clock);
		make(&rig->a, i, 1);
		now = must(&rig->a, i, by(CASE_DO_CLAIM, "sok"));
		assert_true(case_is_held(&now, cases_now_ms(rig->b.cases)));
		assert_in_range(now.until_ms - cases_now_ms(rig->b.cases),
		    CASE_LEASE_MS - 10000, CASE_LEASE_MS + 10000);
		assert_int_equal(try(&rig->b, i, by(CASE_DO_CLAIM, "dara")).no,
		    CASE_NO_HELD);
	}
}

static void a_take_over_needs_a_reason_and_the_loser_learns_of_it(void **state)
{
	struct rig *rig = *state;
	struct case_change over = by(CASE_DO_TAKE_OVER, "dara");
	struct case_change work = by(CASE_DO_OPEN, "sok");

	make(&rig->a, 1, 1);
	(void)must(&rig->a, 1, by(CASE_DO_CLAIM, "sok"));
	over.note = bytes_of(NULL, 0);
	assert_int_equal(try(&rig->b, 1, over).no, CASE_NO_REASON);
	over.note = bytes_str("at the hospital");
	(void)must(&rig->b, 1, over);
	work.supervisor = false;
	assert_int_equal(try(&rig->a, 1, work).no, CASE_NO_HELD);
	assert_string_equal(try(&rig->a, 1, work).now.owner, "dara");
}

/* ---- following and restoring --------------------------------------------- */

struct seen {
	unsigned n;
	struct case_record last;
};

static void see(const struct case_record *record, void *arg)
{
	struct seen *seen = arg;

	seen->n++;
	seen->last = *record;
	assert_true(record->sealed.len > 7);
	assert_memory_equal(record->sealed.at, "sealed:", 7);
	seen->last.sealed = bytes_of(NULL, 0);
}

static void each_desk_sees_and_keeps_what_the_others_do(void **state)
{
	struct rig *rig = *state;
	struct seen seen = { 0 };
	struct ledger_counts kept;
	size_t n = 0;
	size_t odd = 0;

	make(&rig->a, 1, 1);
	(void)must(&rig->a, 1, by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(
	    cases_follow(rig->b.cases, 0, NULL, NULL, &n, &odd), TL_OK);
	assert_int_equal(n, 3);
	assert_int_equal(odd, 0);
	(void)must(&rig->a, 1, by(CASE_DO_OPEN, "sok"));
	assert_int_equal(
	    cases_follow(rig->b.cases, 1000, see, &seen, &n, &odd), TL_OK);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.event, CASE_DO_OPEN);
	assert_int_equal(seen.last.now.state, CASE_TRIAGE);
	ledger_counts(rig->b.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 4);
	/* from the beginning again: nothing is kept twice */
	open_desk(rig, &rig->b, other_clock);
	assert_int_equal(
	    cases_follow(rig->b.cases, 0, NULL, NULL, &n, &odd), TL_OK);
	assert_int_equal(n, 4);
	ledger_counts(rig->b.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 4);
	assert_int_equal(
	    cases_follow(rig->b.cases, 10, see, &seen, &n, &odd), TL_OK);
	assert_int_equal(n, 0);
}

/* Between EXEC and the ledger: it happened, the officer was told an error, and
 * the stream still has it. */
static void what_the_ledger_could_not_keep_is_kept_by_following(void **state)
{
	struct rig *rig = *state;
	const struct case_change claim = by(CASE_DO_CLAIM, "sok");
	struct cases_outcome outcome = { 0 };
	struct ledger_counts kept;
	struct rlimit limit;
	struct rlimit small;
	uint8_t id[CASE_ID_BYTES];
	size_t n = 0;
	size_t odd = 0;

	make(&rig->a, 1, 1);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = kept.bytes + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	id_of(1, id);
	assert_int_equal(
	    cases_change(rig->a.cases, id, &claim, &outcome), TL_EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(get(&rig->b, 1).state, CASE_CLAIMED);
	/* the desk starts again */
	ledger_close(rig->a.ledger);
	rig->a.ledger = NULL;
	open_desk(rig, &rig->a, NULL);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 2);
	assert_int_equal(
	    cases_follow(rig->a.cases, 0, NULL, NULL, &n, &odd), TL_OK);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 3);
}

/* Who writes garbage to the stream is counted and stops nothing. */
static void what_is_no_record_is_passed_over_and_counted(void **state)
{
	struct rig *rig = *state;
	char command[512];
	char password[80] = "";
	FILE *file = fopen(rig->home.desk_pass, "r");
	size_t n = 0;
	size_t odd = 0;
	int status;
	pid_t pid;

	assert_non_null(file);
	assert_int_equal(fread(password, 1, 64, file), 64);
	(void)fclose(file);
	(void)snprintf(command, sizeof(command),
	    "redis-cli -s %s --user desk --pass %s --no-auth-warning XADD"
	    " events '*' r garbage >/dev/null",
	    rig->home.socket, password);
	make(&rig->a, 1, 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execlp("sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)must(&rig->a, 1, by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(
	    cases_follow(rig->b.cases, 0, NULL, NULL, &n, &odd), TL_OK);
	assert_int_equal(n, 3);
	assert_int_equal(odd, 1);
}

/* Without a ledger there is nothing that a change could be kept in. */
static void who_only_looks_changes_nothing(void **state)
{
	struct rig *rig = *state;
	const struct cases_opts opts = {
		.redis = { .socket = rig->home.socket,
		    .user = "desk",
		    .password_file = rig->home.desk_pass,
		    .consumer = "desk9" },
	};
	const struct case_change claim = by(CASE_DO_CLAIM, "sok");
	struct cases_restored restored;
	struct cases_outcome outcome;
	struct cases *looking = NULL;
	const char *why = "";
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;

	make(&rig->a, 1, 1);
	id_of(1, id);
	assert_int_equal(cases_open(&opts, &looking, &why), TL_OK);
	assert_int_equal(cases_get(looking, id, &now), TL_OK);
	assert_int_equal(cases_change(looking, id, &claim, &outcome), TL_EPERM);
	assert_int_equal(cases_restore(looking, &restored), TL_EPERM);
	assert_int_equal(get(&rig->a, 1).state, CASE_NEW);
	cases_close(looking);
}

/* Redis without a memory: the same folder, without its files. */
static void wipe_redis(struct rig *rig)
{
	char command[256];
	int status;
	pid_t pid;

	cases_close(rig->a.cases);
	cases_close(rig->b.cases);
	rig->a.cases = rig->b.cases = NULL;
	redis_home_kill(&rig->home);
	(void)snprintf(command, sizeof(command),
	    "rm -rf '%s'/appendonlydir '%s'/data/appendonlydir '%s'/*.rdb",
	    rig->home.dir, rig->home.dir, rig->home.dir);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execlp("sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	redis_home_again(&rig->home);
	open_desk(rig, &rig->a, NULL);
	open_desk(rig, &rig->b, other_clock);
}

/* Take case n so far that all stages have some. */
static void advance(struct desk *desk, uint32_t n)
{
	static const enum case_event way[] = { CASE_DO_SCORE, CASE_DO_CLAIM,
		CASE_DO_OPEN, CASE_DO_CHECK, CASE_DO_ESCALATE,
		CASE_DO_DECIDE_REFER, CASE_DO_SUBMIT, CASE_DO_APPROVE,
		CASE_DO_ACCEPT, CASE_DO_REPORTED, CASE_DO_RESULT,
		CASE_DO_CLOSE };
	size_t steps = n % 16;
	char who[16];

	(void)snprintf(who, sizeof(who), "officer%u", n % 4999);
	(void)must(desk, n, (struct case_change){ .event = CASE_DO_RECEIVE });
	for (size_t i = 0; i < steps && i < 12; i++) {
		struct case_change change = by(way[i], who);

		change.priority = i == 0 ? 1 + n % 4 : 0;
		(void)must(desk, n, change);
	}
	if (steps == 13) {
		(void)must(desk, n, by(CASE_DO_REOPEN, who));
	} else if (steps == 14) {
		(void)must(desk, n, by(CASE_DO_WITHDRAW, who));
	} else if (steps == 15) {
		(void)must(desk, n, by(CASE_DO_PURGE, who));
	}
}

static void cases_in_every_stage_are_as_before_after_a_wipe(void **state)
{
	struct rig *rig = *state;
	const char *wanted = getenv("CASES_MANY");
	uint32_t many =
	    wanted == NULL ? MANY : (uint32_t)strtoul(wanted, NULL, 10);
	struct case_now *before = calloc(many, sizeof(*before));
	uint64_t counts[2][CASE_STATE_MAX + 1];
	uint64_t listed = 0;
	struct cases_restored restored;
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 0;

	assert_non_null(before);
	assert_in_range(many, 1, MANY_MOST);
	for (uint32_t i = 0; i < many; i++) {
		advance(&rig->a, i);
		before[i] = get(&rig->a, i);
	}
	assert_int_equal(cases_count(rig->a.cases, counts[0]), TL_OK);
	assert_int_equal(counts[0][0], many);
	wipe_redis(rig);
	assert_int_equal(cases_count(rig->a.cases, counts[1]), TL_OK);
	assert_int_equal(counts[1][0], 0);
	assert_int_equal(cases_restore(rig->a.cases, &restored), TL_OK);
	assert_int_equal(restored.made, many);
	assert_int_equal(restored.odd, 0);
	for (uint32_t i = 0; i < many; i++) {
		struct case_now after = get(&rig->b, i);

		assert_memory_equal(&after, &before[i], sizeof(after));
	}
	assert_int_equal(cases_count(rig->a.cases, counts[1]), TL_OK);
	assert_memory_equal(counts[0], counts[1], sizeof(counts[0]));
	do {
		assert_int_equal(
		    cases_list(rig->b.cases, CASES_OPEN, listed, ids, &n),
		    TL_OK);
		listed += n;
	} while (n == CASES_PAGE);
	/* once more changes nothing */
	assert_int_equal(cases_restore(rig->a.cases, &restored), TL_OK);
	assert_int_equal(restored.made, 0);
	assert_int_equal(restored.right, many);
	print_message("%u cases as before, %llu of them open\n", many,
	    (unsigned long long)listed);
	free(before);
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_case_goes_its_way_and_every_step_is_in_the_ledger),
		RIG(what_is_not_there_is_said_so),
		RIG(the_list_goes_by_priority_and_then_by_arrival),
		RIG(a_duplicate_follows_its_target_and_makes_no_circle),
		RIG(an_officer_holds_five_and_any_number_of_urgent_ones),
		RIG(leaving_gives_back_what_was_not_read),
		RIG(of_two_desks_exactly_one_wins_each_of_a_hundred_races),
		RIG(the_lease_of_a_desk_that_died_passes_on),
		RIG(who_works_keeps_the_lease_and_nobody_else_prolongs_it),
		RIG(desks_with_any_clock_agree_on_who_holds_it),
		RIG(a_take_over_needs_a_reason_and_the_loser_learns_of_it),
		RIG(each_desk_sees_and_keeps_what_the_others_do),
		RIG(what_the_ledger_could_not_keep_is_kept_by_following),
		RIG(what_is_no_record_is_passed_over_and_counted),
		RIG(who_only_looks_changes_nothing),
		RIG(cases_in_every_stage_are_as_before_after_a_wipe),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	return cmocka_run_group_tests_name("queue/cases", tests, NULL, NULL);
}
