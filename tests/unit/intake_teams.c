/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/teams: a list counts only if a pinned identity signed it, and
 * only forwards; whatever the clock says, there is a key for each team.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"
#include "crypto/teamlist.h"
#include "server/intake/teams.h"
#include "tests/lib/tempdir.h"

#define DAY_S 86400

enum { NORTH, SOUTH, TEAMS };

static char *dir;
static uint8_t sign[TEAMS][KEY_SIGN_BYTES];
static struct teamlist lists[TEAMS];
static char list_path[TEAMS][256];
static char identity_path[TEAMS][256];
static char *list_paths[] = { list_path[NORTH], list_path[SOUTH], NULL };
static char *identity_paths[] = { identity_path[NORTH], identity_path[SOUTH],
	NULL };

static void new_public(uint8_t *public_key)
{
	struct team_key *team = NULL;
	uint8_t secret[TEAMKEY_BYTES];

	random_bytes(secret, sizeof(secret));
	assert_int_equal(teamkey_of(secret, &team), TL_OK);
	memcpy(public_key, teamkey_public(team), TEAMKEY_BYTES);
	teamkey_free(team);
}

static void save(int team, const struct teamlist *list)
{
	assert_int_equal(
	    teamlist_save(list_path[team], true, list, sign[team]), TL_OK);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	for (int i = 0; i < TEAMS; i++) {
		keyfile_new_pair(sign[i], lists[i].identity);
		(void)snprintf(
		    list_path[i], sizeof(list_path[i]), "%s/l%d", dir, i);
		(void)snprintf(identity_path[i], sizeof(identity_path[i]),
		    "%s/i%d", dir, i);
		assert_int_equal(keyfile_save(identity_path[i],
				     KEY_TEAM_IDENTITY, lists[i].identity),
		    TL_OK);
		lists[i].number = 5;
		lists[i].n = 2;
		for (size_t e = 0; e < 2; e++) {
			lists[i].epochs[e].start_s = (int64_t)(10 + e) * DAY_S;
			new_public(lists[i].epochs[e].public_key);
		}
		lists[i].end_s = (12 + i) * DAY_S;
		save(i, &lists[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static enum tl_err load(size_t n_lists, size_t n_identities,
    const struct teams *before, struct teams **ret)
{
	const struct config_intake intake = {
		.team_keys = { .items = list_paths, .n = n_lists },
		.team_identities = { .items = identity_paths,
		    .n = n_identities },
	};

	return teams_load(&intake, before, ret);
}

static void each_team_has_a_key_at_every_time(void **state)
{
	static const struct {
		int64_t day;
		size_t epoch;
		int64_t left;
	} times[] = { { 0, 1, 12 }, { 10, 0, 2 }, { 11, 1, 1 }, { 12, 1, 0 },
		{ 13, 1, -1 }, { 500, 1, -488 } };
	struct teams *teams = NULL;
	uint8_t keys[TEAMS_MAX][32];

	(void)state;
	assert_int_equal(load(2, 2, NULL, &teams), TL_OK);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t now_s = times[i].day * DAY_S;

		assert_int_equal(teams_keys(teams, now_s, keys), 2);
		for (int t = 0; t < TEAMS; t++) {
			assert_memory_equal(keys[t],
			    lists[t].epochs[times[i].epoch].public_key, 32);
		}
		assert_int_equal(teams_days_left(teams, now_s), times[i].left);
		teams_watch(teams, now_s);
		teams_watch(teams, now_s);
	}
	teams_free(teams);
	teams_free(NULL);
}

static void a_list_that_no_pinned_identity_signed_is_refused(void **state)
{
	struct teams *teams = NULL;

	(void)state;
	assert_int_equal(load(2, 1, NULL, &teams), TL_EPERM);
	assert_int_equal(load(1, 0, NULL, &teams), TL_EPERM);
	assert_null(teams);
	assert_int_equal(load(1, 1, NULL, &teams), TL_OK);
	teams_free(teams);
}

static void lists_go_forwards_only(void **state)
{
	struct teamlist changed = lists[NORTH];
	struct teams *before = NULL, *next = NULL;

	(void)state;
	assert_int_equal(load(2, 2, NULL, &before), TL_OK);
	changed.number = 4;
	save(NORTH, &changed);
	assert_int_equal(load(2, 2, before, &next), TL_ESTALE);
	/* the same number, another end */
	changed.number = 5;
	changed.end_s++;
	save(NORTH, &changed);
	assert_int_equal(load(2, 2, before, &next), TL_ESTALE);
	changed.number = 6;
	save(NORTH, &changed);
	assert_int_equal(load(2, 2, before, &next), TL_OK);
	teams_free(next);
	next = NULL;
	save(NORTH, &lists[NORTH]);
	assert_int_equal(load(2, 2, before, &next), TL_OK);
	teams_free(next);
	teams_free(before);
}

static void a_list_or_a_key_that_stands_twice_is_refused(void **state)
{
	struct teamlist changed = lists[SOUTH];
	struct teams *teams = NULL;
	char *second = list_paths[SOUTH];

	(void)state;
	list_paths[SOUTH] = list_paths[NORTH];
	assert_int_equal(load(2, 2, NULL, &teams), TL_EINVAL);
	list_paths[SOUTH] = second;
	memcpy(changed.epochs[1].public_key, lists[NORTH].epochs[0].public_key,
	    32);
	save(SOUTH, &changed);
	assert_int_equal(load(2, 2, NULL, &teams), TL_EINVAL);
	save(SOUTH, &lists[SOUTH]);
	assert_null(teams);
}

static void a_file_that_is_missing_or_damaged_is_refused(void **state)
{
	struct teams *teams = NULL;

	(void)state;
	assert_int_equal(unlink(list_path[NORTH]), 0);
	assert_int_equal(load(2, 2, NULL, &teams), TL_ENOENT);
	/* an identity in the place of a list */
	assert_int_equal(link(identity_path[NORTH], list_path[NORTH]), 0);
	assert_int_equal(load(2, 2, NULL, &teams), TL_EFORMAT);
	save(NORTH, &lists[NORTH]);
	assert_int_equal(load(2, 2, NULL, &teams), TL_OK);
	teams_free(teams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_team_has_a_key_at_every_time),
		cmocka_unit_test(
		    a_list_that_no_pinned_identity_signed_is_refused),
		cmocka_unit_test(lists_go_forwards_only),
		cmocka_unit_test(a_list_or_a_key_that_stands_twice_is_refused),
		cmocka_unit_test(a_file_that_is_missing_or_damaged_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "intake/teams", tests, set_up, tear_down);
}
