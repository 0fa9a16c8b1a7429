/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#define ARGS_MOST 16u

struct ask {
	redisContext *redis;
	struct stream_budget budget;
};

/* hiredis' own redisCommandArgv() reads on without any limit. */
static redisReply *exchange(
    struct ask *ask, int n, const char **argv, const size_t *lens)
{
	redisContext *redis = ask->redis;
	void *reply = NULL;
	int done = 0;

	if (redisAppendCommandArgv(redis, n, argv, lens) != REDIS_OK) {
		return NULL;
	}
	while (done == 0) {
		if (redisBufferWrite(redis, &done) != REDIS_OK) {
			return NULL;
		}
	}
	while (redisGetReplyFromReader(redis, &reply) == REDIS_OK &&
	    reply == NULL) {
		if (!stream_within(redis->reader, &ask->budget) ||
		    redisBufferRead(redis) != REDIS_OK) {
			return NULL;
		}
	}
	return reply;
}

enum stream_trouble ask_for(struct ask *ask, enum stream_want want,
    const struct bytes *args, size_t n, redisReply **ret_reply,
    struct stream_answer *ret_answer)
{
	const char *argv[ARGS_MOST];
	size_t lens[ARGS_MOST];

	*ret_reply = NULL;
	if (n > ARGS_MOST) {
		return STREAM_ERROR;
	}
	for (size_t i = 0; i < n; i++) {
		argv[i] = (const char *)args[i].at;
		lens[i] = args[i].len;
	}
	ask->budget.last_entry[0] = '\0';
	*ret_reply = exchange(ask, (int)n, argv, lens);
	if (ask->budget.over) {
		return STREAM_BIG;
	}
	if (*ret_reply == NULL && ask->redis->err == REDIS_ERR_IO &&
	    errno == EAGAIN) {
		return STREAM_LATE;
	}
	return stream_check(*ret_reply, want, ret_answer);
}

void ask_done(redisReply *reply)
{
	if (reply != NULL) {
		freeReplyObject(reply);
	}
}

enum stream_trouble ask_tell(struct ask *ask, enum stream_want want,
    const struct bytes *args, size_t n, uint64_t *ret_number)
{
	struct stream_answer answer = { 0 };
	redisReply *reply = NULL;
	enum stream_trouble trouble =
	    ask_for(ask, want, args, n, &reply, &answer);

	ask_done(reply);
	if (trouble == STREAM_FINE && ret_number != NULL) {
		*ret_number = answer.number;
	}
	return trouble;
}

const char *ask_last_entry(const struct ask *ask)
{
	return ask->budget.last_entry;
}

static enum stream_trouble log_in(
    struct ask *ask, const struct ask_opts *opts, enum stream_role *ret_role)
{
	const struct bytes hello[] = { bytes_str("HELLO"), bytes_str("2"),
		bytes_str("AUTH"), bytes_str(opts->user),
		bytes_str(opts->password) };
	struct stream_answer answer = { 0 };
	redisReply *reply = NULL;
	enum stream_trouble trouble = ask_for(ask, STREAM_WANT_HELLO, hello,
	    opts->password[0] == '\0' ? 2 : 5, &reply, &answer);

	ask_done(reply);
	if (trouble == STREAM_FINE) {
		*ret_role = answer.role;
	}
	return trouble;
}

enum stream_trouble ask_open(const struct ask_opts *opts, struct ask **ret_ask,
    enum stream_role *ret_role)
{
	const struct timeval connect = { .tv_sec = opts->connect_s };
	const struct timeval answer = { .tv_sec = opts->answer_s };
	const struct place *place = opts->place;
	struct ask *ask = calloc(1, sizeof(*ask));
	enum stream_trouble trouble = STREAM_GONE;

	if (ask == NULL) {
		return STREAM_GONE;
	}
	ask->redis = place->port == 0
	    ? redisConnectUnixWithTimeout(place->host, connect)
	    : redisConnectWithTimeout(place->host, place->port, connect);
	if (ask->redis == NULL || ask->redis->err != 0 ||
	    redisSetTimeout(ask->redis, answer) != REDIS_OK) {
		goto out;
	}
	ask->budget.most_bytes = opts->answer_most_bytes;
	stream_limit(ask->redis->reader, &ask->budget);
	trouble = log_in(ask, opts, ret_role);
	if (trouble == STREAM_FINE) {
		*ret_ask = ask;
		ask = NULL;
	}
out:
	ask_close(ask);
	return trouble;
}

void ask_close(struct ask *ask)
{
	if (ask != NULL) {
		if (ask->redis != NULL) {
			redisFree(ask->redis);
		}
		free(ask);
	}
}
