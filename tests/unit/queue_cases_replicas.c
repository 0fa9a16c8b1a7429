/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* queue/cases: how long a change waits for replicas, as Redis is asked. */
#include "queue/cases.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "tests/lib/cases_rig.h"

static void ask(redisContext *redis, const char *command, const char *word)
{
	redisReply *reply = redisCommand(redis, command, word);

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	freeReplyObject(reply);
}

/* Hears all that Redis is asked: as a user with all rights, who is not in the
 * shipped file. */
static redisContext *listen_to(const struct redis_home *home)
{
	redisContext *redis = redisConnectUnix(home->socket);
	FILE *file = fopen(home->admin_pass, "r");
	char password[80] = "";
	char path[256];

	assert_non_null(file);
	assert_int_equal(fread(password, 1, 64, file), 64);
	(void)fclose(file);
	(void)snprintf(path, sizeof(path), "%s/users.acl", home->dir);
	file = fopen(path, "a");
	assert_non_null(file);
	assert_true(fputs("user root on nopass ~* &* +@all\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(redis->err, 0);
	ask(redis, "AUTH admin %s", password);
	/* whoever is connected may have to come again */
	freeReplyObject(redisCommand(redis, "ACL LOAD"));
	redisFree(redis);
	redis = redisConnectUnix(home->socket);
	ask(redis, "AUTH root %s", "x");
	ask(redis, "MONITOR", NULL);
	return redis;
}

/* The next WAIT that it heard of. */
static void assert_waits(redisContext *redis, const char *words)
{
	redisReply *reply = NULL;
	bool is_it = false;

	while (!is_it) {
		assert_int_equal(
		    redisGetReply(redis, (void **)&reply), REDIS_OK);
		is_it = strstr(reply->str, "\"WAIT\"") != NULL;
		if (is_it) {
			assert_non_null(strstr(reply->str, words));
		}
		freeReplyObject(reply);
	}
}

static void a_replica_that_is_away_is_waited_for_now_and_then(void **state)
{
	struct rig *rig = *state;
	redisContext *redis;

	redis = listen_to(&rig->home);
	rig->replicas = 1;
	rig_open_desk(rig, &rig->a, NULL);
	for (uint8_t i = 0; i < 66; i++) {
		(void)rig_must(&rig->a, i, rig_by(CASE_DO_RECEIVE, ""));
	}
	for (unsigned i = 0; i < 66; i++) {
		assert_waits(redis,
		    i % 64 == 0 ? "\"WAIT\" \"1\" \"1000\""
				: "\"WAIT\" \"1\" \"20\"");
	}
	redisFree(redis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_replica_that_is_away_is_waited_for_now_and_then,
		    rig_set_up, rig_tear_down),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name(
	    "queue/cases replicas", tests, NULL, NULL);
}
