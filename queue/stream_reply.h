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
#include "queue/stream.h"

#define STREAM_ENTRY_BYTES 42u /* two numbers of 64 bits, "-", end */

struct redisReply;
struct redisReader;

/*
 * Let no array be longer than Redis' limit for commands lets an entry be: the
 * library would make room for a length before any of its elements came.
 */
void stream_limit(struct redisReader *reader);

enum stream_want {
	STREAM_WANT_HELLO,   /* HELLO 2: role */
	STREAM_WANT_ENTRY,   /* XADD: the new entry's name */
	STREAM_WANT_NUMBER,  /* WAIT, XACK: number */
	STREAM_WANT_OK,      /* XGROUP CREATE */
	STREAM_WANT_ENTRIES, /* XREADGROUP of one stream: entries */
	STREAM_WANT_STREAMS, /* XREAD of several: then stream_of() */
	STREAM_WANT_CLAIMED, /* XAUTOCLAIM: entries, number that are gone */
	STREAM_WANT_PENDING, /* XPENDING of one entry: number of deliveries */
};

enum stream_role {
	STREAM_MASTER,
	STREAM_REPLICA,
};

/* Checked; borrows from the reply. */
struct stream_answer {
	enum stream_role role;
	uint64_t number;
	const struct redisReply *entries; /* NULL: none */
	const struct redisReply *streams; /* NULL: nothing came of any */
};

/*
 * Judge reply (NULL: the connection is gone) as the answer to what was
 * wanted. *ret_answer is written on STREAM_FINE only.
 */
enum stream_trouble stream_check(const struct redisReply *reply,
    enum stream_want want, struct stream_answer *ret_answer);

/* What an answer has of the stream called name; it may be nothing. */
struct stream_answer stream_of(
    const struct stream_answer *answer, const char *name);

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
