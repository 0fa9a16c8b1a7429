/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/cases_intruder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#define WORDS_MOST 8u

redisContext *intruder_open(const struct rig *rig)
{
	redisContext *redis = redisConnectUnix(rig->home.socket);
	FILE *file = fopen(rig->home.desk_pass, "r");
	char password[80] = "";
	redisReply *reply;

	assert_non_null(file);
	assert_int_equal(fread(password, 1, 64, file), 64);
	(void)fclose(file);
	assert_int_equal(redis->err, 0);
	reply = redisCommand(redis, "AUTH desk %s", password);
	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	freeReplyObject(reply);
	return redis;
}

static void must_be_done(redisReply *reply)
{
	assert_non_null(reply);
	assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
	freeReplyObject(reply);
}

void intruder_do(redisContext *redis, const char *command)
{
	must_be_done(redisCommand(redis, command));
}

void intruder_say(redisContext *redis, const struct bytes *words, size_t n)
{
	const char *argv[WORDS_MOST];
	size_t lens[WORDS_MOST];

	assert_true(n <= WORDS_MOST);
	for (size_t i = 0; i < n; i++) {
		argv[i] = (const char *)words[i].at;
		lens[i] = words[i].len;
	}
	must_be_done(redisCommandArgv(redis, (int)n, argv, lens));
}

void intruder_key(uint32_t n, char key[static 64])
{
	uint8_t id[CASE_ID_BYTES];
	size_t at;

	rig_id(n, id);
	at = (size_t)snprintf(key, 64, "desk:case:");
	for (size_t i = 0; i < CASE_ID_BYTES; i++) {
		at += (size_t)snprintf(key + at, 64 - at, "%02x", id[i]);
	}
}

void intruder_add(redisContext *redis, struct bytes record)
{
	const struct bytes words[] = { bytes_str("XADD"), bytes_str("events"),
		bytes_str("*"), bytes_str("r"), record };

	intruder_say(redis, words, 5);
}
