/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/relay_rig.h - a relay in a time of its own, with what it did
 * written down. What does not hold fails the cmocka test that asked.
 */
#ifndef TL_TESTS_LIB_RELAY_RIG_H
#define TL_TESTS_LIB_RELAY_RIG_H

#include "base/buf.h"
#include "queue/rank.h"
#include "queue/relay.h"

#define RELAY_RIG_SEEN   4096
#define RELAY_RIG_MEMORY (UINT64_C(1) << 30)

/* A relay, its time, and what it did since it was last asked. */
struct relay_rig {
	struct relay *relay;
	struct relay_opts opts;
	uint64_t now_ms;
	uint32_t random;
	struct buf lent; /* body of the last LENT frame */
	enum relay_do did[RELAY_RIG_SEEN];
	enum stream_of did_of[RELAY_RIG_SEEN];
	size_t n;
	uint8_t added[RELAY_RIG_SEEN]; /* first byte of each id sent */
	size_t n_added;
	uint8_t again[RELAY_RIG_SEEN]; /* the same, asked for again */
	size_t n_again;
	unsigned took; /* of the last TAKE */
	enum rank took_last;
	size_t n_takes;
	enum log_event said[64];
	long long said_a[64];
	size_t n_said;
	long long wait_ms;     /* of the last WAIT */
	uint32_t sealed_bytes; /* of each record that is lent */
	uint64_t used_bytes;   /* what Redis says when it is asked */
	bool mute;             /* it does not say anything */
	struct relay_action last;
};

/* For relay_opts; arg is the rig. */
uint32_t relay_rig_random_below(uint32_t n, void *arg);

/* Write down what it does now. */
void relay_rig_drain(struct relay_rig *rig);

/* Begin to write down anew. */
void relay_rig_forget_seen(struct relay_rig *rig);

/* Since forget_seen() it has done that; */
bool relay_rig_did(const struct relay_rig *rig, enum relay_do what);

/* READ or REWIND of one of the two; */
bool relay_rig_did_of(
    const struct relay_rig *rig, enum relay_do what, enum stream_of of);

/* told that. */
bool relay_rig_said(const struct relay_rig *rig, enum log_event event);

/* Anew, with rig->opts. */
void relay_rig_make(struct relay_rig *rig);

/* For cmocka. */
int relay_rig_set_up(void **state);
int relay_rig_tear_down(void **state);

/* So much time is gone; */
void relay_rig_pass(struct relay_rig *rig, uint64_t ms);

/* with a tick whenever it is wanted. */
void relay_rig_live(struct relay_rig *rig, uint64_t ms);

/* A reading of both streams ends; bad entries are no receipts. */
void relay_rig_end_reads(struct relay_rig *rig, size_t bad);

/* What others say to it. */
void relay_rig_redis_up(struct relay_rig *rig);
void relay_rig_spool_up(struct relay_rig *rig);
void relay_rig_frame(
    struct relay_rig *rig, enum frame_type type, const void *body, size_t len);

/* A LENT frame, record by record; names are two bytes of an id. */
void relay_rig_lent_begin(struct relay_rig *rig, uint8_t n);
void relay_rig_lent_put_rank(
    struct relay_rig *rig, unsigned name, enum rank rank);
void relay_rig_lent_put(struct relay_rig *rig, unsigned name, bool urgent);
void relay_rig_lent_end(struct relay_rig *rig);
void relay_rig_lend_nothing(struct relay_rig *rig);
void relay_rig_lend_one(struct relay_rig *rig, unsigned name, bool urgent);
void relay_rig_added(struct relay_rig *rig, size_t n);

/* Of a record; and what the spool says of it. */
void relay_rig_receipt(struct relay_rig *rig, unsigned name);
void relay_rig_forgotten(struct relay_rig *rig, unsigned name, uint8_t how);
struct relay_counts relay_rig_counts(const struct relay_rig *rig);

/* Both up, the spool asked and empty. */
void relay_rig_begin(struct relay_rig *rig);

/* Redis' reading ends in time, and the spool says when it has nothing. */
void relay_rig_read_end(struct relay_rig *rig);

/* The spool has one record that waits. */
void relay_rig_waiting(struct relay_rig *rig);

/* Lend what it has asked for by name, as if of that rank. */
void relay_rig_lend_asked(struct relay_rig *rig, enum rank rank);

#endif
