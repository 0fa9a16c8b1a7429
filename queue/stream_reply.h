/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/stream_reply.h - the one place where an answer of Redis is believed.
 *
 * Promise:   what stream_check() calls STREAM_FINE has the type, the number
 *            of elements and the sizes that the command's answer has; the
 *            rest of the code asks nothing more.
 * Knows not: connections. Pure: a reply in, a verdict out.
 *
 * Formats: Redis 7.0, RESP2.
 */
#ifndef TL_QUEUE_STREAM_REPLY_H
#define TL_QUEUE_STREAM_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "queue/place.h"
#include "queue/stream.h"

#define STREAM_ENTRY_BYTES 42u /* two numbers of 64 bits, "-", end */

struct redisReply;
struct redisReader;

/* No answer may take more memory than this. It starts at 0 with each. */
struct stream_budget {
	size_t most_bytes;
	size_t used_bytes;
	bool over; /* an answer was beyond, and its connection has ended */
	/* name of the last entry of XREAD that came, or "": where to go on
	 * behind an entry that is too big to be looked at */
	char last_entry[STREAM_ENTRY_BYTES];
};

/*
 * Let no answer grow beyond the budget, which the reader keeps. The library
 * itself knows no limit, and makes room for an array of any length before any
 * of its elements came. A string is counted when it is complete: while one is
 * on its way, stream_within() is to be asked after each read.
 */
void stream_limit(struct redisReader *reader, struct stream_budget *budget);
bool stream_within(
    const struct redisReader *reader, struct stream_budget *budget);

enum stream_want {
	STREAM_WANT_HELLO,   /* HELLO 2: role, number of the connection */
	STREAM_WANT_ENTRY,   /* XADD: the new entry's name */
	STREAM_WANT_NUMBER,  /* WAIT, XACK: number */
	STREAM_WANT_OK,      /* XGROUP CREATE */
	STREAM_WANT_ENTRIES, /* XREAD, XREADGROUP of one stream: entries */
	STREAM_WANT_CLAIMED, /* XAUTOCLAIM: entries, number that are gone */
	STREAM_WANT_PENDING, /* XPENDING of one entry: number of deliveries,
	                      * entry, if there is one */
	STREAM_WANT_PLACE,   /* SENTINEL get-master-addr-by-name: place */
	STREAM_WANT_HEARD,   /* SUBSCRIBE, and each message: heard */
	STREAM_WANT_QUEUED,  /* a command behind MULTI */
	STREAM_WANT_VALUES,  /* HMGET, HGETALL, ZRANGE: values */
	STREAM_WANT_EXEC,    /* EXEC: number of commands that were done, 0 if a
	                      * watched key had changed; entry if the last was
	                      * XADD */
	STREAM_WANT_GROUPS,  /* XINFO GROUPS: groups */
	STREAM_WANT_MEMORY, /* MEMORY STATS: number of bytes in use; 0 if we may
	                     * not ask */
};

enum stream_role {
	STREAM_MASTER,
	STREAM_REPLICA,
	STREAM_SENTINEL,
};

/* Checked; borrows from the reply. */
struct stream_answer {
	enum stream_role role;
	uint64_t number;
	const struct redisReply *entries; /* NULL: none */
	struct place place; /* host "": the Sentinel knows no such master */
	struct bytes heard; /* the message; nothing in it: subscribed */
	const struct redisReply *values; /* NULL: none */
	const struct redisReply *groups; /* NULL: none */
	const char *entry;               /* NULL: none */
	bool
	    is_strange; /* EXEC: a key was of another type; all else was done */
};

/*
 * Judge reply (NULL: the connection is gone) as the answer to what was
 * wanted. *ret_answer is written on STREAM_FINE only.
 */
enum stream_trouble stream_check(const struct redisReply *reply,
    enum stream_want want, struct stream_answer *ret_answer);

/* Is it an error that begins with this? NULL is none. */
bool stream_error_is(const struct redisReply *reply, const char *text);
/* How many groups an answer has, the name of each, the last entry that it was
 * given, and whether it was given all there are. */
size_t stream_groups(const struct stream_answer *answer);
struct bytes stream_group_name(const struct stream_answer *answer, size_t i);
const char *stream_group_given(const struct stream_answer *answer, size_t i);
bool stream_group_has_all(const struct stream_answer *answer, size_t i);

/* How many values an answer has, and each; at NULL: there is none there. */
size_t stream_values(const struct stream_answer *answer);
struct bytes stream_value(const struct stream_answer *answer, size_t i);

/* How many entries an answer has. */
size_t stream_entries(const struct stream_answer *answer);

/* Name of entry number i, which ends with a zero byte. */
const char *stream_entry_name(const struct stream_answer *answer, size_t i);

/* Entry number i was pending and has been deleted: it has no fields. */
bool stream_entry_gone(const struct stream_answer *answer, size_t i);

/* Has entry number i exactly the fields that names lists, in that order? Then
 * ret_values are their values. */
bool stream_entry_fields(const struct stream_answer *answer, size_t i,
    const char *const *names, size_t n, struct bytes *ret_values);

/* Number of fields and values of entry i together, and each of them. */
size_t stream_entry_strings(const struct stream_answer *answer, size_t i);
struct bytes stream_entry_string(
    const struct stream_answer *answer, size_t i, size_t k);

#endif
