/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/stream.h - the relay's connections to Redis, without waiting.
 *
 * Promise:   says in order what became of each command, and says so once
 *            when a connection is lost; then all are down, and nothing more
 *            comes until stream_connect().
 * Knows not: which records there are, when to try again, the spool.
 * Runs in:   tipline-relay, on its event base.
 * Disk:      nothing. The password was read before.
 *
 * Four connections add tips, one after the other; two wait for receipts and
 * for mail: a blocking read would hold up all that stands behind it.
 */
#ifndef TL_QUEUE_STREAM_H
#define TL_QUEUE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define STREAM_ID_BYTES   16u
#define STREAM_HASH_BYTES 32u
#define STREAM_SIG_BYTES  64u
/* Mail has one of two lengths: docs/FORMAT.md. */
#define STREAM_REPLY_BYTES    2200u
#define STREAM_DELETION_BYTES 112u

/* What Redis says when it does not do what it was asked. */
enum stream_trouble {
	STREAM_FINE = 0,
	STREAM_GONE,     /* no connection, or it broke */
	STREAM_LOADING,  /* it reads its data after a start */
	STREAM_READONLY, /* it is a replica */
	STREAM_REFUSED,  /* password or rights are wrong */
	STREAM_DISK,     /* MISCONF: it cannot write to its disk */
	STREAM_FULL,     /* OOM: maxmemory */
	STREAM_REPLICAS, /* NOREPLICAS: too few are connected */
	STREAM_NOGROUP,  /* the stream or its group is not there */
	STREAM_ERROR,    /* any other error */
	STREAM_GARBAGE,  /* an answer that this command cannot have */
	STREAM_LATE,     /* no answer in time; never said by Redis */
	STREAM_BIG,      /* an answer beyond all bounds; the same */
	STREAM_NOWHERE,  /* no majority of the Sentinels names a master */
	STREAM_MOVED,    /* a majority of them names another master */
};
#define STREAM_TROUBLES 15u

struct stream_receipt {
	const uint8_t *id;   /* STREAM_ID_BYTES; all borrowed for the call */
	const uint8_t *hash; /* STREAM_HASH_BYTES */
	const uint8_t *sig;  /* STREAM_SIG_BYTES */
};

/* What the relay reads. */
enum stream_of {
	STREAM_OF_RECEIPTS,
	STREAM_OF_MAIL,
};
#define STREAM_OFS 2u

/* Called from the event loop, never from within a stream_ function. */
struct stream_events {
	/* all connections are logged in, and the server is a master; client:
	 * its number for the first of them, higher with each, from 1 again
	 * after a restart */
	void (*up)(void *arg, uint64_t client);
	/* all connections are down; commands without an answer have none */
	void (*lost)(void *arg, enum stream_trouble why);
	/* the oldest stream_add() without an answer is in Redis */
	void (*added)(void *arg);
	/* the oldest stream_wait() without an answer: so many confirmed */
	void (*waited)(void *arg, unsigned replicas);
	/* a stream_measure(): bytes of memory in use; 0: it does not say */
	void (*measured)(void *arg, uint64_t used_bytes);
	void (*receipt)(void *arg, const struct stream_receipt *receipt);
	/* mail for a reporter, of a length that mail may have; borrowed */
	void (*mail)(void *arg, struct bytes mail);
	/* a stream_await() has ended; bad: entries that were not of its kind */
	void (*read)(void *arg, enum stream_of of, size_t bad);
};

struct event_base;

struct stream_opts {
	struct event_base *base;            /* kept */
	const char *user;                   /* of the ACL file; copied */
	const char *password;               /* copied, wiped at the end */
	unsigned replicas;                  /* stream_wait() asks for so many */
	const struct stream_events *events; /* kept */
	void *arg;
};

struct stream;

/* Gives *ret_stream: end it with stream_free(). Nothing is connected yet.
 * Returns TL_ETOOBIG (password), TL_ENOMEM. */
TL_MUST_CHECK enum tl_err stream_new(
    const struct stream_opts *opts, struct stream **ret_stream);

/* Connect and log in: then up() or lost(). Receipts and mail are read from the
 * very beginning of their streams again. Borrows place. */
struct place;
void stream_connect(struct stream *stream, const struct place *place);

/* Send one record. Borrows both. Answers: added() or lost(). */
void stream_add(struct stream *stream, const uint8_t id[static STREAM_ID_BYTES],
    struct bytes sealed);

/* Ask how many replicas have all that was added; Redis waits so long for all
 * of them. */
void stream_wait(struct stream *stream, unsigned limit_ms);

/* Ask how much memory is in use. One at a time. */
void stream_measure(struct stream *stream);

/* Wait up to five seconds for what comes behind what came. Answers: receipt()
 * or mail() for each, then read(). One of each at a time. */
void stream_await(struct stream *stream, enum stream_of of);

/* The next stream_await() of these begins at the very beginning. */
void stream_rewind(struct stream *stream, enum stream_of of);

/* Drop all connections without lost(). */
void stream_drop(struct stream *stream);

/* Drop, wipe, free. NULL is fine. Not from within an event. */
void stream_free(struct stream *stream);

#endif
