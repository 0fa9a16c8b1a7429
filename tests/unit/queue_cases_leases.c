/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases: leases and lists, which no desk signs, against who has the
 * desk's password of Redis.
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

static void put_until(redisContext *redis, uint32_t n, const char *until)
{
	char key[64];
	char command[128];

	intruder_key(n, key);
	(void)snprintf(
	    command, sizeof(command), "HSET %s until %s", key, until);
	intruder_do(redis, command);
}

/* At each case, as a desk does in turn. */
static void check(struct desk *desk)
{
	for (size_t i = 0; i < case_book_count(desk->book); i++) {
		assert_int_equal(
		    cases_check(desk->cases, 1, NULL, NULL), TL_OK);
	}
}

/* Or an alarm that the claim ended would never ring again, and a second officer
 * could have what the first is about to open. */
static void a_claim_that_was_not_opened_ends_when_it_was_said(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct case_now claim;
	char until[24];
	size_t n = 9;

	rig_make(&rig->b, 1, 1);
	claim = rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "sok"));
	put_until(redis, 1, "1000");
	assert_int_equal(rig_try(&rig->b, 1, rig_by(CASE_DO_CLAIM, "dara")).no,
	    CASE_NO_HELD);
	check(&rig->b);
	assert_int_equal(rig_get(&rig->b, 1).until_ms, claim.until_ms);
	rig_ahead_ms = CASE_LEASE_MS + 1000;
	(void)snprintf(until, sizeof(until), "%llu",
	    (unsigned long long)cases_now_ms(rig->b.cases) + CASE_LEASE_MS / 2);
	put_until(redis, 1, until);
	check(&rig->b);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_NEW);
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	redisFree(redis);
}

/* Work prolongs a lease, which is not signed each time. */
static void a_lease_that_was_moved_holds_nobody_for_long(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);

	rig_make(&rig->a, 1, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_OPEN, "sok"));
	put_until(redis, 1, "99999999999999");
	assert_string_equal(rig_get(&rig->a, 1).owner, "sok");
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "dara"));
	put_until(redis, 1, "garbage");
	assert_int_equal(
	    rig_try(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok")).no, CASE_NO_HELD);
	redisFree(redis);
}

static void what_is_no_id_is_taken_out_of_the_lists(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 0;

	rig_make(&rig->a, 1, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	intruder_do(redis, "ZADD desk:open 0 garbage 1 00 2 zz");
	intruder_do(redis, "ZADD desk:leases 0 garbage");
	for (unsigned i = 0; i <= CASES_PAGE; i++) {
		char command[80];

		(void)snprintf(command, sizeof(command),
		    "ZADD desk:leases 0 %032x", i + 100);
		intruder_do(redis, command);
	}
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_OPEN, 0, ids, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(cases_end_leases(rig->a.cases, &n), TL_OK);
	assert_int_equal(n, 0);
	assert_int_equal(cases_release_unread(rig->a.cases, "sok", &n), TL_OK);
	assert_int_equal(n, 1);
	redisFree(redis);
}

static void leases_that_last_for_ever_are_none_of_an_officers_five(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);

	rig_make(&rig->a, 1, 3);
	intruder_do(redis,
	    "ZADD desk:held:sok 99999999999999 a 99999999999999 b"
	    " 99999999999999 c 99999999999999 d 99999999999999 e");
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	redisFree(redis);
}

static void a_lease_ends_that_is_in_no_list(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	size_t n = 9;

	rig_make(&rig->b, 1, 1);
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "sok"));
	intruder_do(redis, "DEL desk:leases");
	check(&rig->b);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_CLAIMED);
	rig_ahead_ms = 2 * CASE_LEASE_MS;
	assert_int_equal(cases_end_leases(rig->b.cases, &n), TL_OK);
	assert_int_equal(n, 0);
	check(&rig->b);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_NEW);
	assert_string_equal(rig_get(&rig->b, 1).owner, "");
	redisFree(redis);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_claim_that_was_not_opened_ends_when_it_was_said),
		RIG(a_lease_that_was_moved_holds_nobody_for_long),
		RIG(what_is_no_id_is_taken_out_of_the_lists),
		RIG(leases_that_last_for_ever_are_none_of_an_officers_five),
		RIG(a_lease_ends_that_is_in_no_list),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name(
	    "queue/forged leases", tests, NULL, NULL);
}
