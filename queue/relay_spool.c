/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/relay_inside.h"

#include <assert.h>
#include <string.h>

#include "base/rd.h"

#define SPOOL_MS 30000u
/* WAIT holds up what is sent behind it on the same connection. */
#define WAIT_MS     1000
#define WAIT_LOW_MS 20
/* It says when there is more; asking now and then costs nothing. */
#define POLL_MS 10000u
/* Mail that it had no room for is read again, and all other mail with it. */
#define MAIL_AGAIN_MS 600000u

/* ---- records ----------------------------------------------------------- */

/* When to send again what has no receipt: 10 min, 20, 40, ... 6 h. */
static uint64_t again_ms(
    const struct relay *relay, const struct relay_record *rec)
{
	uint64_t ms =
	    rec->urgent ? relay->opts.again_urgent_ms : relay->opts.again_ms;

	for (unsigned i = 1; i < rec->tries && ms < RELAY_AGAIN_MOST_MS; i++) {
		ms *= 2;
	}
	return relay_jitter_ms(relay_earlier(ms, RELAY_AGAIN_MOST_MS),
	    relay->opts.random_below, relay->opts.arg);
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
		relay->batch_ms =
		    min + relay_below(relay, (uint32_t)(max - min) + 1);
	}
	return relay->batch_ms;
}

/* Say "lend it again", and remember that it was said. */
static void ask_again(struct relay *relay, uint32_t number)
{
	struct relay_record *rec = relay_record(relay, number);

	assert(relay->asked_n < RELAY_PIPELINE);
	relay_table_unschedule(&relay->table, number);
	relay->asked[relay->asked_n++] = number;
	relay_act_put(relay_tell(relay, FRAME_AGAIN), rec->id, sizeof(rec->id));
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
	struct relay_record *rec = relay_record(relay, number);
	struct relay_action *action = relay_act(relay, RELAY_DO_ADD);
	unsigned at = (relay->flight_at + relay->flight_n) % RELAY_FLIGHT_MAX;

	assert(relay->flight_n < RELAY_FLIGHT_MAX);
	action->id = id;
	action->sealed = sealed;
	if (relay->flight_n == 0 && relay->waits_open == 0) {
		relay->answer_ms = now_ms;
	}
	memcpy(relay->flight[at], id, RELAY_ID_BYTES);
	relay->flight_n++;
	rec->added = false;
	rec->sent_ms = now_ms;
	if (rec->tries < UINT8_MAX) {
		rec->tries++;
	}
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
		forget(relay, relay->asked[relay_below(relay, relay->asked_n)]);
		number = relay_table_add(&relay->table, id);
	}
	*relay_record(relay, number) = (struct relay_record){ .used = true,
		.heap_at = RELAY_NONE,
		.known_ms = now_ms,
		.urgent = urgent,
		.shuffle = relay_below(relay, UINT32_MAX) };
	memcpy(relay_record(relay, number)->id, id, RELAY_ID_BYTES);
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
				relay_act_put(relay_tell(relay, FRAME_AGAIN),
				    id, RELAY_ID_BYTES);
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
		    relay_record(relay, number)->due_ms <= now_ms;
	}
	if (go) {
		send_record(relay, now_ms, number, sealed, id);
	}
	return go;
}

/* ---- frames ------------------------------------------------------------- */

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
		/* while one is away, do not stand still for it each time */
		relay_act(relay, RELAY_DO_WAIT)->a =
		    relay->low_ms == 0 ? WAIT_MS : WAIT_LOW_MS;
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

static bool got_mail_kept(
    struct relay *relay, uint64_t now_ms, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint8_t how = rd_u8(&rd);

	if (!rd_done(&rd) || how > 3 || relay->mail_open == 0) {
		return false;
	}
	relay->mail_open--;
	relay->counts.mail_kept += how == 0;
	relay->counts.mail_bad += how == 2;
	if (how == 3 && relay->mail_again_ms == 0) {
		relay->mail_again_ms = now_ms + MAIL_AGAIN_MS;
	}
	return true;
}

static bool got_waiting(struct relay *relay, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);

	relay->spool_more = rd_u64(&rd) > 0 || relay->spool_more;
	return rd_done(&rd);
}

/* ---- taking ------------------------------------------------------------- */

static bool is_due(const struct relay *relay, uint64_t now_ms)
{
	uint32_t first = relay_table_first(&relay->table);

	return first != RELAY_NONE &&
	    relay->table.records[first].due_ms <= now_ms;
}

/* The next pipeline is fetched while the last one is answered. */
bool relay_spool_may_take(const struct relay *relay)
{
	return relay->state == RELAY_DRIVE && relay->spool_up &&
	    relay->take_open == 0 && relay->flight_n <= RELAY_PIPELINE &&
	    relay->waits_open < 2;
}

void relay_spool_take(struct relay *relay, uint64_t now_ms)
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
	relay_spool_owes(relay, now_ms);
	relay->take_open = room;
	relay->poll_ms = now_ms + POLL_MS;
	most[0] = (uint8_t)(room >> 8);
	most[1] = (uint8_t)room;
	action = relay_tell(relay, FRAME_TAKE);
	relay_act_put(action, most, sizeof(most));
}

/* ---- the spool itself --------------------------------------------------- */

static void spool_gone(struct relay *relay, uint64_t now_ms)
{
	relay->spool_up = false;
	relay->spool_more = false;
	relay->take_open = 0;
	relay->receipts_open = 0;
	relay->mail_open = 0;
	relay->mail_again_ms = 0; /* all of it is read again anyway */
	while (relay->asked_n > 0) {
		relay->asked_n--;
		relay_table_schedule(
		    &relay->table, relay->asked[relay->asked_n], now_ms);
	}
}

static void cut(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
	relay_act(relay, RELAY_DO_CUT);
}

static bool owes(const struct relay *relay)
{
	return relay->take_open > 0 || relay->receipts_open > 0 ||
	    relay->mail_open > 0;
}

void relay_spool_owes(struct relay *relay, uint64_t now_ms)
{
	if (!owes(relay)) {
		relay->spool_ms = now_ms;
	}
}

uint64_t relay_spool_due_ms(const struct relay *relay)
{
	uint64_t due = owes(relay) ? relay->spool_ms + SPOOL_MS : UINT64_MAX;

	return relay->mail_again_ms > 0
	    ? relay_earlier(due, relay->mail_again_ms)
	    : due;
}

void relay_spool_tick(struct relay *relay, uint64_t now_ms)
{
	if (owes(relay) && now_ms >= relay->spool_ms + SPOOL_MS) {
		cut(relay, now_ms);
	}
	if (relay->mail_again_ms > 0 && now_ms >= relay->mail_again_ms) {
		relay->mail_again_ms = 0;
		relay_act(relay, RELAY_DO_REWIND)->of = STREAM_OF_MAIL;
	}
	if (now_ms >= relay->poll_ms) {
		relay->spool_more = true;
		relay->poll_ms = now_ms + POLL_MS;
	}
}

void relay_spool_up(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
	relay->spool_up = true;
	relay->spool_more = true;
	relay->spool_ms = now_ms;
	/* it may remember what it lent to the connection before this one */
	(void)relay_tell(relay, FRAME_UNLEND);
	/* what came while it was away was not handed over */
	relay_act(relay, RELAY_DO_REWIND)->of = STREAM_OF_RECEIPTS;
	relay_act(relay, RELAY_DO_REWIND)->of = STREAM_OF_MAIL;
	relay_drive(relay, now_ms);
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
	} else if (frame->type == FRAME_MAIL_KEPT) {
		fine = got_mail_kept(relay, now_ms, frame);
	} else if (frame->type == FRAME_WAITING) {
		fine = got_waiting(relay, frame);
	}
	if (!fine) {
		cut(relay, now_ms);
	}
	relay_drive(relay, now_ms);
}
