/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/stream_reply: what Redis says is believed only if it has the form
 * that the answer to this command has.
 */
#include "queue/stream_reply.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "queue/stream_password.h"
#include "tests/lib/tempdir.h"

static redisReply *reply_of(const char *resp)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	assert_non_null(reader);
	assert_int_equal(redisReaderFeed(reader, resp, strlen(resp)), REDIS_OK);
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	redisReaderFree(reader);
	return reply;
}

static const struct row {
	enum stream_want want;
	const char *resp;
	enum stream_trouble trouble;
} rows[] = {
	/* HELLO */
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HELLO,
	    "*4\r\n$1\r\nx\r\n:1\r\n$4\r\nrole\r\n$7\r\nreplica\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nrole\r\n$5\r\nslave\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nrole\r\n$5\r\nother\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nrole\r\n:1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_HELLO,
	    "*4\r\n$2\r\nid\r\n:7\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HELLO,
	    "*4\r\n$2\r\nid\r\n:-7\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_HELLO, "*1\r\n$4\r\nrole\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_HELLO, "*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_HELLO, "+OK\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HELLO, "*2\r\n$4\r\nmode\r\n$8\r\nsentinex\r\n",
	    STREAM_GARBAGE },
	/* SENTINEL get-master-addr-by-name */
	{ STREAM_WANT_PLACE, "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n6379\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_PLACE, "*2\r\n$3\r\n::1\r\n$1\r\n1\r\n", STREAM_FINE },
	{ STREAM_WANT_PLACE, "*-1\r\n", STREAM_FINE },
	{ STREAM_WANT_PLACE, "*2\r\n$4\r\nhost\r\n$4\r\n6379\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PLACE, "*2\r\n$9\r\n127.0.0.1\r\n$1\r\n0\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PLACE, "*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PLACE, "*1\r\n$9\r\n127.0.0.1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_PLACE, "$1\r\nx\r\n", STREAM_GARBAGE },
	/* SUBSCRIBE, and messages */
	{ STREAM_WANT_HEARD, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HEARD, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_HEARD, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_HEARD, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n$1\r\n1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_HEARD, "*2\r\n$7\r\nmessage\r\n$1\r\nc\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_HEARD, "+OK\r\n", STREAM_GARBAGE },
	/* XADD */
	{ STREAM_WANT_ENTRY, "$15\r\n1700000000000-0\r\n", STREAM_FINE },
	{ STREAM_WANT_ENTRY, "$3\r\n1-1\r\n", STREAM_FINE },
	{ STREAM_WANT_ENTRY, "$2\r\n1-\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\n-11\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\n11-\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$5\r\n1-1-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\nx-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\n1/1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\n1:1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$3\r\n111\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY,
	    "$42\r\n1-1111111111111111111111111111111111111111\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, "$-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRY, ":1\r\n", STREAM_GARBAGE },
	/* WAIT, XACK */
	{ STREAM_WANT_NUMBER, ":0\r\n", STREAM_FINE },
	{ STREAM_WANT_NUMBER, ":-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_NUMBER, "$1\r\n1\r\n", STREAM_GARBAGE },
	/* XGROUP CREATE */
	/* cases: MULTI, HMGET and lists, EXEC */
	{ STREAM_WANT_QUEUED, "+QUEUED\r\n", STREAM_FINE },
	{ STREAM_WANT_QUEUED, "+OK\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_QUEUED, ":1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_VALUES, "*2\r\n$1\r\na\r\n$-1\r\n", STREAM_FINE },
	{ STREAM_WANT_VALUES, "*0\r\n", STREAM_FINE },
	{ STREAM_WANT_VALUES, "*1\r\n:1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_VALUES, "*-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_EXEC, "*2\r\n:1\r\n$3\r\n1-0\r\n", STREAM_FINE },
	{ STREAM_WANT_EXEC, "*1\r\n:1\r\n", STREAM_FINE },
	{ STREAM_WANT_EXEC, "*-1\r\n", STREAM_FINE },
	{ STREAM_WANT_EXEC, "*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_EXEC, "*2\r\n-OOM x\r\n$3\r\n1-0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_EXEC, "*2\r\n-WRONGTYPE x\r\n$3\r\n1-0\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_EXEC, "+OK\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_EXEC, "-EXECABORT x\r\n", STREAM_ERROR },
	/* XINFO GROUPS */
	/* MEMORY STATS; who may not ask goes on without */
	{ STREAM_WANT_MEMORY,
	    "*4\r\n$14\r\npeak.allocated\r\n:9\r\n"
	    "$15\r\ntotal.allocated\r\n:8\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_MEMORY,
	    "*4\r\n$4\r\ndb.0\r\n*1\r\n:1\r\n"
	    "$15\r\ntotal.allocated\r\n:8\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_MEMORY, "-NOPERM this user\r\n", STREAM_FINE },
	{ STREAM_WANT_MEMORY, "-LOADING\r\n", STREAM_LOADING },
	{ STREAM_WANT_MEMORY, "*2\r\n$14\r\npeak.allocated\r\n:9\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_MEMORY, "*2\r\n$15\r\ntotal.allocated\r\n:-8\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_MEMORY, "*2\r\n$15\r\ntotal.allocated\r\n$1\r\n8\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_MEMORY, "*1\r\n$15\r\ntotal.allocated\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_MEMORY, "*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_MEMORY, ":8\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_GROUPS,
	    "*1\r\n*4\r\n$4\r\nname\r\n$1\r\ng\r\n"
	    "$17\r\nlast-delivered-id\r\n$3\r\n1-0\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_GROUPS, "*0\r\n", STREAM_FINE },
	{ STREAM_WANT_GROUPS,
	    "*1\r\n*4\r\n$4\r\nname\r\n$1\r\ng\r\n"
	    "$17\r\nlast-delivered-id\r\n$1\r\n1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_GROUPS, "*1\r\n*2\r\n$4\r\nname\r\n$1\r\ng\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_GROUPS, "*1\r\n*1\r\n$4\r\nname\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_GROUPS, "*1\r\n:1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_GROUPS, "*-1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_OK, "+OK\r\n", STREAM_FINE },
	{ STREAM_WANT_OK, "+ON\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_OK, "+OKAY\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_OK, "$2\r\nOK\r\n", STREAM_GARBAGE },
	/* XREAD, XREADGROUP */
	{ STREAM_WANT_ENTRIES, "*-1\r\n", STREAM_FINE },
	{ STREAM_WANT_ENTRIES, "*1\r\n*2\r\n$4\r\ntips\r\n*0\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*-1\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*1\r\n"
	    "$1\r\na\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n"
	    "$1\r\na\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*2\r\n$3\r\n1-1\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*2\r\n:1\r\n*-1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES,
	    "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n*1\r\n$3\r\n1-1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES, "*1\r\n*2\r\n$4\r\ntips\r\n*1\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES, "*1\r\n*2\r\n$4\r\ntips\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES, "*1\r\n*2\r\n:1\r\n*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES, "*1\r\n:1\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES,
	    "*2\r\n*2\r\n$1\r\na\r\n*0\r\n*2\r\n$1\r\nb\r\n*0\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_ENTRIES, ":1\r\n", STREAM_GARBAGE },
	/* XAUTOCLAIM */
	{ STREAM_WANT_CLAIMED, "*3\r\n$3\r\n0-0\r\n*0\r\n*1\r\n$3\r\n1-1\r\n",
	    STREAM_FINE },
	{ STREAM_WANT_CLAIMED, "*3\r\n$3\r\n0-0\r\n*0\r\n*1\r\n$1\r\nx\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_CLAIMED, "*3\r\n$3\r\n0-0\r\n*0\r\n:1\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_CLAIMED, "*3\r\n$3\r\n0-0\r\n:1\r\n*0\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_CLAIMED, "*3\r\n:1\r\n*0\r\n*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_CLAIMED, "*2\r\n$3\r\n0-0\r\n*0\r\n", STREAM_GARBAGE },
	/* XPENDING */
	{ STREAM_WANT_PENDING, "*0\r\n", STREAM_FINE },
	{ STREAM_WANT_PENDING,
	    "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:5\r\n:2\r\n", STREAM_FINE },
	{ STREAM_WANT_PENDING,
	    "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:5\r\n:-2\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PENDING,
	    "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n$1\r\n5\r\n:2\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PENDING, "*1\r\n*4\r\n$3\r\n1-1\r\n:1\r\n:5\r\n:2\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PENDING, "*1\r\n*4\r\n:1\r\n$1\r\nc\r\n:5\r\n:2\r\n",
	    STREAM_GARBAGE },
	{ STREAM_WANT_PENDING, "*1\r\n*0\r\n", STREAM_GARBAGE },
	{ STREAM_WANT_PENDING, "*2\r\n:1\r\n:1\r\n", STREAM_GARBAGE },
	/* errors, whatever was asked */
	{ STREAM_WANT_ENTRY, "-LOADING Redis is loading\r\n", STREAM_LOADING },
	{ STREAM_WANT_ENTRY, "-READONLY You can't write\r\n", STREAM_READONLY },
	{ STREAM_WANT_ENTRY, "-MASTERDOWN Link\r\n", STREAM_READONLY },
	{ STREAM_WANT_HELLO, "-WRONGPASS invalid\r\n", STREAM_REFUSED },
	{ STREAM_WANT_HELLO, "-NOAUTH\r\n", STREAM_REFUSED },
	{ STREAM_WANT_OK, "-NOPERM this user\r\n", STREAM_REFUSED },
	{ STREAM_WANT_ENTRY, "-MISCONF Errors writing\r\n", STREAM_DISK },
	{ STREAM_WANT_ENTRY, "-OOM command not allowed\r\n", STREAM_FULL },
	{ STREAM_WANT_ENTRY, "-NOREPLICAS Not enough\r\n", STREAM_REPLICAS },
	{ STREAM_WANT_ENTRIES, "-NOGROUP No such key\r\n", STREAM_NOGROUP },
	{ STREAM_WANT_ENTRY, "-ERR other\r\n", STREAM_ERROR },
	{ STREAM_WANT_ENTRY, "-OOMPH\r\n", STREAM_ERROR },
	{ STREAM_WANT_ENTRY, "-OO\r\n", STREAM_ERROR },
};

static void each_answer_is_judged_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		redisReply *reply = reply_of(rows[i].resp);
		struct stream_answer answer = { .number = 99 };

		if (stream_check(reply, rows[i].want, &answer) !=
		    rows[i].trouble) {
			fail_msg("row %zu: %s", i, rows[i].resp);
		}
		if (rows[i].trouble != STREAM_FINE) {
			assert_int_equal(answer.number, 99); /* untouched */
		}
		freeReplyObject(reply);
	}
}

static void no_answer_is_a_lost_connection(void **state)
{
	struct stream_answer answer = { .number = 99 };

	(void)state;
	assert_int_equal(
	    stream_check(NULL, STREAM_WANT_ENTRY, &answer), STREAM_GONE);
	assert_int_equal(answer.number, 99);
}

static void the_role_decides_and_numbers_are_given(void **state)
{
	struct stream_answer answer = { 0 };
	redisReply *reply = reply_of("*2\r\n$4\r\nrole\r\n$7\r\nreplica\r\n");

	(void)state;
	assert_int_equal(
	    stream_check(reply, STREAM_WANT_HELLO, &answer), STREAM_FINE);
	assert_int_equal(answer.role, STREAM_REPLICA);
	freeReplyObject(reply);
	reply = reply_of(":3\r\n");
	assert_int_equal(
	    stream_check(reply, STREAM_WANT_NUMBER, &answer), STREAM_FINE);
	assert_int_equal(answer.number, 3);
	freeReplyObject(reply);
	reply = reply_of("*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:5\r\n:7\r\n");
	assert_int_equal(
	    stream_check(reply, STREAM_WANT_PENDING, &answer), STREAM_FINE);
	assert_int_equal(answer.number, 7);
	freeReplyObject(reply);
}

static void entries_are_read_field_by_field(void **state)
{
	static const char *const right[] = { "id", "r" };
	static const char *const wrong[] = { "r", "id" };
	static const char *const more[] = { "id", "r", "x" };
	struct stream_answer answer = { 0 };
	struct bytes v[3];
	redisReply *reply = reply_of(
	    "*1\r\n*2\r\n$4\r\ntips\r\n*2\r\n"
	    "*2\r\n$3\r\n1-1\r\n*4\r\n$2\r\nid\r\n$1\r\na\r\n$1\r\nr\r\n$2\r\n"
	    "bc\r\n*2\r\n$3\r\n1-2\r\n*-1\r\n");

	(void)state;
	assert_int_equal(
	    stream_check(reply, STREAM_WANT_ENTRIES, &answer), STREAM_FINE);
	assert_int_equal(stream_entries(&answer), 2);
	assert_string_equal(stream_entry_name(&answer, 1), "1-2");
	assert_false(stream_entry_gone(&answer, 0));
	assert_true(stream_entry_gone(&answer, 1));
	assert_int_equal(stream_entry_strings(&answer, 0), 4);
	assert_true(
	    bytes_equal(stream_entry_string(&answer, 0, 3), bytes_str("bc")));
	assert_true(stream_entry_fields(&answer, 0, right, 2, v));
	assert_true(bytes_equal(v[0], bytes_str("a")));
	assert_true(bytes_equal(v[1], bytes_str("bc")));
	v[0] = bytes_str("untouched");
	assert_false(stream_entry_fields(&answer, 0, wrong, 2, v));
	assert_false(stream_entry_fields(&answer, 0, more, 3, v));
	assert_false(stream_entry_fields(&answer, 0, right, 1, v));
	assert_true(bytes_equal(v[0], bytes_str("untouched")));
	freeReplyObject(reply);
}

/* Feed resp to a reader with that budget: the answer, or NULL. */
static void *read_within(
    size_t most, const char *resp, struct stream_budget *ret_budget)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	assert_non_null(reader);
	*ret_budget = (struct stream_budget){ .most_bytes = most };
	stream_limit(reader, ret_budget);
	assert_int_equal(redisReaderFeed(reader, resp, strlen(resp)), REDIS_OK);
	(void)redisReaderGetReply(reader, &reply);
	(void)stream_within(reader, ret_budget);
	redisReaderFree(reader);
	return reply;
}

/* hiredis would make room for sixteen gigabytes before the first of them. */
static void a_giant_array_is_refused_before_its_elements_come(void **state)
{
	static const char *const giants[] = { "*2000000000\r\n",
		"*1\r\n*3145729\r\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stream_budget budget;

		assert_null(read_within(1024 * 1024, giants[i], &budget));
		assert_true(budget.over);
	}
}

static void many_small_strings_are_no_way_round_the_budget(void **state)
{
	char many[8192] = "*1000\r\n";
	struct stream_budget budget;
	void *reply;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		memcpy(many + strlen(many), "$1\r\nx\r\n", 8);
	}
	assert_null(
	    read_within(1000 * 8 + 900 * sizeof(redisReply), many, &budget));
	assert_true(budget.over);
	reply =
	    read_within(1000 * 9 + 1001 * sizeof(redisReply), many, &budget);
	assert_non_null(reply);
	assert_false(budget.over);
	freeReplyObject(reply);
}

/* A string counts when it is whole; until then what came of it does. */
static void a_string_without_end_is_seen_while_it_comes(void **state)
{
	char part[2048] = "$536870912\r\n";
	struct stream_budget budget;

	(void)state;
	memset(part + strlen(part), 'x', sizeof(part) - strlen(part) - 1);
	assert_null(read_within(4096, part, &budget));
	assert_false(budget.over);
	assert_null(read_within(1024, part, &budget));
	assert_true(budget.over);
}

static void the_entry_that_was_too_big_is_known_by_name(void **state)
{
	const char *resp = "*1\r\n*2\r\n$4\r\ntips\r\n*2\r\n"
			   "*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"
			   "*2\r\n$3\r\n2-7\r\n*2000\r\n$3\r\n9-9\r\n";
	struct stream_budget budget;

	(void)state;
	assert_null(read_within(4096, resp, &budget));
	assert_true(budget.over);
	assert_string_equal(budget.last_entry, "2-7");
}

/* ---- the password file --------------------------------------------------- */

static void a_password_is_one_line_in_a_file_of_ours(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		enum tl_err err;
	} files[] = {
		{ "secret\n", 0600, TL_OK },
		{ "secret", 0400, TL_OK },
		{ "secret\n", 0440, TL_OK },
		{ "secret\n", 0640, TL_EPERM },
		{ "secret\n", 0604, TL_EPERM },
		{ "secret\n", 0700, TL_EPERM },
		{ "", 0600, TL_EFORMAT },
		{ "\n", 0600, TL_EFORMAT },
		{ "two\nlines\n", 0600, TL_EFORMAT },
		{ "a blank", 0600, TL_EFORMAT },
		{ "\x7f", 0600, TL_EFORMAT },
		{ "caf\xc3\xa9", 0600, TL_EFORMAT },
	};
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "pass");
	char password[STREAM_PASSWORD_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = strlen(files[i].text);
		int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, files[i].text, len), len);
		assert_int_equal(fchmod(fd, files[i].mode), 0);
		assert_int_equal(close(fd), 0);
		memcpy(password, "untouched", 10);
		assert_int_equal(
		    stream_password_load(path, password), files[i].err);
		assert_string_equal(
		    password, files[i].err == TL_OK ? "secret" : "untouched");
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(stream_password_load(path, password), TL_ENOENT);
	assert_int_equal(stream_password_load(dir, password), TL_EPERM);
	assert_int_equal(symlink("x", path), 0);
	assert_int_equal(stream_password_load(path, password), TL_EPERM);
	tempdir_remove(dir);
}

static void a_password_has_a_longest_length(void **state)
{
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "pass");
	char password[STREAM_PASSWORD_BYTES];

	(void)state;
	for (size_t len = STREAM_PASSWORD_BYTES - 2;
	     len < STREAM_PASSWORD_BYTES + 3; len++) {
		char text[STREAM_PASSWORD_BYTES + 3];
		int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

		memset(text, 'x', sizeof(text));
		assert_true(fd >= 0);
		assert_int_equal(write(fd, text, len), len);
		assert_int_equal(close(fd), 0);
		assert_int_equal(stream_password_load(path, password),
		    len < STREAM_PASSWORD_BYTES ? TL_OK : TL_ETOOBIG);
	}
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_judged_as_the_table_says),
		cmocka_unit_test(no_answer_is_a_lost_connection),
		cmocka_unit_test(the_role_decides_and_numbers_are_given),
		cmocka_unit_test(entries_are_read_field_by_field),
		cmocka_unit_test(
		    a_giant_array_is_refused_before_its_elements_come),
		cmocka_unit_test(
		    many_small_strings_are_no_way_round_the_budget),
		cmocka_unit_test(a_string_without_end_is_seen_while_it_comes),
		cmocka_unit_test(the_entry_that_was_too_big_is_known_by_name),
		cmocka_unit_test(a_password_is_one_line_in_a_file_of_ours),
		cmocka_unit_test(a_password_has_a_longest_length),
	};

	return cmocka_run_group_tests_name(
	    "queue/stream_reply", tests, NULL, NULL);
}
