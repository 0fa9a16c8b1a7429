/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases: each desk keeps what all of them do, and from that alone a
 * wiped Redis is made again.
 */
#include "queue/cases.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/cases_rig.h"

/* How many to wipe; CASES_MANY=5000 takes two minutes of syncs. */
#define MANY      400u
#define MANY_MOST 100000u

/* ---- following and restoring --------------------------------------------- */

/* Reads all there is; how many were new to the ledger. */
static size_t follow(struct desk *desk)
{
	bool is_all = false;
	size_t n = 0, all = 0;

	while (!is_all) {
		assert_int_equal(cases_follow(desk->cases, &n, &is_all), TL_OK);
		all += n;
	}
	return all;
}

static void each_desk_sees_and_keeps_what_the_others_do(void **state)
{
	struct rig *rig = *state;
	struct ledger_counts kept;
	bool is_all = false;
	size_t n = 0;

	rig_make(&rig->a, 1, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(rig->a.kept.n, 3); /* its own, each once */
	assert_int_equal(follow(&rig->a), 0);
	assert_int_equal(rig->a.kept.n, 3);
	assert_int_equal(follow(&rig->b), 3);
	assert_int_equal(case_book_odds(rig->b.book)->events, 0);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_OPEN, "sok"));
	assert_int_equal(follow(&rig->b), 1);
	assert_int_equal(rig->b.kept.n, 4);
	assert_int_equal(rig->b.kept.last.event, CASE_DO_OPEN);
	assert_int_equal(rig->b.kept.last.now.state, CASE_TRIAGE);
	ledger_counts(rig->b.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 4);
	/* from the beginning again: nothing is kept, told or proved twice */
	rig_open_desk(rig, &rig->b, rig_other_clock);
	rig_proved = 0;
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(rig_proved, 0);
	assert_int_equal(rig->b.kept.n, 4);
	ledger_counts(rig->b.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 4);
	assert_int_equal(cases_follow(rig->b.cases, &n, &is_all), TL_OK);
	assert_int_equal(n, 0);
	assert_true(is_all);
}

/* As when words come to a tip that officers read at both desks: each is to tell
 * the case of them, and both did before they had heard of each other. Of two
 * events of one id each ledger kept its own, and lacked a version for good. */
static void what_has_an_id_is_done_by_one_desk_at_once(void **state)
{
	struct rig *rig = *state;
	struct case_change raise = rig_by(CASE_DO_RAISE, NULL);
	uint8_t told[CASE_ID_BYTES], other[CASE_ID_BYTES];
	struct case_now now, again;

	rig_id(77, told);
	rig_id(78, other);
	rig_make(&rig->a, 1, 2);
	assert_int_equal(follow(&rig->b), 2);
	raise.priority = 1;
	raise.event_id = told;
	now = rig_must(&rig->a, 1, raise);
	again = rig_must(&rig->b, 1, raise);
	assert_int_equal(again.version, now.version);
	assert_int_equal(again.priority, 1);
	assert_int_equal(rig->b.kept.n, 3); /* it has heard of it */
	assert_int_equal(rig->b.kept.last.now.version, now.version);
	assert_int_equal(follow(&rig->a) + follow(&rig->b), 0);
	/* what is of another id is another one */
	raise.event_id = other;
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(rig_must(&rig->b, 1, raise).version, now.version + 2);
	assert_int_equal(rig->b.kept.n, 5);
}

/* Between EXEC and the ledger: it happened, the officer was told an error, and
 * the stream still has it. */
static void what_the_ledger_could_not_keep_is_kept_by_following(void **state)
{
	struct rig *rig = *state;
	const struct case_change claim = rig_by(CASE_DO_CLAIM, "sok");
	struct cases_outcome outcome = { 0 };
	struct ledger_counts kept;
	struct rlimit limit;
	struct rlimit small;
	uint8_t id[CASE_ID_BYTES];

	rig_make(&rig->a, 1, 1);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = kept.bytes + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rig_id(1, id);
	assert_int_equal(
	    cases_change(rig->a.cases, id, &claim, &outcome), TL_EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_CLAIMED);
	/* the desk starts again */
	ledger_close(rig->a.ledger);
	rig->a.ledger = NULL;
	rig_open_desk(rig, &rig->a, NULL);
	ledger_counts(rig->a.ledger, &kept);
	assert_int_equal(kept.records[LEDGER_EVENT], 2);
	assert_int_equal(follow(&rig->a), 1);
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
	int status;
	pid_t pid;

	assert_non_null(file);
	assert_int_equal(fread(password, 1, 64, file), 64);
	(void)fclose(file);
	(void)snprintf(command, sizeof(command),
	    "redis-cli -s %s --user desk --pass %s --no-auth-warning XADD"
	    " events '*' r garbage >/dev/null",
	    rig->home.socket, password);
	rig_make(&rig->a, 1, 1);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execlp("sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(follow(&rig->b), 3);
	assert_int_equal(case_book_odds(rig->b.book)->events, 1);
	/* however often it is read */
	rig_open_desk(rig, &rig->b, rig_other_clock);
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(case_book_odds(rig->b.book)->events, 1);
}

/* Each connection leaves an entry that only told the time. */
static void entries_of_no_record_do_not_hide_what_is_behind_them(void **state)
{
	struct rig *rig = *state;

	rig_make(&rig->a, 1, 1);
	assert_int_equal(follow(&rig->b), 2);
	for (int i = 0; i < 300; i++) {
		rig_open_desk(rig, &rig->a, NULL);
	}
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(follow(&rig->b), 1);
	assert_int_equal(follow(&rig->b), 0);
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
		.book = rig->b.book,
		.trust = rig_trust(),
	};
	const struct case_change claim = rig_by(CASE_DO_CLAIM, "sok");
	struct cases_restored restored;
	struct cases_outcome outcome;
	struct cases *looking = NULL;
	const char *why = "";
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;

	rig_make(&rig->a, 1, 1);
	rig_id(1, id);
	assert_int_equal(cases_open(&opts, &looking, &why), TL_OK);
	assert_int_equal(cases_get(looking, id, &now), TL_OK);
	assert_int_equal(cases_change(looking, id, &claim, &outcome), TL_EPERM);
	assert_int_equal(cases_restore(looking, &restored), TL_EPERM);
	assert_int_equal(rig_get(&rig->a, 1).state, CASE_NEW);
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
	rig_open_desk(rig, &rig->a, NULL);
	rig_open_desk(rig, &rig->b, rig_other_clock);
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
	(void)rig_must(
	    desk, n, (struct case_change){ .event = CASE_DO_RECEIVE });
	for (size_t i = 0; i < steps && i < 12; i++) {
		struct case_change change = rig_by(way[i], who);

		change.priority = i == 0 ? 1 + n % 4 : 0;
		(void)rig_must(desk, n, change);
	}
	if (steps == 13) {
		(void)rig_must(desk, n, rig_by(CASE_DO_REOPEN, who));
	} else if (steps == 14) {
		(void)rig_must(desk, n, rig_by(CASE_DO_WITHDRAW, who));
	} else if (steps == 15) {
		(void)rig_must(desk, n, rig_by(CASE_DO_PURGE, who));
	}
}

static void cases_in_every_stage_are_as_before_after_a_wipe(void **state)
{
	struct rig *rig = *state;
	const char *wanted = getenv("CASES_MANY");
	uint32_t many =
	    wanted == NULL ? MANY : (uint32_t)strtoul(wanted, NULL, 10);
	struct case_now *before = calloc(many, sizeof(*before));
	uint64_t listed = 0;
	struct cases_restored restored;
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	uint64_t now_ms;
	size_t n = 0;

	assert_non_null(before);
	assert_in_range(many, 1, MANY_MOST);
	for (uint32_t i = 0; i < many; i++) {
		advance(&rig->a, i);
		before[i] = rig_get(&rig->a, i);
	}
	wipe_redis(rig);
	now_ms = cases_now_ms(rig->a.cases);
	assert_int_equal(cases_restore(rig->a.cases, &restored), TL_OK);
	assert_int_equal(restored.made, many);
	assert_int_equal(restored.left, 0);
	assert_int_equal(restored.odd, 0);
	for (uint32_t i = 0; i < many; i++) {
		struct case_now after = rig_get(&rig->b, i);

		/* who is at work on it has time to go on */
		assert_true(after.until_ms >= before[i].until_ms);
		assert_true(
		    after.owner[0] == '\0' || case_is_held(&after, now_ms));
		after.until_ms = before[i].until_ms;
		assert_memory_equal(&after, &before[i], sizeof(after));
	}
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

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(each_desk_sees_and_keeps_what_the_others_do),
		RIG(what_has_an_id_is_done_by_one_desk_at_once),
		RIG(what_the_ledger_could_not_keep_is_kept_by_following),
		RIG(what_is_no_record_is_passed_over_and_counted),
		RIG(entries_of_no_record_do_not_hide_what_is_behind_them),
		RIG(who_only_looks_changes_nothing),
		RIG(cases_in_every_stage_are_as_before_after_a_wipe),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	return cmocka_run_group_tests_name(
	    "queue/cases_follow", tests, NULL, NULL);
}
