/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "queue/relay_table.h"

#define BACKOFF_FIRST_MS 200u
#define BACKOFF_MOST_MS  30000u
/* Not sent more often than this, whatever happens to Redis. */
#define RESEND_MS     60000u
#define AGAIN_MOST_MS (UINT64_C(6) * 3600 * 1000)
#define ANSWER_MS     5000u /* XADD, WAIT */
#define READ_MS       7000u /* XREAD that waits five seconds */
#define SPOOL_MS      30000u
#define CALM_MS       30000u /* connected for so long: a success */
#define REPLICAS_MS   60000u
#define SAY_AGAIN_MS  600000u
/* It says when there is more; asking now and then costs nothing. */
#define POLL_MS        10000u
#define LATE_LOOK_MS   60000u
#define LATE_MS        900000u /* beyond the delay */
#define LATE_URGENT_MS 300000u
#define RECEIPTS_OPEN  400u /* with the spool; no more are read beyond */
#define FLIGHT_MAX     (2u * RELAY_PIPELINE)
/* One event makes at most: a LENT of 128 records, one action each; 128
 * AGAIN; and a few. */
#define ACTIONS_MAX 512u

#define RELAY_TO(name)                    (1u << RELAY_##name)
#define RELAY_STATE_ROW(name, limit, may) { (limit), (may) },
static const struct {
	uint64_t limit_ms; /* then RELAY_HOLD; 0: none, or its own */
	unsigned may_go_to;
} states[] = { RELAY_STATES(RELAY_STATE_ROW) };
#undef RELAY_STATE_ROW

struct relay {
	struct relay_opts opts;
	struct relay_table table;
	enum relay_state state;
	uint64_t since_ms;    /* entered the state */
	uint64_t deadline_ms; /* of the state; UINT64_MAX: none */
	unsigned tries;       /* of reaching Redis, without success */
	uint64_t batch_ms;    /* when the batch that is filling leaves */

	/* ids sent to Redis that it has not answered, oldest first */
	uint8_t flight[FLIGHT_MAX][RELAY_ID_BYTES];
	unsigned flight_at, flight_n;
	unsigned waits_open;
	bool read_open;
	uint64_t answer_ms; /* when the last answer came or was first owed */
	uint64_t read_ms;   /* when reading began */

	bool spool_up;
	bool spool_more;    /* it may have records that are not lent */
	unsigned take_open; /* asked for so many and not answered; 0: none */
	unsigned receipts_open;
	uint64_t poll_ms;  /* then it is asked anyway */
	uint64_t spool_ms; /* last heard of, or first owed an answer */
	/* numbers of records that it was asked to lend again */
	uint32_t asked[RELAY_PIPELINE];
	unsigned asked_n;

	uint64_t low_ms;      /* too few replicas since; 0: enough */
	uint64_t low_said_ms; /* 0: never */
	uint64_t look_ms;     /* next look for late receipts */
	uint64_t late_said_ms;
	struct relay_counts counts;

	struct relay_action actions[ACTIONS_MAX];
	unsigned action_at, action_n;
};

/* ---- small helpers ----------------------------------------------------- */

static struct relay_action *act(struct relay *relay, enum relay_do what)
{
	struct relay_action *action;

	assert(relay->action_n < ACTIONS_MAX);
	action =
	    &relay->actions[(relay->action_at + relay->action_n) % ACTIONS_MAX];
	relay->action_n++;
	memset(action, 0, sizeof(*action));
	action->what = what;
	return action;
}

static void say(
    struct relay *relay, enum log_event event, long long a, long long b)
{
	struct relay_action *action = act(relay, RELAY_DO_SAY);

	action->event = event;
	action->a = a;
	action->b = b;
}

static struct relay_action *tell(struct relay *relay, enum frame_type frame)
{
	struct relay_action *action = act(relay, RELAY_DO_TELL);

	action->frame = frame;
	return action;
}

static void put_body(
    struct relay_action *action, const uint8_t *bytes, size_t len)
{
	assert(action->body_len + len <= sizeof(action->body));
	memcpy(action->body + action->body_len, bytes, len);
	action->body_len += len;
}

static uint32_t below(const struct relay *relay, uint32_t n)
{
	return relay->opts.random_below(n, relay->opts.arg);
}

/* Give or take a fifth. */
static uint64_t jitter(
    uint64_t ms, uint32_t (*random_below)(uint32_t, void *), void *arg)
{
	uint32_t fifth = (uint32_t)(ms / 5);

	return ms - fifth + random_below(2 * fifth + 1, arg);
}

uint64_t relay_backoff_ms(
    unsigned tries, uint32_t (*random_below)(uint32_t n, void *arg), void *arg)
{
	uint64_t ms = BACKOFF_MOST_MS;

	if (tries < 8) {
		ms = (uint64_t)BACKOFF_FIRST_MS << tries;
	}
	return jitter(
	    ms < BACKOFF_MOST_MS ? ms : BACKOFF_MOST_MS, random_below, arg);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The only place that moves the relay. */
static void set_state(struct relay *relay, uint64_t now_ms, enum relay_state to)
{
	assert((states[relay->state].may_go_to & (1u << to)) != 0);
	relay->state = to;
	relay->since_ms = now_ms;
	relay->deadline_ms = states[to].limit_ms == 0
	    ? UINT64_MAX
	    : now_ms + states[to].limit_ms;
}

/* ---- records ----------------------------------------------------------- */

static struct relay_record *record(struct relay *relay, uint32_t number)
{
	return &relay->table.records[number];
}

/* When to send again what has no receipt: 10 min, 20, 40, ... 6 h. */
static uint64_t again_ms(
    const struct relay *relay, const struct relay_record *rec)
{
	uint64_t ms =
	    rec->urgent ? relay->opts.again_urgent_ms : relay->opts.again_ms;

	for (unsigned i = 1; i < rec->tries && ms < AGAIN_MOST_MS; i++) {
		ms *= 2;
	}
	return jitter(earlier(ms, AGAIN_MOST_MS), relay->opts.random_below,
	    relay->opts.arg);
}

/*
 * Records that are not urgent leave in batches, and each waits at least
 * delay_min and at most delay_max: it joins the batch that is filling if
 * that leaves late enough for it, else it begins the next one.
 */
static uint64_t batch_due_ms(struct relay *relay, uint64_t now_ms)
{
	uint64_t min = now_ms + relay->opts.delay_min_ms;
	uint64_t max = now_ms + relay->opts.delay_max_ms;

	if (relay->batch_ms < min || relay->batch_ms > max) {
		relay->batch_ms = min + below(relay, (uint32_t)(max - min) + 1);
	}
	return relay->batch_ms;
}

/* Say "lend it again", and remember that it was said. */
static void ask_again(struct relay *relay, uint32_t number)
{
	struct relay_record *rec = record(relay, number);

	assert(relay->asked_n < RELAY_PIPELINE);
	relay_table_unschedule(&relay->table, number);
	relay->asked[relay->asked_n++] = number;
	put_body(tell(relay, FRAME_AGAIN), rec->id, sizeof(rec->id));
}

/* Was it asked for? Then it no longer is. */
static bool take_asked(struct relay *relay, uint32_t number)
{
	for (unsigned i = 0; i < relay->asked_n; i++) {
		if (relay->asked[i] == number) {
			relay->asked_n--;
			relay->asked[i] = relay->asked[relay->asked_n];
			return true;
		}
	}
	return false;
}

static void forget(struct relay *relay, uint32_t number)
{
	(void)take_asked(relay, number);
	relay_table_drop(&relay->table, number);
}

static void send_record(struct relay *relay, uint64_t now_ms, uint32_t number,
    struct bytes sealed, const uint8_t *id)
{
	struct relay_record *rec = record(relay, number);
	struct relay_action *action = act(relay, RELAY_DO_ADD);
	unsigned at = (relay->flight_at + relay->flight_n) % FLIGHT_MAX;

	assert(relay->flight_n < FLIGHT_MAX);
	action->id = id;
	action->sealed = sealed;
	if (relay->flight_n == 0 && relay->waits_open == 0) {
		relay->answer_ms = now_ms;
	}
	memcpy(relay->flight[at], id, RELAY_ID_BYTES);
	relay->flight_n++;
	rec->added = false;
	rec->sent_ms = now_ms;
	rec->tries += rec->tries < UINT8_MAX ? 1 : 0;
	relay->counts.sent++;
	relay_table_schedule(
	    &relay->table, number, now_ms + again_ms(relay, rec));
}

/*
 * A record that is not known yet. With the table full the spool has more
 * than we remember, and lends at random among all: then it goes instead of
 * one that was asked for, which the spool may lend again anyway.
 */
static uint32_t learn(struct relay *relay, uint64_t now_ms, const uint8_t *id,
    bool urgent, bool *ret_instead)
{
	uint32_t number = relay_table_add(&relay->table, id);

	*ret_instead = number == RELAY_NONE;
	if (number == RELAY_NONE) {
		assert(relay->asked_n > 0);
		forget(relay, relay->asked[below(relay, relay->asked_n)]);
		number = relay_table_add(&relay->table, id);
	}
	*record(relay, number) = (struct relay_record){ .used = true,
		.heap_at = RELAY_NONE,
		.known_ms = now_ms,
		.urgent = urgent,
		.shuffle = below(relay, UINT32_MAX) };
	memcpy(record(relay, number)->id, id, RELAY_ID_BYTES);
	return number;
}

/* One record came from the spool. True if it was sent. */
static bool got_record(struct relay *relay, uint64_t now_ms, const uint8_t *id,
    bool urgent, struct bytes sealed)
{
	uint32_t number = relay_table_find(&relay->table, id);
	bool go;

	if (relay->state != RELAY_DRIVE) {
		/* Redis went while it was on its way: as if not lent */
		if (number == RELAY_NONE || take_asked(relay, number)) {
			if (number != RELAY_NONE) {
				relay_table_schedule(
				    &relay->table, number, now_ms);
			} else {
				put_body(tell(relay, FRAME_AGAIN), id,
				    RELAY_ID_BYTES);
				relay->spool_more = true;
			}
		}
		return false;
	}
	if (number == RELAY_NONE) {
		number = learn(relay, now_ms, id, urgent, &go);
		go = go || urgent || relay->opts.delay_max_ms == 0;
		if (!go) {
			relay_table_schedule(
			    &relay->table, number, batch_due_ms(relay, now_ms));
		}
	} else {
		go = take_asked(relay, number) ||
		    record(relay, number)->due_ms <= now_ms;
	}
	if (go) {
		send_record(relay, now_ms, number, sealed, id);
	}
	return go;
}

/* ---- Redis -------------------------------------------------------------- */

/*
 * Sent is not received: forget that it was sent. What Redis never confirmed
 * goes at once, what it did confirm not more often than once a minute.
 */
static void forget_sent(struct relay *relay, uint64_t now_ms)
{
	for (uint32_t i = 0; i < relay->table.cap; i++) {
		struct relay_record *rec = record(relay, i);

		if (!rec->used || rec->heap_at == RELAY_NONE ||
		    rec->sent_ms == 0) {
			continue;
		}
		relay_table_schedule(&relay->table, i,
		    rec->added ? earlier(rec->due_ms,
				     later(now_ms, rec->sent_ms + RESEND_MS))
			       : now_ms);
	}
	relay->flight_n = 0;
	relay->waits_open = 0;
	relay->read_open = false;
}

/* What an operator must know beyond "away". */
static const enum log_event trouble_events[STREAM_TROUBLES] = {
	[STREAM_LOADING] = LOG_REDIS_LOADING,
	[STREAM_READONLY] = LOG_REDIS_READONLY,
	[STREAM_REFUSED] = LOG_REDIS_REFUSED,
	[STREAM_DISK] = LOG_REDIS_DISK,
	[STREAM_FULL] = LOG_REDIS_FULL,
	[STREAM_REPLICAS] = LOG_REDIS_MIN_REPLICAS,
	[STREAM_NOGROUP] = LOG_REDIS_REPLY,
	[STREAM_ERROR] = LOG_REDIS_REPLY,
	[STREAM_GARBAGE] = LOG_REDIS_REPLY,
	[STREAM_LATE] = LOG_REDIS_LATE,
};

static void hold(struct relay *relay, uint64_t now_ms, enum stream_trouble why)
{
	uint64_t wait = relay_backoff_ms(
	    relay->tries, relay->opts.random_below, relay->opts.arg);

	/* the first tries, then about every ten minutes */
	if (relay->tries < 8 || relay->tries % 20 == 0) {
		if (trouble_events[why] != 0) {
			say(relay, trouble_events[why], (long long)why, 0);
		}
		say(relay, LOG_REDIS_LOST, (long long)wait, 0);
	}
	relay->tries++;
	forget_sent(relay, now_ms);
	set_state(relay, now_ms, RELAY_HOLD);
	relay->deadline_ms = now_ms + wait;
}

static void lost(struct relay *relay, uint64_t now_ms, enum stream_trouble why)
{
	if (relay->state != RELAY_HOLD) {
		act(relay, RELAY_DO_DROP);
		hold(relay, now_ms, why);
	}
}

static void find(struct relay *relay, uint64_t now_ms)
{
	set_state(relay, now_ms, RELAY_FIND);
	act(relay, RELAY_DO_FIND);
}

/* ---- the spool ---------------------------------------------------------- */

static void spool_gone(struct relay *relay, uint64_t now_ms)
{
	relay->spool_up = false;
	relay->spool_more = false;
	relay->take_open = 0;
	relay->receipts_open = 0;
	while (relay->asked_n > 0) {
		relay->asked_n--;
		relay_table_schedule(
		    &relay->table, relay->asked[relay->asked_n], now_ms);
	}
}

static void cut(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
	act(relay, RELAY_DO_CUT);
}

static bool got_lent(
    struct relay *relay, uint64_t now_ms, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	unsigned n = rd_u8(&rd);
	unsigned sent = 0;

	if (relay->take_open == 0 || n > relay->take_open) {
		return false;
	}
	relay->take_open = 0;
	relay->spool_more = n > 0;
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *id = rd_bytes(&rd, RELAY_ID_BYTES);
		uint8_t urgent = rd_u8(&rd);
		uint32_t len = rd_u32(&rd);
		const uint8_t *sealed = rd_bytes(&rd, len);

		if (!rd_ok(&rd) || urgent > 1) {
			return false;
		}
		sent += got_record(relay, now_ms, id, urgent == 1,
			    bytes_of(sealed, len))
		    ? 1
		    : 0;
	}
	/* nothing at all is left to lend: what was asked for is not there */
	while (n == 0 && relay->asked_n > 0) {
		forget(relay, relay->asked[relay->asked_n - 1]);
	}
	if (sent > 0 && relay->opts.replicas > 0) {
		act(relay, RELAY_DO_WAIT);
		relay->waits_open++;
	}
	return rd_done(&rd);
}

static bool got_forgotten(struct relay *relay, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	const uint8_t *id = rd_bytes(&rd, RELAY_ID_BYTES);
	uint8_t how = rd_u8(&rd);
	uint32_t number;

	if (!rd_done(&rd) || how > 2 || relay->receipts_open == 0) {
		return false;
	}
	relay->receipts_open--;
	if (how == 2) {
		relay->counts.refused++;
		return true;
	}
	relay->counts.forgotten += how == 0 ? 1 : 0;
	relay->counts.gone += how == 1 ? 1 : 0;
	number = relay_table_find(&relay->table, id);
	if (number != RELAY_NONE) {
		forget(relay, number);
	}
	return true;
}

static bool got_waiting(struct relay *relay, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);

	relay->spool_more = rd_u64(&rd) > 0 || relay->spool_more;
	return rd_done(&rd);
}

/* ---- driving ------------------------------------------------------------ */

static void read_receipts(struct relay *relay, uint64_t now_ms)
{
	if (!relay->read_open && relay->receipts_open < RECEIPTS_OPEN) {
		relay->read_open = true;
		relay->read_ms = now_ms;
		act(relay, RELAY_DO_READ);
	}
}

static bool is_due(const struct relay *relay, uint64_t now_ms)
{
	uint32_t first = relay_table_first(&relay->table);

	return first != RELAY_NONE &&
	    relay->table.records[first].due_ms <= now_ms;
}

/* The next pipeline is fetched while the last one is answered. */
static bool may_take(const struct relay *relay)
{
	return relay->state == RELAY_DRIVE && relay->spool_up &&
	    relay->take_open == 0 && relay->flight_n <= RELAY_PIPELINE &&
	    relay->waits_open < 2;
}

static void take(struct relay *relay, uint64_t now_ms)
{
	uint32_t room = relay->table.cap - relay->table.n;
	struct relay_action *action;
	uint8_t most[2];

	while (relay->asked_n < RELAY_PIPELINE && is_due(relay, now_ms)) {
		ask_again(relay, relay_table_first(&relay->table));
	}
	room = relay->spool_more ? room + relay->asked_n : relay->asked_n;
	room = room < RELAY_PIPELINE ? room : RELAY_PIPELINE;
	if (room == 0) {
		return;
	}
	if (relay->receipts_open == 0) {
		relay->spool_ms = now_ms;
	}
	relay->take_open = room;
	relay->poll_ms = now_ms + POLL_MS;
	most[0] = (uint8_t)(room >> 8);
	most[1] = (uint8_t)room;
	action = tell(relay, FRAME_TAKE);
	put_body(action, most, sizeof(most));
}

/* After each event: whatever can go on, goes on. */
static void drive(struct relay *relay, uint64_t now_ms)
{
	if (relay->state != RELAY_DRIVE || !relay->spool_up) {
		return;
	}
	read_receipts(relay, now_ms);
	if (may_take(relay)) {
		take(relay, now_ms);
	}
}

/* ---- alarms ------------------------------------------------------------- */

static void look_for_late(struct relay *relay, uint64_t now_ms)
{
	uint64_t oldest = 0;
	long long late = 0;

	relay->look_ms = now_ms + LATE_LOOK_MS;
	for (uint32_t i = 0; i < relay->table.cap; i++) {
		const struct relay_record *rec = &relay->table.records[i];
		uint64_t limit = rec->urgent
		    ? LATE_URGENT_MS
		    : relay->opts.delay_max_ms + LATE_MS;

		if (rec->used && now_ms - rec->known_ms > limit) {
			late++;
			oldest = later(oldest, now_ms - rec->known_ms);
		}
	}
	if (late > 0 &&
	    (relay->late_said_ms == 0 ||
		now_ms - relay->late_said_ms >= SAY_AGAIN_MS)) {
		relay->late_said_ms = now_ms;
		say(relay, LOG_RECEIPT_LATE, late, (long long)(oldest / 1000));
	}
}

static void count_replicas(struct relay *relay, uint64_t now_ms, unsigned n)
{
	if (n >= relay->opts.replicas) {
		relay->low_ms = 0;
		return;
	}
	if (relay->low_ms == 0) {
		relay->low_ms = now_ms;
	}
	if (now_ms - relay->low_ms >= REPLICAS_MS &&
	    (relay->low_said_ms == 0 ||
		now_ms - relay->low_said_ms >= SAY_AGAIN_MS)) {
		relay->low_said_ms = now_ms;
		say(relay, LOG_REDIS_REPLICAS, n, relay->opts.replicas);
	}
}

/* ---- time --------------------------------------------------------------- */

static uint64_t answers_due_ms(const struct relay *relay)
{
	uint64_t due = UINT64_MAX;

	if (relay->state == RELAY_DRIVE) {
		if (relay->flight_n > 0 || relay->waits_open > 0) {
			due = relay->answer_ms + ANSWER_MS;
		}
		if (relay->read_open) {
			due = earlier(due, relay->read_ms + READ_MS);
		}
	}
	return due;
}

static uint64_t spool_due_ms(const struct relay *relay)
{
	return relay->take_open > 0 || relay->receipts_open > 0
	    ? relay->spool_ms + SPOOL_MS
	    : UINT64_MAX;
}

uint64_t relay_due_ms(const struct relay *relay)
{
	uint32_t first = relay_table_first(&relay->table);
	uint64_t due = earlier(relay->deadline_ms, relay->look_ms);

	due = earlier(due, answers_due_ms(relay));
	due = earlier(due, spool_due_ms(relay));
	if (may_take(relay)) {
		due = earlier(due, relay->poll_ms);
		if (first != RELAY_NONE) {
			due = earlier(due, relay->table.records[first].due_ms);
		}
	}
	return due;
}

void relay_tick(struct relay *relay, uint64_t now_ms)
{
	if (now_ms >= spool_due_ms(relay)) {
		cut(relay, now_ms);
	}
	if (now_ms >= answers_due_ms(relay)) {
		lost(relay, now_ms, STREAM_LATE);
	}
	if (now_ms >= relay->deadline_ms) {
		if (relay->state == RELAY_HOLD) {
			find(relay, now_ms);
		} else {
			lost(relay, now_ms, STREAM_LATE);
		}
	}
	if (relay->state == RELAY_DRIVE &&
	    now_ms - relay->since_ms >= CALM_MS) {
		relay->tries = 0;
	}
	if (now_ms >= relay->poll_ms) {
		relay->spool_more = true;
		relay->poll_ms = now_ms + POLL_MS;
	}
	if (now_ms >= relay->look_ms) {
		look_for_late(relay, now_ms);
	}
	drive(relay, now_ms);
}

/* ---- events ------------------------------------------------------------- */

void relay_spool_up(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
	relay->spool_up = true;
	relay->spool_more = true;
	relay->spool_ms = now_ms;
	/* it may remember what it lent to the connection before this one */
	(void)tell(relay, FRAME_UNLEND);
	/* receipts that came while it was away were not handed over */
	act(relay, RELAY_DO_REWIND);
	drive(relay, now_ms);
}

void relay_spool_lost(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
}

void relay_spool_frame(
    struct relay *relay, uint64_t now_ms, const struct frame *frame)
{
	bool fine = false;

	if (!relay->spool_up) {
		return;
	}
	relay->spool_ms = now_ms;
	if (frame->type == FRAME_LENT) {
		fine = got_lent(relay, now_ms, frame);
	} else if (frame->type == FRAME_FORGOTTEN) {
		fine = got_forgotten(relay, frame);
	} else if (frame->type == FRAME_WAITING) {
		fine = got_waiting(relay, frame);
	}
	if (!fine) {
		cut(relay, now_ms);
	}
	drive(relay, now_ms);
}

void relay_found(struct relay *relay, uint64_t now_ms)
{
	if (relay->state == RELAY_FIND) {
		set_state(relay, now_ms, RELAY_CONNECT);
		act(relay, RELAY_DO_CONNECT);
	}
}

void relay_redis_up(struct relay *relay, uint64_t now_ms)
{
	if (relay->state != RELAY_CONNECT) {
		return;
	}
	set_state(relay, now_ms, RELAY_DRIVE);
	if (relay->tries > 0) {
		say(relay, LOG_REDIS_BACK, relay->table.n, 0);
	}
	drive(relay, now_ms);
}

void relay_redis_lost(
    struct relay *relay, uint64_t now_ms, enum stream_trouble why)
{
	if (relay->state == RELAY_CONNECT || relay->state == RELAY_DRIVE) {
		hold(relay, now_ms, why);
	}
}

void relay_redis_added(struct relay *relay, uint64_t now_ms)
{
	uint32_t number;

	if (relay->flight_n == 0) {
		return;
	}
	number =
	    relay_table_find(&relay->table, relay->flight[relay->flight_at]);
	if (number != RELAY_NONE) {
		record(relay, number)->added = true;
	}
	relay->flight_at = (relay->flight_at + 1) % FLIGHT_MAX;
	relay->flight_n--;
	relay->answer_ms = now_ms;
	relay->tries = 0;
	drive(relay, now_ms);
}

void relay_redis_waited(struct relay *relay, uint64_t now_ms, unsigned replicas)
{
	if (relay->waits_open > 0) {
		relay->waits_open--;
		relay->answer_ms = now_ms;
		count_replicas(relay, now_ms, replicas);
		drive(relay, now_ms);
	}
}

void relay_redis_receipt(
    struct relay *relay, uint64_t now_ms, const struct stream_receipt *receipt)
{
	struct relay_action *action;

	if (!relay->spool_up) {
		return; /* read again when it is back */
	}
	action = tell(relay, FRAME_RECEIPT);
	put_body(action, receipt->id, STREAM_ID_BYTES);
	put_body(action, receipt->hash, STREAM_HASH_BYTES);
	put_body(action, receipt->sig, STREAM_SIG_BYTES);
	if (relay->receipts_open == 0 && relay->take_open == 0) {
		relay->spool_ms = now_ms;
	}
	relay->receipts_open++;
	relay->counts.receipts++;
}

void relay_redis_read(struct relay *relay, uint64_t now_ms, size_t bad)
{
	relay->read_open = false;
	if (bad > 0 && relay->counts.odd == 0) {
		say(relay, LOG_RECEIPT_ODD, (long long)bad, 0);
	}
	relay->counts.odd += bad;
	drive(relay, now_ms);
}

/* ---- the rest ----------------------------------------------------------- */

bool relay_next(struct relay *relay, struct relay_action *ret_action)
{
	if (relay->action_n == 0) {
		return false;
	}
	*ret_action = relay->actions[relay->action_at];
	relay->action_at = (relay->action_at + 1) % ACTIONS_MAX;
	relay->action_n--;
	return true;
}

enum relay_state relay_state(const struct relay *relay)
{
	return relay->state;
}

void relay_counts(const struct relay *relay, struct relay_counts *ret_counts)
{
	*ret_counts = relay->counts;
	ret_counts->in_hand = relay->table.n;
}

enum tl_err relay_new(
    const struct relay_opts *opts, uint64_t now_ms, struct relay **ret_relay)
{
	struct relay *relay;
	enum tl_err err;

	if (opts->delay_min_ms > opts->delay_max_ms ||
	    opts->delay_max_ms > AGAIN_MOST_MS || opts->again_ms == 0 ||
	    opts->again_ms > AGAIN_MOST_MS || opts->again_urgent_ms == 0 ||
	    opts->again_urgent_ms > AGAIN_MOST_MS) {
		return TL_EINVAL;
	}
	relay = calloc(1, sizeof(*relay));
	if (relay == NULL) {
		return TL_ENOMEM;
	}
	err = relay_table_init(&relay->table, opts->credit, opts->seed);
	if (err != TL_OK) {
		free(relay);
		return err;
	}
	relay->opts = *opts;
	relay->look_ms = now_ms + LATE_LOOK_MS;
	relay->state = RELAY_HOLD;
	find(relay, now_ms);
	*ret_relay = relay;
	return TL_OK;
}

void relay_free(struct relay *relay)
{
	if (relay != NULL) {
		relay_table_free(&relay->table);
		free(relay);
	}
}
