/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ask.h - one connection to a Redis or a Sentinel, for programs that
 * may wait: a command, its answer.
 *
 * Promise:   no answer takes more memory than was allowed, whoever speaks at
 *            the other end.
 * Knows not: which commands there are.
 * Runs in:   `tipline`, the desk. Every call waits, within its limit.
 * Disk:      nothing.
 */
#ifndef TL_QUEUE_ASK_H
#define TL_QUEUE_ASK_H

#include <stddef.h>

#include "base/bytes.h"
#include "queue/place.h"
#include "queue/stream_reply.h"

struct ask;

struct ask_opts {
	const struct place *place; /* all borrowed for the call */
	const char *user;
	const char *password;     /* "": none is given */
	unsigned connect_s;       /* limits of waiting */
	unsigned answer_s;        /* for a blocking read with its time */
	size_t answer_most_bytes; /* memory that one answer may take */
};

/*
 * Connect and log in. Gives *ret_ask on STREAM_FINE, with what the server says
 * it is: end it with ask_close(). STREAM_GONE: not reachable.
 */
enum stream_trouble ask_open(const struct ask_opts *opts, struct ask **ret_ask,
    enum stream_role *ret_role);

/*
 * One command, one answer, which *ret_answer borrows from *ret_reply: end
 * that with ask_done(), also after trouble, when it may be NULL. After
 * STREAM_GONE, STREAM_LATE and STREAM_BIG the connection is of no more use.
 */
enum stream_trouble ask_for(struct ask *ask, enum stream_want want,
    const struct bytes *args, size_t n, struct redisReply **ret_reply,
    struct stream_answer *ret_answer);
void ask_done(struct redisReply *reply);

/* ask_for() where the answer is only a word or a number; ret_number may be
 * NULL. */
enum stream_trouble ask_tell(struct ask *ask, enum stream_want want,
    const struct bytes *args, size_t n, uint64_t *ret_number);

/* The last entry's name that came before an answer was STREAM_BIG; "": none. */
const char *ask_last_entry(const struct ask *ask);

/* NULL is fine. */
void ask_close(struct ask *ask);

#endif
