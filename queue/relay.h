/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay.h - what the relay does next: records out, receipts back.
 *
 * Promise:   a record that the spool has is sent to Redis again and again
 *            until the spool has forgotten it. Nothing that Redis says makes
 *            anybody forget anything. It remembers ids, never bodies. Mail is
 *            handed to the spool as it comes, and all of it after each
 *            connection; which of it is new is the spool's business.
 * Knows not: sockets, event loops, the clock, keys.
 * Runs in:   tipline-relay. Pure: what happened goes in with the time,
 *            what is to be done comes out.
 * Disk:      nothing. After a start it knows nothing and drives everything.
 *
 * After each event the caller does all that relay_next() gives it, at once
 * and in that order. The rules and their reasons: docs/QUEUE.md, "Relay".
 */
#ifndef TL_QUEUE_RELAY_H
#define TL_QUEUE_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/frame.h"
#include "base/log.h"
#include "queue/stream.h"

#define RELAY_PIPELINE 128u /* records asked of the spool at once */

struct relay;

struct relay_opts {
	uint64_t delay_min_ms; /* how long a record that is not urgent waits, */
	uint64_t delay_max_ms; /* at random; max 0: not at all */
	uint64_t again_ms;     /* no receipt: send again, first after this */
	uint64_t again_urgent_ms;
	unsigned credit;       /* records in hand at most, 1 to 1,000,000 */
	uint64_t memory_bytes; /* that Redis may use: its maxmemory */
	unsigned replicas;     /* that should confirm */
	uint64_t seed;         /* random */
	/* A random number below n; n > 0. Kept. */
	uint32_t (*random_below)(uint32_t n, void *arg);
	void *arg;
};

/* clang-format off */
/*        state     limit_ms  may go to */
#define RELAY_STATES(X) \
	X(FIND,     10000, RELAY_TO(CONNECT) | RELAY_TO(HOLD)) \
	X(CONNECT,   3000, RELAY_TO(DRIVE) | RELAY_TO(HOLD)) \
	X(DRIVE,        0, RELAY_TO(HOLD)) \
	X(HOLD,         0, RELAY_TO(FIND))
/* clang-format on */
#define RELAY_STATE_ENUM(name, limit_ms, may) RELAY_##name,
enum relay_state { RELAY_STATES(RELAY_STATE_ENUM) };
#undef RELAY_STATE_ENUM

/* Gives *ret_relay: end it with relay_free(). It wants to find Redis at once.
 * TL_EINVAL for opts out of range, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err relay_new(
    const struct relay_opts *opts, uint64_t now_ms, struct relay **ret_relay);
void relay_free(struct relay *relay);

/* ---- what happened ---------------------------------------------------- */

/* relay_due_ms() has come; too early or too often is harmless. */
void relay_tick(struct relay *relay, uint64_t now_ms);
void relay_spool_up(struct relay *relay, uint64_t now_ms);
void relay_spool_lost(struct relay *relay, uint64_t now_ms);
/* Borrows frame until all that relay_next() gives has been done. */
void relay_spool_frame(
    struct relay *relay, uint64_t now_ms, const struct frame *frame);
/* RELAY_DO_FIND: the address is known; same: it is that of the last time. */
void relay_found(struct relay *relay, uint64_t now_ms, bool same);
/* Another server is the master now. */
void relay_moved(struct relay *relay, uint64_t now_ms);
/* client: the number that it gave the connection, higher with each. */
void relay_redis_up(struct relay *relay, uint64_t now_ms, uint64_t client);
void relay_redis_lost(
    struct relay *relay, uint64_t now_ms, enum stream_trouble why);
/* The oldest RELAY_DO_ADD, _WAIT, _MEASURE, _READ has its answer. */
void relay_redis_added(struct relay *relay, uint64_t now_ms);
void relay_redis_waited(
    struct relay *relay, uint64_t now_ms, unsigned replicas);
/* Bytes of memory that it uses; 0: it does not say. */
void relay_redis_measured(
    struct relay *relay, uint64_t now_ms, uint64_t used_bytes);
void relay_redis_receipt(
    struct relay *relay, uint64_t now_ms, const struct stream_receipt *receipt);
/* Borrows mail until all that relay_next() gives has been done. */
void relay_redis_mail(struct relay *relay, uint64_t now_ms, struct bytes mail);
void relay_redis_read(
    struct relay *relay, uint64_t now_ms, enum stream_of of, size_t bad);

/* ---- what to do ------------------------------------------------------- */

enum relay_do {
	RELAY_DO_FIND,    /* find Redis, then relay_found() */
	RELAY_DO_CONNECT, /* stream_connect() to what was found */
	RELAY_DO_DROP,    /* stream_drop() */
	RELAY_DO_ADD,     /* stream_add() of id and sealed */
	RELAY_DO_WAIT,    /* stream_wait() of a milliseconds */
	RELAY_DO_MEASURE, /* stream_measure() */
	RELAY_DO_READ,    /* stream_await() of what of says */
	RELAY_DO_REWIND,  /* stream_rewind() of what of says */
	RELAY_DO_TELL,    /* say frame and body to the spool */
	RELAY_DO_CUT,     /* part with the spool and connect to it anew */
	RELAY_DO_SAY,     /* log_event() of event, a and b */
};

struct relay_action {
	enum relay_do what;
	const uint8_t *id;     /* ADD */
	struct bytes sealed;   /* ADD; both borrowed from the frame */
	enum frame_type frame; /* TELL */
	struct bytes mail;     /* TELL of MAIL: instead of body; borrowed */
	enum stream_of of;     /* READ, REWIND */
	uint8_t body[STREAM_ID_BYTES + STREAM_HASH_BYTES + STREAM_SIG_BYTES];
	size_t body_len;
	enum log_event event; /* SAY */
	long long a, b;       /* SAY; a: WAIT */
};

/* The next thing to do; false: nothing more. */
bool relay_next(struct relay *relay, struct relay_action *ret_action);

/* When relay_tick() is wanted next. */
uint64_t relay_due_ms(const struct relay *relay);

/* ---- looking at it ---------------------------------------------------- */

enum relay_state relay_state(const struct relay *relay);

struct relay_counts {
	uint64_t in_hand;   /* ids remembered now */
	uint64_t bytes;     /* of their sealed records */
	uint64_t sent;      /* records sent, each time it happened */
	uint64_t receipts;  /* handed to the spool */
	uint64_t forgotten; /* the spool has forgotten on a receipt */
	uint64_t gone;      /* receipts for what the spool has no more */
	uint64_t refused;   /* receipts that did not verify */
	uint64_t odd;       /* entries of receipts and mail that are none */
	uint64_t mail;      /* handed to the spool */
	uint64_t mail_kept; /* of it, kept now */
	uint64_t mail_bad;  /* of it, signed by no desk */
};
void relay_counts(const struct relay *relay, struct relay_counts *ret_counts);

/* How long to wait before try number tries (0, 1, ...) of anything: 0.2 s
 * doubling to 30 s, give or take a fifth. */
uint64_t relay_backoff_ms(
    unsigned tries, uint32_t (*random_below)(uint32_t n, void *arg), void *arg);

#endif
