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
	uint64_t ms = rec->rank == RANK_URGENT ? relay->opts.again_urgent_ms
					       : relay->opts.again_ms;

	for (unsigned i = 1; i < rec->tries && ms < RELAY_AGAIN_MOST_MS; i++) {
		ms *= 2;
	}
	return relay_jitter_ms(relay_earlier(ms, RELAY_AGAIN_MOST_MS),
	    relay->opts.random_below, relay->opts.arg);
}

/*
 * Records that are not urgent leave in batches, and each waits at least
 * delay_min and at most delay_max: it joins the batch that is filling if
 * that leaves late enough for it, else it begins the next one. No batch leaves
 * too late for it: time only grows, and with it the latest.
 */
static uint64_t batch_due_ms(struct relay *relay, uint64_t now_ms)
{
	uint64_t min = now_ms + relay->opts.delay_min_ms;
	uint64_t max = now_ms + relay->opts.delay_max_ms;

	if (relay->batch_ms < min) {
		relay->batch_ms =
		    min + relay_below(relay, (uint32_t)(max - min) + 1);
	}
	return relay->batch_ms;
}

/* Say "lend it again", and remember that it was said. */
static void ask_again(struct relay *relay, uint32_t number)
{
	struct relay_record *rec = relay_record(relay, number);

	assert(relay->asked_n[rec->rank] < RELAY_PIPELINE);
	relay_table_unschedule(&relay->table, number);
	relay->asked[rec->rank][relay->asked_n[rec->rank]++] = number;
	relay_act_put(relay_tell(relay, FRAME_AGAIN), rec->id, sizeof(rec->id));
}

/* Was it asked for? Then it no longer is. */
static bool take_asked(struct relay *relay, uint32_t number)
{
	uint8_t rank = relay_record(relay, number)->rank;
	uint32_t *asked = relay->asked[rank];

	for (unsigned i = 0; i < relay->asked_n[rank]; i++) {
		if (asked[i] == number) {
			relay->asked_n[rank]--;
			asked[i] = asked[relay->asked_n[rank]];
			return true;
		}
	}
	return false;
}

/* It need not be lent again now after all. */
static void unask_all(struct relay *relay, uint64_t now_ms, unsigned from)
{
	for (unsigned rank = from; rank < RANKS; rank++) {
		while (relay->asked_n[rank] > 0) {
			relay->asked_n[rank]--;
			relay_table_schedule(&relay->table,
			    relay->asked[rank][relay->asked_n[rank]], now_ms);
		}
	}
}

static void forget(struct relay *relay, uint32_t number)
{
	(void)take_asked(relay, number);
	relay->bytes -= relay_record(relay, number)->bytes;
	relay_table_drop(&relay->table, number);
}

/* Instead of one that was asked for. False: none was. */
static bool forget_asked(struct relay *relay, unsigned rank)
{
	unsigned n = relay->asked_n[rank];

	if (n > 0) {
		forget(relay, relay->asked[rank][relay_below(relay, n)]);
	}
	return n > 0;
}

/* A record in a frame. */
struct relay_lent {
	const uint8_t *id;
	enum rank rank;
	struct bytes sealed;
};

static void send_record(struct relay *relay, uint64_t now_ms, uint32_t number,
    const struct relay_lent *lent)
{
	struct relay_record *rec = relay_record(relay, number);
	struct relay_action *action = relay_act(relay, RELAY_DO_ADD);
	unsigned at = (relay->flight_at + relay->flight_n) % RELAY_FLIGHT_MAX;

	assert(relay->flight_n < RELAY_FLIGHT_MAX);
	action->id = lent->id;
	action->sealed = lent->sealed;
	if (relay->flight_n == 0) {
		relay->answer_ms = now_ms;
	}
	memcpy(relay->flight[at], lent->id, RELAY_ID_BYTES);
	relay->flight_weight[at] = relay_weight(lent->sealed.len);
	relay->flight_n++;
	relay_weigh(relay, now_ms, relay->flight_weight[at]);
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
 * A record that is not known yet. With as many as may be known the spool has
 * more than we remember, and lends at random among all: then it goes instead
 * of one that was asked for, which the spool may lend again anyway. There is
 * such a one, or room: it lends no more than was asked for, which was that
 * room and those, and each record that comes takes one of either.
 */
static uint32_t learn(struct relay *relay, uint64_t now_ms,
    const struct relay_lent *lent, bool *ret_instead)
{
	struct relay_record *rec;
	uint32_t number;

	*ret_instead = relay_room_for(relay, lent->rank) == 0 &&
	    forget_asked(relay, lent->rank);
	number = relay_table_add(&relay->table, lent->id);
	for (unsigned i = RANKS; number == RELAY_NONE; i--) {
		assert(i > 0);
		*ret_instead = forget_asked(relay, i - 1);
		number = relay_table_add(&relay->table, lent->id);
	}
	rec = relay_record(relay, number);
	rec->known_ms = now_ms;
	rec->rank = (uint8_t)lent->rank;
	rec->bytes = (uint32_t)lent->sealed.len;
	rec->shuffle = relay_below(relay, UINT32_MAX);
	relay->bytes += lent->sealed.len;
	return number;
}

/* As if it had not been lent. */
static void hand_back(struct relay *relay, const struct relay_lent *lent)
{
	relay_act_put(relay_tell(relay, FRAME_AGAIN), lent->id, RELAY_ID_BYTES);
	relay->none_of = 0;
}

/* Redis went while it was on its way. */
static void got_too_late(
    struct relay *relay, uint64_t now_ms, const struct relay_lent *lent)
{
	uint32_t number = relay_table_find(&relay->table, lent->id);

	if (number == RELAY_NONE) {
		hand_back(relay, lent);
	} else if (take_asked(relay, number)) {
		relay_table_schedule(&relay->table, number, now_ms);
	}
}

/* One record came from the spool. True if it was sent. */
static bool got_record(
    struct relay *relay, uint64_t now_ms, const struct relay_lent *lent)
{
	uint32_t number = relay_table_find(&relay->table, lent->id);
	bool go;

	if (relay->state != RELAY_DRIVE) {
		got_too_late(relay, now_ms, lent);
		return false;
	}
	if (number == RELAY_NONE) {
		number = learn(relay, now_ms, lent, &go);
		go = go || lent->rank == RANK_URGENT ||
		    relay->opts.delay_max_ms == 0;
		if (!go) {
			relay_table_schedule(
			    &relay->table, number, batch_due_ms(relay, now_ms));
		}
	} else {
		go = take_asked(relay, number) ||
		    relay_record(relay, number)->due_ms <= now_ms;
	}
	if (go) {
		send_record(relay, now_ms, number, lent);
	}
	return go;
}

/* ---- frames ------------------------------------------------------------- */

static bool read_lent(struct rd *rd, struct relay_lent *lent)
{
	uint8_t rank;
	uint32_t len;

	lent->id = rd_bytes(rd, RELAY_ID_BYTES);
	rank = rd_u8(rd);
	lent->rank = (enum rank)rank;
	len = rd_u32(rd);
	lent->sealed = bytes_of(rd_bytes(rd, len), len);
	return rd_ok(rd) && rank < RANKS;
}

/* Nothing that was asked for is left to lend: then it is not there. */
static void got_none(struct relay *relay)
{
	for (unsigned rank = 0; rank <= relay->take_last; rank++) {
		while (forget_asked(relay, rank)) {
		}
	}
	if (relay->none_of <= relay->take_last) {
		relay->none_of = relay->take_last + 1;
	}
}

/* How many have it, and how full it is: behind what was sent. */
static void look_at_redis(struct relay *relay, uint64_t now_ms)
{
	if (relay->opts.replicas > 0) {
		/* while one is away, do not stand still for it each time */
		relay_act(relay, RELAY_DO_WAIT)->a =
		    relay->low_ms == 0 ? WAIT_MS : WAIT_LOW_MS;
		relay->waits_open++;
	}
	relay_measure(relay, now_ms);
}

static bool got_lent(
    struct relay *relay, uint64_t now_ms, const struct frame *frame)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	unsigned n = rd_u8(&rd);
	bool sent = false;

	if (relay->take_open == 0 || n > relay->take_open) {
		return false;
	}
	relay->take_open = 0;
	relay->none_of = n > 0 ? 0 : relay->none_of;
	for (unsigned i = 0; i < n; i++) {
		struct relay_lent lent;

		if (!read_lent(&rd, &lent) || lent.rank > relay->take_last) {
			return false;
		}
		sent = got_record(relay, now_ms, &lent) || sent;
	}
	if (n == 0) {
		got_none(relay);
	}
	if (sent) {
		look_at_redis(relay, now_ms);
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

	if (rd_u64(&rd) > 0) {
		relay->none_of = 0;
	}
	return rd_done(&rd);
}

/* ---- taking ------------------------------------------------------------- */

/* The next pipeline is fetched while the last ones are answered: on a busy
 * host each of spool, relay and Redis waits long for its turn. */
bool relay_spool_may_take(const struct relay *relay)
{
	return relay->state == RELAY_DRIVE && relay->spool_up &&
	    relay->going > 0 && relay->take_open == 0 &&
	    relay->flight_n <= RELAY_FLIGHT_MAX - RELAY_PIPELINE &&
	    relay->waits_open < 2;
}

uint64_t relay_spool_again_ms(const struct relay *relay)
{
	uint64_t due = UINT64_MAX;

	for (unsigned rank = 0; rank < RANKS; rank++) {
		uint32_t first =
		    relay_table_first(&relay->table, (enum rank)rank);

		if (first != RELAY_NONE &&
		    relay_may_send(relay, (enum rank)rank)) {
			due = relay_earlier(
			    due, relay->table.records[first].due_ms);
		}
	}
	return due;
}

/* Ask for what is due of a rank. How many it was asked for, now and before. */
static unsigned ask_due(struct relay *relay, uint64_t now_ms, enum rank rank)
{
	while (relay->asked_n[rank] < RELAY_PIPELINE) {
		uint32_t first = relay_table_first(&relay->table, rank);

		if (first == RELAY_NONE ||
		    relay->table.records[first].due_ms > now_ms) {
			break;
		}
		ask_again(relay, first);
	}
	return relay->asked_n[rank];
}

/*
 * All that is due, and new ones as there is room. The spool lends rank after
 * rank: so the last rank is as wide as may be, and no wider, or what may not
 * be sent would come in place of what was asked for.
 */
void relay_spool_take(struct relay *relay, uint64_t now_ms)
{
	enum rank last = RANK_URGENT;
	uint32_t most = 0;
	uint32_t room = 0;

	for (unsigned rank = 0; rank < RANKS; rank++) {
		unsigned n;

		if (!relay_may_send(relay, (enum rank)rank)) {
			unask_all(relay, now_ms, rank);
			break;
		}
		n = ask_due(relay, now_ms, (enum rank)rank);
		if (rank >= relay->none_of &&
		    relay_room_for(relay, (enum rank)rank) > 0) {
			room = relay_room_for(relay, (enum rank)rank);
			last = (enum rank)rank;
		}
		if (n > 0 && rank > last) {
			room = 0; /* new ones would be of that rank, too */
			last = (enum rank)rank;
		}
		most += n;
	}
	most = most + room < RELAY_PIPELINE ? most + room : RELAY_PIPELINE;
	if (most > 0) {
		const uint8_t body[3] = { (uint8_t)(most >> 8), (uint8_t)most,
			(uint8_t)last };

		relay_spool_owes(relay, now_ms);
		relay->take_open = most;
		relay->take_last = last;
		relay->poll_ms = now_ms + POLL_MS;
		relay_act_put(
		    relay_tell(relay, FRAME_TAKE), body, sizeof(body));
	}
}

/* ---- the spool itself --------------------------------------------------- */

static void spool_gone(struct relay *relay, uint64_t now_ms)
{
	relay->spool_up = false;
	relay->none_of = RANKS;
	relay->take_open = 0;
	relay->receipts_open = 0;
	relay->mail_open = 0;
	relay->mail_again_ms = 0; /* all of it is read again anyway */
	unask_all(relay, now_ms, RANK_URGENT);
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
		relay->none_of = 0;
		relay->poll_ms = now_ms + POLL_MS;
	}
}

void relay_spool_up(struct relay *relay, uint64_t now_ms)
{
	spool_gone(relay, now_ms);
	relay->spool_up = true;
	relay->none_of = 0;
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
