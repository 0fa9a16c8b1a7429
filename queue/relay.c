/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "queue/relay_inside.h"

#define BACKOFF_FIRST_MS 200u
#define BACKOFF_MOST_MS  30000u
/* Not sent more often than this, whatever happens to Redis. */
#define RESEND_MS          60000u
#define ANSWER_MS          5000u  /* XADD, WAIT */
#define READ_MS            7000u  /* XREAD that waits five seconds */
#define CALM_MS            30000u /* connected for so long: a success */
#define REPLICAS_MS        60000u
#define SAY_AGAIN_MS       600000u
#define LATE_LOOK_MS       60000u
#define LATE_MS            900000u /* beyond the delay */
#define LATE_URGENT_MS     300000u
#define MEMORY_LEAST_BYTES (UINT64_C(1) << 20)
#define ANSWERS_OPEN       400u /* receipts, mail with the spool: read no more */

#define RELAY_TO(name)                    (1u << RELAY_##name)
#define RELAY_STATE_ROW(name, limit, may) { (limit), (may) },
static const struct {
	uint64_t limit_ms; /* then RELAY_HOLD; 0: none, or its own */
	unsigned may_go_to;
} states[] = { RELAY_STATES(RELAY_STATE_ROW) };
#undef RELAY_STATE_ROW

/* ---- small helpers ----------------------------------------------------- */

uint64_t relay_jitter_ms(
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
	return relay_jitter_ms(
	    ms < BACKOFF_MOST_MS ? ms : BACKOFF_MOST_MS, random_below, arg);
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

/* ---- Redis -------------------------------------------------------------- */

/*
 * Sent is not received: forget that it was sent. What Redis never confirmed
 * (added: what it did confirm) goes at once, but not more often than once a
 * minute.
 */
static void forget_sent(struct relay *relay, uint64_t now_ms, bool added)
{
	for (uint32_t i = 0; i < relay->table.cap; i++) {
		struct relay_record *rec = relay_record(relay, i);

		if (rec->used && rec->heap_at != RELAY_NONE &&
		    rec->sent_ms != 0 && rec->added == added) {
			relay_table_schedule(&relay->table, i,
			    added ? relay_earlier(rec->due_ms,
					later(now_ms, rec->sent_ms + RESEND_MS))
				  : now_ms);
		}
	}
}

/*
 * With these we have left a Redis that goes on: it has what it confirmed, if
 * the next connection is to the same one. Each further copy would take memory
 * that it may be short of.
 */
static bool is_harmless(enum stream_trouble why)
{
	return why == STREAM_FULL || why == STREAM_DISK ||
	    why == STREAM_REPLICAS || why == STREAM_LATE;
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
	[STREAM_BIG] = LOG_REDIS_REPLY,
	[STREAM_NOWHERE] = LOG_REDIS_NOWHERE,
	[STREAM_MOVED] = LOG_REDIS_MOVED,
};

static void hold(struct relay *relay, uint64_t now_ms, enum stream_trouble why)
{
	uint64_t wait = relay_backoff_ms(
	    relay->tries, relay->opts.random_below, relay->opts.arg);

	/* the first tries, then about every ten minutes */
	if (relay->tries < 8 || relay->tries % 20 == 0) {
		if (trouble_events[why] != 0) {
			relay_say(
			    relay, trouble_events[why], (long long)why, 0);
		}
		relay_say(relay, LOG_REDIS_LOST, (long long)wait, 0);
	}
	relay->tries++;
	relay->doubtful = relay->doubtful || !is_harmless(why);
	relay->full_ms = why == STREAM_FULL ? now_ms : relay->full_ms;
	forget_sent(relay, now_ms, false);
	relay->adrift += relay_in_flight(relay);
	relay->flight_n = 0;
	relay->waits_open = 0;
	relay->measure_open = false;
	relay->going = 0;
	memset(relay->read_open, false, sizeof(relay->read_open));
	set_state(relay, now_ms, RELAY_HOLD);
	relay->deadline_ms = now_ms + wait;
}

static void lost(struct relay *relay, uint64_t now_ms, enum stream_trouble why)
{
	relay_act(relay, RELAY_DO_DROP);
	hold(relay, now_ms, why);
}

static void find(struct relay *relay, uint64_t now_ms)
{
	set_state(relay, now_ms, RELAY_FIND);
	relay_act(relay, RELAY_DO_FIND);
}

/* ---- driving ------------------------------------------------------------ */

static void read_on(
    struct relay *relay, uint64_t now_ms, enum stream_of of, unsigned open)
{
	if (!relay->read_open[of] && open < ANSWERS_OPEN) {
		relay->read_open[of] = true;
		relay->read_ms[of] = now_ms;
		relay_act(relay, RELAY_DO_READ)->of = of;
	}
}

void relay_drive(struct relay *relay, uint64_t now_ms)
{
	if (relay->state != RELAY_DRIVE || !relay->spool_up) {
		return;
	}
	read_on(relay, now_ms, STREAM_OF_RECEIPTS, relay->receipts_open);
	read_on(relay, now_ms, STREAM_OF_MAIL, relay->mail_open);
	if (relay->going == 0 || now_ms >= relay->measure_ms) {
		relay_measure(relay, now_ms);
	}
	if (relay_spool_may_take(relay)) {
		relay_spool_take(relay, now_ms);
	}
}

static bool is_owed(const struct relay *relay)
{
	return relay->flight_n > 0 || relay->waits_open > 0 ||
	    relay->measure_open;
}

void relay_redis_owes(struct relay *relay, uint64_t now_ms)
{
	if (!is_owed(relay)) {
		relay->answer_ms = now_ms;
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
		uint64_t limit = rec->rank == RANK_URGENT
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
		relay_say(
		    relay, LOG_RECEIPT_LATE, late, (long long)(oldest / 1000));
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
		relay_say(relay, LOG_REDIS_REPLICAS, n, relay->opts.replicas);
	}
}

/* ---- time --------------------------------------------------------------- */

static uint64_t answers_due_ms(const struct relay *relay)
{
	uint64_t due = UINT64_MAX;

	if (relay->state == RELAY_DRIVE) {
		if (is_owed(relay)) {
			due = relay->answer_ms + ANSWER_MS;
		}
		for (size_t of = 0; of < STREAM_OFS; of++) {
			if (relay->read_open[of]) {
				due = relay_earlier(
				    due, relay->read_ms[of] + READ_MS);
			}
		}
	}
	return due;
}

uint64_t relay_due_ms(const struct relay *relay)
{
	uint64_t due = relay_earlier(relay->deadline_ms, relay->look_ms);

	due = relay_earlier(due, answers_due_ms(relay));
	due = relay_earlier(due, relay_spool_due_ms(relay));
	if (relay->state == RELAY_DRIVE && relay->spool_up &&
	    !relay->measure_open) {
		due = relay_earlier(due, relay->measure_ms);
	}
	if (relay_spool_may_take(relay)) {
		due = relay_earlier(due, relay->poll_ms);
		due = relay_earlier(due, relay_spool_again_ms(relay));
	}
	return due;
}

void relay_tick(struct relay *relay, uint64_t now_ms)
{
	relay_spool_tick(relay, now_ms);
	if (now_ms >= answers_due_ms(relay)) {
		lost(relay, now_ms, STREAM_LATE);
	}
	if (now_ms >= relay->deadline_ms) {
		if (relay->state == RELAY_HOLD) {
			find(relay, now_ms);
		} else {
			lost(relay, now_ms,
			    relay->state == RELAY_FIND ? STREAM_NOWHERE
						       : STREAM_LATE);
		}
	}
	if (relay->state == RELAY_DRIVE &&
	    now_ms - relay->since_ms >= CALM_MS) {
		relay->tries = 0;
	}
	if (now_ms >= relay->look_ms) {
		look_for_late(relay, now_ms);
	}
	relay_drive(relay, now_ms);
}

/* ---- events ------------------------------------------------------------- */

void relay_found(struct relay *relay, uint64_t now_ms, bool same)
{
	if (relay->state == RELAY_FIND) {
		relay->doubtful = relay->doubtful || !same;
		set_state(relay, now_ms, RELAY_CONNECT);
		relay_act(relay, RELAY_DO_CONNECT);
	}
}

void relay_moved(struct relay *relay, uint64_t now_ms)
{
	if (relay->state == RELAY_CONNECT || relay->state == RELAY_DRIVE) {
		lost(relay, now_ms, STREAM_MOVED);
	}
}

void relay_redis_up(struct relay *relay, uint64_t now_ms, uint64_t client)
{
	if (relay->state != RELAY_CONNECT) {
		return;
	}
	set_state(relay, now_ms, RELAY_DRIVE);
	/* after a restart it counts anew */
	if (relay->doubtful || client <= relay->client) {
		forget_sent(relay, now_ms, true);
	}
	relay->client = client;
	relay->doubtful = false;
	if (relay->tries > 0) {
		relay_say(relay, LOG_REDIS_BACK, relay->table.n, 0);
	}
	relay_drive(relay, now_ms);
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
		relay_record(relay, number)->added = true;
	}
	relay->flight_at = (relay->flight_at + 1) % RELAY_FLIGHT_MAX;
	relay->flight_n--;
	relay->answer_ms = now_ms;
	relay->tries = 0;
	if (relay->flight_n == 0 && relay->going < RANKS) {
		relay_measure(relay, now_ms); /* perhaps held for this only */
	}
	relay_drive(relay, now_ms);
}

void relay_redis_waited(struct relay *relay, uint64_t now_ms, unsigned replicas)
{
	if (relay->waits_open > 0) {
		relay->waits_open--;
		relay->answer_ms = now_ms;
		count_replicas(relay, now_ms, replicas);
		relay_drive(relay, now_ms);
	}
}

void relay_redis_receipt(
    struct relay *relay, uint64_t now_ms, const struct stream_receipt *receipt)
{
	struct relay_action *action;

	if (!relay->spool_up) {
		return; /* read again when it is back */
	}
	action = relay_tell(relay, FRAME_RECEIPT);
	relay_act_put(action, receipt->id, STREAM_ID_BYTES);
	relay_act_put(action, receipt->hash, STREAM_HASH_BYTES);
	relay_act_put(action, receipt->sig, STREAM_SIG_BYTES);
	relay_spool_owes(relay, now_ms);
	relay->receipts_open++;
	relay->counts.receipts++;
}

void relay_redis_mail(struct relay *relay, uint64_t now_ms, struct bytes mail)
{
	if (!relay->spool_up) {
		return; /* read again when it is back */
	}
	relay_tell(relay, FRAME_MAIL)->mail = mail;
	relay_spool_owes(relay, now_ms);
	relay->mail_open++;
	relay->counts.mail++;
}

void relay_redis_read(
    struct relay *relay, uint64_t now_ms, enum stream_of of, size_t bad)
{
	relay->read_open[of] = false;
	if (bad > 0 && relay->counts.odd == 0) {
		relay_say(relay, LOG_RECEIPT_ODD, (long long)bad, 0);
	}
	relay->counts.odd += bad;
	relay_drive(relay, now_ms);
}

/* ---- the rest ----------------------------------------------------------- */

enum relay_state relay_state(const struct relay *relay)
{
	return relay->state;
}

void relay_counts(const struct relay *relay, struct relay_counts *ret_counts)
{
	*ret_counts = relay->counts;
	ret_counts->in_hand = relay->table.n;
	ret_counts->bytes = relay->bytes;
}

enum tl_err relay_new(
    const struct relay_opts *opts, uint64_t now_ms, struct relay **ret_relay)
{
	struct relay *relay;
	enum tl_err err;

	if (opts->delay_min_ms > opts->delay_max_ms ||
	    opts->delay_max_ms > RELAY_AGAIN_MOST_MS || opts->again_ms == 0 ||
	    opts->again_ms > RELAY_AGAIN_MOST_MS ||
	    opts->again_urgent_ms == 0 ||
	    opts->again_urgent_ms > RELAY_AGAIN_MOST_MS ||
	    opts->memory_bytes < MEMORY_LEAST_BYTES) {
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
