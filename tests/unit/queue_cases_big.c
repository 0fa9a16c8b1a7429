/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases against who has the desk's password of Redis, and puts there what
 * is larger than a desk reads: nobody's work stops by it.
 */
#include "queue/cases.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "tests/lib/cases_intruder.h"
#include "tests/lib/cases_rig.h"

#define WORD(text) bytes_str(text)

/* Beyond any answer that is read; a third of that, which the Redis that we ship
 * takes as one word; and what is too much with many of its kind. */
#define BIG_BYTES    (18u * 1024u * 1024u)
#define THIRD_BYTES  (6u * 1024u * 1024u)
#define MIDDLE_BYTES (70u * 1024u)
#define MIDDLES      300u

static uint8_t *big; /* of letters */

static struct bytes of_big(size_t len)
{
	return bytes_of(big, len);
}

/* How many were new. */
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

static void put_field(redisContext *redis, uint32_t n, const char *field)
{
	char key[64];
	struct bytes words[] = { WORD("HSET"), WORD(""), WORD(field),
		of_big(BIG_BYTES) };

	intruder_key(n, key);
	words[1] = WORD(key);
	intruder_say(redis, words, 4);
}

static void put_member(redisContext *redis, const char *list, const char *score)
{
	const struct bytes words[] = { WORD("ZADD"), WORD(list), WORD(score),
		of_big(BIG_BYTES) };

	intruder_say(redis, words, 4);
}

static void put_event(redisContext *redis)
{
	const struct bytes third = of_big(THIRD_BYTES);
	const struct bytes words[] = { WORD("XADD"), WORD("events"), WORD("*"),
		WORD("r"), third, third, third };

	intruder_say(redis, words, 7);
}

static void an_event_that_is_too_large_is_passed_over(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	const struct case_odds *odds = case_book_odds(rig->b.book);

	rig_make(&rig->a, 1, 1);
	put_event(redis);
	rig_make(&rig->a, 2, 1);
	put_event(redis);
	assert_int_equal(follow(&rig->b), 4);
	assert_int_equal(odds->events, 2);
	/* behind them all is as it was, and reading anew counts nothing */
	(void)rig_must(&rig->b, 2, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(follow(&rig->a), 1);
	rig_open_desk(rig, &rig->b, rig_other_clock);
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(odds->events, 2);
	redisFree(redis);
}

static void many_that_are_too_large_together_are_read_one_by_one(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);

	rig_make(&rig->a, 1, 1);
	assert_int_equal(follow(&rig->b), 2);
	for (unsigned i = 0; i < MIDDLES; i++) {
		intruder_add(redis, of_big(MIDDLE_BYTES));
	}
	rig_make(&rig->a, 2, 1);
	assert_int_equal(follow(&rig->b), 2);
	assert_int_equal(case_book_odds(rig->b.book)->events, MIDDLES);
	redisFree(redis);
}

static void a_case_that_is_too_large_is_put_back(void **state)
{
	static const char *const fields[] = { "r", "until", "more" };
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	const struct case_odds *odds = case_book_odds(rig->a.book);
	struct cases_outcome lost;

	for (uint32_t i = 0; i < 3; i++) {
		rig_make(&rig->a, i, 3);
		assert_int_equal(follow(&rig->b), 2);
		put_field(redis, i, fields[i]);
		/* the ledger knows; then an officer claims it, one of two */
		assert_int_equal(rig_get(&rig->b, i).state, CASE_NEW);
		(void)rig_must(&rig->a, i, rig_by(CASE_DO_CLAIM, "sok"));
		lost = rig_try(&rig->b, i, rig_by(CASE_DO_CLAIM, "dara"));
		assert_int_equal(lost.no, CASE_NO_HELD);
		assert_string_equal(lost.now.owner, "sok");
		assert_int_equal(follow(&rig->b), 1);
	}
	/* who met it first took it out; a field of no use is never read */
	assert_int_equal(
	    odds->strange_cases + case_book_odds(rig->b.book)->strange_cases,
	    2);
	assert_int_equal(cases_check(rig->a.cases, 3, NULL, NULL), TL_OK);
	redisFree(redis);
}

/* What was watched is not on another connection: nobody may go on there as if
 * it were. */
static void a_change_that_met_one_is_judged_anew(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct cases_outcome lost;

	rig_make(&rig->a, 1, 3);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	put_field(redis, 1, "r");
	lost = rig_try(&rig->a, 1, rig_by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(lost.no, CASE_NO_HELD);
	assert_string_equal(rig_get(&rig->a, 1).owner, "sok");
	assert_int_equal(case_book_odds(rig->a.book)->strange_cases, 1);
	assert_int_equal(case_book_odds(rig->a.book)->old, 1);
	redisFree(redis);
}

static void a_list_with_too_large_a_member_is_begun_anew(void **state)
{
	static const char *const lists[] = { "desk:open", "desk:done",
		"desk:leases", "desk:held:sok" };
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 9;

	rig_make(&rig->a, 1, 3);
	for (size_t i = 0; i < 4; i++) {
		put_member(redis, lists[i], "1");
	}
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_OPEN, 0, ids, &n), TL_OK);
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_DONE, 0, ids, &n), TL_OK);
	assert_int_equal(n, 0);
	put_member(redis, "desk:leases", "99999999999999");
	assert_int_equal(cases_release_unread(rig->a.cases, "sok", &n), TL_OK);
	assert_int_equal(case_book_odds(rig->a.book)->strange_lists, 3);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_OPEN, 0, ids, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(cases_end_leases(rig->a.cases, &n), TL_OK);
	redisFree(redis);
}

static int make_big(void **state)
{
	(void)state;
	big = malloc(BIG_BYTES);
	if (big == NULL) {
		return -1;
	}
	memset(big, 'x', BIG_BYTES);
	return 0;
}

static int drop_big(void **state)
{
	(void)state;
	free(big);
	return 0;
}

/* An operator's own Redis, which takes larger words. */
static int set_up_lax(void **state)
{
	struct rig *rig;
	char conf[192];
	FILE *file;

	(void)rig_set_up(state);
	rig = *state;
	redis_home_kill(&rig->home);
	(void)snprintf(conf, sizeof(conf), "%s/redis.conf", rig->home.dir);
	file = fopen(conf, "a");
	assert_non_null(file);
	assert_true(fputs("proto-max-bulk-len 64mb\n"
			  "client-query-buffer-limit 64mb\n",
			file) > 0);
	assert_int_equal(fclose(file), 0);
	redis_home_again(&rig->home);
	rig_open_desk(rig, &rig->a, NULL);
	rig_open_desk(rig, &rig->b, rig_other_clock);
	return 0;
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)
#define LAX(test) \
	cmocka_unit_test_setup_teardown(test, set_up_lax, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(an_event_that_is_too_large_is_passed_over),
		RIG(many_that_are_too_large_together_are_read_one_by_one),
		LAX(a_case_that_is_too_large_is_put_back),
		LAX(a_change_that_met_one_is_judged_anew),
		LAX(a_list_with_too_large_a_member_is_begun_anew),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name(
	    "queue/big", tests, make_big, drop_big);
}
