/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay_inside.h - the inside of struct relay, for queue/relay*.c only:
 * relay.c moves it and speaks for Redis, relay_spool.c has the records and
 * the spool's frames, relay_credit.c knows how much may be in Redis,
 * relay_act.c has the list of what is to be done.
 */
#ifndef TL_QUEUE_RELAY_INSIDE_H
#define TL_QUEUE_RELAY_INSIDE_H

#include "queue/relay.h"
#include "queue/relay_table.h"

#define RELAY_AGAIN_MOST_MS (UINT64_C(6) * 3600 * 1000)
#define RELAY_FLIGHT_MAX    (4u * RELAY_PIPELINE)
/* One event makes at most: a LENT of 128 records, one action each; 128
 * AGAIN of each rank; and a few. */
#define RELAY_ACTIONS_MAX 640u

struct relay {
	struct relay_opts opts;
	struct relay_table table;
	uint64_t bytes; /* of the records in it */
	enum relay_state state;
	uint64_t since_ms;    /* entered the state */
	uint64_t deadline_ms; /* of the state; UINT64_MAX: none */
	unsigned tries;       /* of reaching Redis, without success */
	uint64_t client;      /* our number at that Redis; 0: none yet */
	bool doubtful;        /* it may have lost what it had confirmed */
	uint64_t batch_ms;    /* when the batch that is filling leaves */

	/* ids sent to Redis that it has not answered, oldest first */
	uint8_t flight[RELAY_FLIGHT_MAX][RELAY_ID_BYTES];
	uint32_t flight_weight[RELAY_FLIGHT_MAX];
	unsigned flight_at, flight_n;
	unsigned waits_open;
	bool read_open[STREAM_OFS];
	uint64_t answer_ms; /* when the last answer came or was first owed */
	uint64_t read_ms[STREAM_OFS]; /* when reading began */

	bool measure_open;
	unsigned going;       /* ranks that may be sent; 0: not measured yet */
	uint64_t measure_ms;  /* look again then */
	uint64_t used_bytes;  /* of Redis' memory; 0: it does not say */
	uint64_t beside;      /* sent, and perhaps not part of used_bytes */
	uint64_t beside_next; /* the same, of what is being measured */
	uint64_t adrift;      /* was on its way when we parted with Redis */
	uint64_t full_ms;     /* Redis was full then; 0: never */
	uint64_t held_said_ms;
	bool unmeasured_said;

	bool spool_up;
	unsigned none_of;    /* ranks below it have nothing that is not lent */
	unsigned take_open;  /* asked for so many and not answered; 0: none */
	enum rank take_last; /* of ranks up to this one */
	unsigned receipts_open; /* handed over, not answered */
	unsigned mail_open;
	uint64_t mail_again_ms; /* read all mail again then; 0: no need */
	uint64_t poll_ms;       /* then it is asked anyway */
	uint64_t spool_ms;      /* last heard of, or first owed an answer */
	/* numbers of records that it was asked to lend again */
	uint32_t asked[RANKS][RELAY_PIPELINE];
	unsigned asked_n[RANKS];

	uint64_t low_ms;      /* too few replicas since; 0: enough */
	uint64_t low_said_ms; /* 0: never */
	uint64_t look_ms;     /* next look for late receipts */
	uint64_t late_said_ms;
	struct relay_counts counts;

	struct relay_action actions[RELAY_ACTIONS_MAX];
	unsigned action_at, action_n;
};

static inline uint64_t relay_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint32_t relay_below(const struct relay *relay, uint32_t n)
{
	return relay->opts.random_below(n, relay->opts.arg);
}

static inline struct relay_record *relay_record(
    struct relay *relay, uint32_t number)
{
	return &relay->table.records[number];
}

/* ---- relay.c ----------------------------------------------------------- */

/* After each event: whatever can go on, goes on. */
void relay_drive(struct relay *relay, uint64_t now_ms);

/* It is asked something now: the time for its answer begins, unless it has. */
void relay_redis_owes(struct relay *relay, uint64_t now_ms);

/* ms, give or take a fifth. */
uint64_t relay_jitter_ms(
    uint64_t ms, uint32_t (*random_below)(uint32_t n, void *arg), void *arg);

/* ---- relay_spool.c ------------------------------------------------------ */

/* May the next records be fetched? */
bool relay_spool_may_take(const struct relay *relay);
/* Ask for what is due and, if there may be more, for what is new. */
void relay_spool_take(struct relay *relay, uint64_t now_ms);
/* When the next record is to be sent again; UINT64_MAX: none. */
uint64_t relay_spool_again_ms(const struct relay *relay);
/* When its answer is late; UINT64_MAX: it owes none. */
uint64_t relay_spool_due_ms(const struct relay *relay);
/* It is asked something now: its time begins, unless it has begun. */
void relay_spool_owes(struct relay *relay, uint64_t now_ms);
/* Part with a spool that is late; ask one now and then that is silent. */
void relay_spool_tick(struct relay *relay, uint64_t now_ms);

/* ---- relay_credit.c ----------------------------------------------------- */

/* How many records of ranks up to that one may become known. */
uint32_t relay_room_for(const struct relay *relay, enum rank rank);
/* May one of that rank go to Redis? If not, neither may those behind it. */
bool relay_may_send(const struct relay *relay, enum rank rank);
/* What a record of so many bytes may take there. */
uint32_t relay_weight(size_t bytes);
/* So much was sent. */
void relay_weigh(struct relay *relay, uint64_t now_ms, uint32_t weight);
/* Of what is on its way. */
uint64_t relay_in_flight(const struct relay *relay);
/* Ask how full Redis is, if that is not asked already. */
void relay_measure(struct relay *relay, uint64_t now_ms);

/* ---- relay_act.c -------------------------------------------------------- */

/* Append something to do; the caller fills what belongs to it. */
struct relay_action *relay_act(struct relay *relay, enum relay_do what);
void relay_say(
    struct relay *relay, enum log_event event, long long a, long long b);
struct relay_action *relay_tell(struct relay *relay, enum frame_type frame);
/* Append to the body of what relay_tell() gave. */
void relay_act_put(
    struct relay_action *action, const uint8_t *bytes, size_t len);

#endif
