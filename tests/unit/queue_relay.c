/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay: a record is sent until the spool has forgotten it, whatever
 * Redis does, and nothing that Redis says makes anybody forget it.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "queue/rank.h"

#define MINUTE_MS    60000u
#define SEEN_MAX     4096
#define MEMORY_BYTES (UINT64_C(1) << 30)

/* A relay, its time, and what it did since it was last asked. */
struct rig {
	struct relay *relay;
	struct relay_opts opts;
	uint64_t now_ms;
	uint32_t random;
	struct buf lent; /* body of the last LENT frame */
	enum relay_do did[SEEN_MAX];
	enum stream_of did_of[SEEN_MAX];
	size_t n;
	uint8_t added[SEEN_MAX]; /* first byte of each id sent */
	size_t n_added;
	uint8_t again[SEEN_MAX]; /* first byte of each id asked for again */
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

static uint32_t random_below(uint32_t n, void *arg)
{
	struct rig *rig = arg;

	rig->random = rig->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)rig->random * n >> 32);
}

static void note_tell(struct rig *rig, const struct relay_action *action)
{
	if (action->frame == FRAME_TAKE) {
		assert_int_equal(action->body_len, 3);
		rig->took = (unsigned)action->body[0] << 8 | action->body[1];
		rig->took_last = (enum rank)action->body[2];
		assert_in_range(rig->took, 1, RELAY_PIPELINE);
		rig->n_takes++;
	} else if (action->frame == FRAME_AGAIN) {
		assert_int_equal(action->body_len, 16);
		rig->again[rig->n_again++ % SEEN_MAX] = action->body[0];
	}
}

static void drain(struct rig *rig)
{
	struct relay_action action;

	while (relay_next(rig->relay, &action)) {
		rig->did_of[rig->n % SEEN_MAX] = action.of;
		rig->did[rig->n++ % SEEN_MAX] = action.what;
		rig->last = action;
		if (action.what == RELAY_DO_ADD) {
			rig->added[rig->n_added++ % SEEN_MAX] = action.id[0];
		} else if (action.what == RELAY_DO_TELL) {
			note_tell(rig, &action);
		} else if (action.what == RELAY_DO_SAY) {
			rig->said[rig->n_said % 64] = action.event;
			rig->said_a[rig->n_said++ % 64] = action.a;
		} else if (action.what == RELAY_DO_WAIT) {
			rig->wait_ms = action.a;
		} else if (action.what == RELAY_DO_MEASURE && !rig->mute) {
			relay_redis_measured(
			    rig->relay, rig->now_ms, rig->used_bytes);
		}
	}
}

static void forget_seen(struct rig *rig)
{
	rig->n = rig->n_added = rig->n_again = rig->n_said = 0;
	rig->took = 0;
	rig->n_takes = 0;
}

static bool did(const struct rig *rig, enum relay_do what)
{
	for (size_t i = 0; i < rig->n; i++) {
		if (rig->did[i] == what) {
			return true;
		}
	}
	return false;
}

/* READ or REWIND of one of the two. */
static bool did_of(const struct rig *rig, enum relay_do what, enum stream_of of)
{
	for (size_t i = 0; i < rig->n; i++) {
		if (rig->did[i] == what && rig->did_of[i] == of) {
			return true;
		}
	}
	return false;
}

static bool said(const struct rig *rig, enum log_event event)
{
	for (size_t i = 0; i < rig->n_said; i++) {
		if (rig->said[i] == event) {
			return true;
		}
	}
	return false;
}

static void make(struct rig *rig)
{
	relay_free(rig->relay);
	rig->relay = NULL;
	assert_int_equal(
	    relay_new(&rig->opts, rig->now_ms, &rig->relay), TL_OK);
	drain(rig);
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->now_ms = 1000000;
	rig->random = 7;
	rig->opts = (struct relay_opts){ .delay_min_ms = 30000,
		.delay_max_ms = 120000,
		.again_ms = 600000,
		.again_urgent_ms = 120000,
		.credit = 1000,
		.memory_bytes = MEMORY_BYTES,
		.seed = 42,
		.random_below = random_below,
		.arg = rig };
	rig->used_bytes = 1000000;
	rig->sealed_bytes = 6;
	buf_init(&rig->lent, FRAME_BATCH_BYTES);
	make(rig);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	relay_free(rig->relay);
	buf_free(&rig->lent);
	free(rig);
	return 0;
}

static void pass(struct rig *rig, uint64_t ms)
{
	rig->now_ms += ms;
	relay_tick(rig->relay, rig->now_ms);
	drain(rig);
}

/* Tick whenever it is wanted until so much time is gone. */
static void live(struct rig *rig, uint64_t ms)
{
	uint64_t end = rig->now_ms + ms;

	for (;;) {
		uint64_t due = relay_due_ms(rig->relay);

		if (due > end) {
			break;
		}
		pass(rig, due > rig->now_ms ? due - rig->now_ms : 1);
	}
	rig->now_ms = end;
}

static void end_reads(struct rig *rig, size_t bad)
{
	relay_redis_read(rig->relay, rig->now_ms, STREAM_OF_RECEIPTS, bad);
	relay_redis_read(rig->relay, rig->now_ms, STREAM_OF_MAIL, 0);
}

static void redis_up(struct rig *rig)
{
	while (relay_state(rig->relay) == RELAY_HOLD) {
		pass(rig, 500);
	}
	relay_found(rig->relay, rig->now_ms, true);
	drain(rig);
	relay_redis_up(rig->relay, rig->now_ms, 1);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
}

static void spool_up(struct rig *rig)
{
	relay_spool_up(rig->relay, rig->now_ms);
	drain(rig);
}

static void frame(
    struct rig *rig, enum frame_type type, const void *body, size_t len)
{
	struct frame frame = {
		.type = (uint16_t)type, .body = body, .body_len = len
	};

	relay_spool_frame(rig->relay, rig->now_ms, &frame);
	drain(rig);
}

static void lent_begin(struct rig *rig, uint8_t n)
{
	buf_reset(&rig->lent);
	buf_put_u8(&rig->lent, n);
}

static void lent_put_rank(struct rig *rig, unsigned name, enum rank rank)
{
	buf_put_u8(&rig->lent, (uint8_t)name);
	buf_put_u8(&rig->lent, (uint8_t)(name >> 8));
	buf_put_zeros(&rig->lent, 14);
	buf_put_u8(&rig->lent, (uint8_t)rank);
	buf_put_u32(&rig->lent, rig->sealed_bytes);
	buf_put_zeros(&rig->lent, rig->sealed_bytes);
}

static void lent_put(struct rig *rig, unsigned name, bool urgent)
{
	lent_put_rank(rig, name, urgent ? RANK_URGENT : RANK_TEXT);
}

static void lent_end(struct rig *rig)
{
	rig->n_takes = 0;
	frame(rig, FRAME_LENT, rig->lent.data, rig->lent.len);
}

static void lend_nothing(struct rig *rig)
{
	lent_begin(rig, 0);
	lent_end(rig);
}

static void lend_one(struct rig *rig, unsigned name, bool urgent)
{
	lent_begin(rig, 1);
	lent_put(rig, name, urgent);
	lent_end(rig);
}

static void added(struct rig *rig, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		relay_redis_added(rig->relay, rig->now_ms);
		drain(rig);
	}
}

static void receipt(struct rig *rig, unsigned name)
{
	uint8_t id[16] = { (uint8_t)name, (uint8_t)(name >> 8) };
	uint8_t hash[32] = { 1 };
	uint8_t sig[64] = { 2 };
	struct stream_receipt r = { .id = id, .hash = hash, .sig = sig };

	relay_redis_receipt(rig->relay, rig->now_ms, &r);
	drain(rig);
}

static void forgotten(struct rig *rig, unsigned name, uint8_t how)
{
	uint8_t body[17] = { (uint8_t)name, (uint8_t)(name >> 8) };

	body[16] = how;
	frame(rig, FRAME_FORGOTTEN, body, sizeof(body));
}

static struct relay_counts counts(const struct rig *rig)
{
	struct relay_counts counts = { 0 };

	relay_counts(rig->relay, &counts);
	return counts;
}

/* Both up, the spool asked and empty. */
static void begin(struct rig *rig)
{
	redis_up(rig);
	spool_up(rig);
	lend_nothing(rig);
	end_reads(rig, 0);
	drain(rig);
	forget_seen(rig);
}

/* Redis' reading ends in time, and the spool says when it has nothing. */
static void read_end(struct rig *rig)
{
	end_reads(rig, 0);
	drain(rig);
	if (rig->n_takes > 0 && rig->n_again == 0) {
		lend_nothing(rig);
	}
}

static void waiting(struct rig *rig)
{
	const uint8_t body[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	frame(rig, FRAME_WAITING, body, sizeof(body));
}

/* ---- reaching Redis ----------------------------------------------------- */

static void it_finds_connects_and_drives(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	assert_int_equal(rig->did[0], RELAY_DO_FIND);
	relay_found(rig->relay, rig->now_ms, true);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_CONNECT);
	assert_int_equal(rig->did[1], RELAY_DO_CONNECT);
	relay_redis_up(rig->relay, rig->now_ms, 1);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	assert_int_equal(rig->n, 2); /* without the spool nothing is asked */
	spool_up(rig);
	assert_int_equal(rig->did[2], RELAY_DO_TELL); /* UNLEND */
	assert_int_equal(rig->did[3], RELAY_DO_REWIND);
	assert_true(did(rig, RELAY_DO_READ));
	assert_int_equal(rig->took, RELAY_PIPELINE);
}

static void what_comes_in_the_wrong_state_changes_nothing(void **state)
{
	struct rig *rig = *state;

	relay_redis_up(rig->relay, rig->now_ms, 1);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	relay_redis_added(rig->relay, rig->now_ms);
	relay_redis_waited(rig->relay, rig->now_ms, 0);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	lend_nothing(rig); /* no spool: nothing is read */
	assert_false(did(rig, RELAY_DO_CUT));
	receipt(rig, 1);
	assert_int_equal(counts(rig).receipts, 0);
	redis_up(rig);
	relay_found(rig->relay, rig->now_ms, true);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
}

static void it_waits_longer_each_time_up_to_thirty_seconds(void **state)
{
	struct rig *rig = *state;
	uint64_t before = 0;

	for (int i = 0; i < 12; i++) {
		uint64_t wait;

		relay_found(rig->relay, rig->now_ms, true);
		relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
		drain(rig);
		assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
		wait = rig->now_ms;
		while (relay_state(rig->relay) == RELAY_HOLD) {
			pass(rig, relay_due_ms(rig->relay) - rig->now_ms);
		}
		wait = rig->now_ms - wait;
		assert_in_range(wait, 160, 36000);
		if (i < 7) {
			assert_true(wait > before);
		} else if (i > 7) {
			assert_in_range(wait, 24000, 36000);
		}
		before = wait;
		assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	}
	/* the log does not grow with the tries */
	assert_int_equal(rig->n_said, 8);
}

static void each_trouble_leads_to_hold_and_is_said(void **state)
{
	static const struct {
		enum stream_trouble why;
		enum log_event event;
	} rows[] = {
		{ STREAM_GONE, LOG_REDIS_LOST },
		{ STREAM_LOADING, LOG_REDIS_LOADING },
		{ STREAM_READONLY, LOG_REDIS_READONLY },
		{ STREAM_REFUSED, LOG_REDIS_REFUSED },
		{ STREAM_DISK, LOG_REDIS_DISK },
		{ STREAM_FULL, LOG_REDIS_FULL },
		{ STREAM_REPLICAS, LOG_REDIS_MIN_REPLICAS },
		{ STREAM_NOGROUP, LOG_REDIS_REPLY },
		{ STREAM_ERROR, LOG_REDIS_REPLY },
		{ STREAM_GARBAGE, LOG_REDIS_REPLY },
		{ STREAM_BIG, LOG_REDIS_REPLY },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(rig);
		begin(rig);
		relay_redis_lost(rig->relay, rig->now_ms, rows[i].why);
		drain(rig);
		assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
		assert_true(said(rig, rows[i].event));
		assert_true(said(rig, LOG_REDIS_LOST));
		redis_up(rig);
		assert_true(said(rig, LOG_REDIS_BACK));
	}
}

static void what_does_not_connect_in_time_is_dropped(void **state)
{
	struct rig *rig = *state;

	relay_found(rig->relay, rig->now_ms, true);
	drain(rig);
	pass(rig, 2999);
	assert_int_equal(relay_state(rig->relay), RELAY_CONNECT);
	pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(did(rig, RELAY_DO_DROP));
	assert_true(said(rig, LOG_REDIS_LATE));
	/* and so is what is not found */
	make(rig);
	pass(rig, 10000);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(said(rig, LOG_REDIS_NOWHERE));
}

static void an_answer_that_does_not_come_ends_the_connection(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	pass(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(did(rig, RELAY_DO_DROP));
}

static void a_reading_that_does_not_end_ends_the_connection(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	pass(rig, 6999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* The master that was cut off goes on as if nothing had happened: what it
 * confirmed may not be with the new one. */
static void another_master_gets_all_that_has_no_receipt(void **state)
{
	struct rig *rig = *state;

	relay_moved(rig->relay, rig->now_ms); /* nothing to leave yet */
	assert_int_equal(relay_state(rig->relay), RELAY_FIND);
	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	added(rig, 1);
	waiting(rig);
	lend_one(rig, 2, true);
	lend_nothing(rig);
	forget_seen(rig);
	relay_moved(rig->relay, rig->now_ms);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
	assert_true(did(rig, RELAY_DO_DROP));
	assert_true(said(rig, LOG_REDIS_MOVED));
	assert_true(relay_due_ms(rig->relay) - rig->now_ms <= 240);
	/* at once what was not confirmed, after a minute what was */
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 2);
	lend_one(rig, 2, true);
	added(rig, 1);
	lend_nothing(rig);
	forget_seen(rig);
	for (int i = 0; i < 61 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 1);
	/* and while it connects it may move again */
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	while (relay_state(rig->relay) == RELAY_HOLD) {
		pass(rig, 500);
	}
	relay_found(rig->relay, rig->now_ms, true);
	relay_moved(rig->relay, rig->now_ms);
	drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* Else a Redis that takes the connection and refuses the work would be tried
 * five times a second for ever. */
static void only_success_makes_the_waits_short_again(void **state)
{
	struct rig *rig = *state;
	uint64_t waits[4];

	for (int i = 0; i < 4; i++) {
		begin(rig);
		waiting(rig);
		lend_one(rig, (unsigned)i + 1, true);
		if (i == 2) {
			added(rig, 1);
		}
		relay_redis_lost(rig->relay, rig->now_ms, STREAM_FULL);
		drain(rig);
		waits[i] = relay_due_ms(rig->relay) - rig->now_ms;
	}
	assert_true(waits[1] > waits[0]);
	assert_true(waits[2] < waits[1]);
	/* half a minute without trouble is a success as well */
	begin(rig);
	for (int i = 0; i < 8; i++) {
		pass(rig, 5000);
		read_end(rig);
	}
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	assert_in_range(relay_due_ms(rig->relay) - rig->now_ms, 160, 240);
}

/* ---- sending ------------------------------------------------------------ */

static void an_urgent_record_leaves_at_once(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	assert_int_equal(rig->added[0], 1);
}

static void without_a_delay_all_leave_at_once(void **state)
{
	struct rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	make(rig);
	begin(rig);
	waiting(rig);
	lend_one(rig, 1, false);
	assert_int_equal(rig->n_added, 1);
}

/* Let the spool answer each TAKE with those of the 200 that were asked for. */
static void lend_asked(struct rig *rig, enum rank rank)
{
	while (rig->n_takes > 0) {
		uint8_t names[RELAY_PIPELINE];
		size_t n = rig->n_again;

		memcpy(names, rig->again, n);
		rig->n_takes = 0;
		rig->n_again = 0;
		lent_begin(rig, (uint8_t)n);
		for (size_t i = 0; i < n; i++) {
			lent_put_rank(rig, names[i], rank);
		}
		lent_end(rig);
	}
}

static void others_leave_together_after_the_delay_in_another_order(void **state)
{
	struct rig *rig = *state;
	bool in_order = true;
	bool seen[100] = { false };

	begin(rig);
	waiting(rig);
	lent_begin(rig, 100);
	for (unsigned i = 0; i < 100; i++) {
		lent_put(rig, i, false);
	}
	lent_end(rig);
	assert_int_equal(rig->n_added, 0);
	lend_nothing(rig);
	forget_seen(rig);
	for (int i = 0; i < 29; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_added + rig->n_again, 0);
	for (int i = 0; i < 92 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 100); /* all at one moment */
	lend_asked(rig, RANK_TEXT);
	assert_int_equal(rig->n_added, 100);
	for (unsigned i = 0; i < 100; i++) {
		assert_false(seen[rig->added[i]]);
		seen[rig->added[i]] = true;
		in_order = in_order && rig->added[i] == i;
	}
	assert_false(in_order);
}

static void who_comes_too_late_for_a_batch_waits_for_the_next(void **state)
{
	struct rig *rig = *state;
	uint64_t first;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, false);
	lend_nothing(rig);
	first = rig->now_ms;
	/* one by one, two seconds apart: each waits 30 to 120 s */
	for (unsigned i = 2; i < 100; i++) {
		pass(rig, 2000);
		read_end(rig);
		if (rig->n_takes > 0 && rig->n_again > 0) {
			for (size_t k = 0; k < rig->n_again; k++) {
				uint64_t came =
				    first + (rig->again[k] - 1u) * 2000u;

				assert_in_range(
				    rig->now_ms - came, 30000, 122000);
			}
			lend_asked(rig, RANK_TEXT);
		}
		forget_seen(rig);
		waiting(rig);
		lend_one(rig, i, false);
		lend_nothing(rig);
		forget_seen(rig);
	}
}

static void a_pipeline_is_filled_and_not_more(void **state)
{
	struct rig *rig = *state;
	unsigned name = 0;

	rig->opts.credit = 10000;
	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	make(rig);
	begin(rig);
	waiting(rig);
	while (rig->took > 0) {
		unsigned n = rig->took;

		rig->took = 0;
		lent_begin(rig, (uint8_t)n);
		for (unsigned i = 0; i < n; i++) {
			lent_put(rig, name++, false);
		}
		lent_end(rig);
	}
	/* four are open: no more before Redis has answered the first */
	assert_int_equal(rig->n_added, 4 * RELAY_PIPELINE);
	added(rig, RELAY_PIPELINE - 1);
	assert_int_equal(rig->took, 0);
	added(rig, 1);
	assert_int_equal(rig->took, RELAY_PIPELINE);
}

/* Answer each TAKE with as many of that rank as it wants, or nothing. */
static unsigned lend_all_of(struct rig *rig, enum rank rank, unsigned name)
{
	while (rig->n_takes > 0) {
		unsigned n = rig->took_last >= rank ? rig->took : 0;

		lent_begin(rig, (uint8_t)n);
		for (unsigned i = 0; i < n; i++) {
			lent_put_rank(rig, name++, rank);
		}
		lent_end(rig);
		added(rig, n);
	}
	return name;
}

static void no_more_are_in_hand_than_the_credit(void **state)
{
	struct rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.credit = 300;
	make(rig);
	begin(rig);
	waiting(rig);
	(void)lend_all_of(rig, RANK_URGENT, 0);
	assert_int_equal(rig->n_added, 300);
	assert_int_equal(counts(rig).in_hand, 300);
	/* a receipt makes room for one */
	rig->n_takes = 0;
	receipt(rig, 17);
	forgotten(rig, 17, 0);
	assert_int_equal(rig->n_takes, 1);
	assert_int_equal(rig->took, 1);
}

/* Pieces of files to half of the credit, texts to three quarters. */
static void there_is_credit_left_for_what_is_more_urgent(void **state)
{
	struct rig *rig = *state;
	unsigned name = 0;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.credit = 1000;
	make(rig);
	begin(rig);
	waiting(rig);
	name = lend_all_of(rig, RANK_PIECE, name);
	assert_int_equal(counts(rig).in_hand, 500);
	assert_int_equal(rig->took_last, RANK_TEXT);
	waiting(rig);
	name = lend_all_of(rig, RANK_TEXT, name);
	assert_int_equal(counts(rig).in_hand, 750);
	assert_int_equal(rig->took_last, RANK_URGENT);
	waiting(rig);
	(void)lend_all_of(rig, RANK_URGENT, name);
	assert_int_equal(counts(rig).in_hand, 1000);
	assert_int_equal(rig->n_added, 1000);
}

/* A quarter of Redis' memory, of it half for pieces; more by one frame. */
static void credit_is_counted_in_bytes_too(void **state)
{
	struct rig *rig = *state;
	unsigned name = 0;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.memory_bytes = UINT64_C(8) << 20;
	rig->opts.credit = 60000;
	rig->sealed_bytes = 10000;
	make(rig);
	begin(rig);
	waiting(rig);
	name = lend_all_of(rig, RANK_PIECE, name);
	assert_in_range(counts(rig).bytes, 1 << 20, (1 << 20) + 1280000);
	assert_int_equal(rig->took_last, RANK_TEXT);
	waiting(rig);
	/* what is forgotten gives its bytes back */
	lend_nothing(rig);
	while (rig->took_last < RANK_PIECE) {
		name--;
		receipt(rig, name);
		forgotten(rig, name, 0);
		assert_true(name > 0);
	}
	assert_in_range(counts(rig).bytes, (1 << 20) - 10000, (1 << 20) - 1);
}

static void a_redis_that_fills_up_gets_only_what_is_urgent(void **state)
{
	struct rig *rig = *state;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->used_bytes = MEMORY_BYTES / 2 - 1;
	make(rig);
	begin(rig);
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	rig->used_bytes = MEMORY_BYTES / 2 + 1;
	lend_one(rig, 1, false);
	added(rig, 1);
	assert_true(said(rig, LOG_REDIS_HEAVY));
	while (
	    rig->n_takes > 0) { /* the first was said before that was known */
		lend_nothing(rig);
	}
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_TEXT);
	lend_nothing(rig);
	rig->used_bytes = MEMORY_BYTES / 4 * 3 + 1;
	pass(rig, 1000);
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_URGENT);
	lend_one(rig, 2, true);
	added(rig, 1);
	lend_nothing(rig);
	/* nothing of it is sent again either, and the alarm is not repeated */
	forget_seen(rig);
	for (int i = 0; i < 300; i++) {
		live(rig, 1000);
		rig->n_again = 0;
		read_end(rig);
		assert_false(rig->n_takes > 0 && rig->took_last != RANK_URGENT);
	}
	assert_false(said(rig, LOG_REDIS_HEAVY));
	/* trimmed: within two seconds all goes on */
	rig->used_bytes = 1000;
	for (int i = 0; i < 2 && rig->took_last != RANK_PIECE; i++) {
		while (rig->n_takes > 0) {
			lend_nothing(rig);
		}
		pass(rig, 1000);
	}
	assert_int_equal(rig->took_last, RANK_PIECE);
}

/* Four frames could be on their way before Redis says that it is full. */
static void what_was_sent_since_redis_was_measured_counts(void **state)
{
	struct rig *rig = *state;
	const uint64_t memory = UINT64_C(32) << 20;
	const unsigned n = 30;

	rig->opts.delay_min_ms = rig->opts.delay_max_ms = 0;
	rig->opts.memory_bytes = memory;
	rig->used_bytes = memory / 100 * 48;
	rig->sealed_bytes = 69000;
	make(rig);
	begin(rig);
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	/* Redis is slow: nothing is answered */
	rig->mute = true;
	lent_begin(rig, (uint8_t)n);
	for (unsigned i = 0; i < n; i++) {
		lent_put_rank(rig, i, RANK_PIECE);
	}
	lent_end(rig);
	assert_int_equal(rig->n_added, n);
	assert_int_equal(rig->took_last, RANK_TEXT);
	/* what it says does not have what was on its way */
	relay_redis_measured(rig->relay, rig->now_ms, rig->used_bytes);
	drain(rig);
	while (rig->n_takes > 0) {
		lend_nothing(rig);
	}
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_TEXT);
	lend_nothing(rig);
	/* all of it is answered, and it had room: it goes on at once */
	rig->mute = false;
	added(rig, n);
	waiting(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
}

/* One of our connections hangs; another one says how full Redis is. */
static void that_it_is_measured_is_no_answer_to_what_was_sent(void **state)
{
	struct rig *rig = *state;

	rig->used_bytes = MEMORY_BYTES / 2 + 1; /* measured each second */
	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	live(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	live(rig, 2);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

static void nothing_goes_before_it_is_known_how_full_redis_is(void **state)
{
	struct rig *rig = *state;

	rig->mute = true;
	redis_up(rig);
	spool_up(rig);
	assert_int_equal(rig->n_takes, 0);
	relay_redis_measured(rig->relay, rig->now_ms, 5);
	drain(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	/* an answer that nobody asked for changes nothing */
	relay_redis_measured(rig->relay, rig->now_ms, MEMORY_BYTES);
	drain(rig);
	assert_false(said(rig, LOG_REDIS_HEAVY));
}

static void a_redis_that_does_not_say_how_full_it_is_gets_all(void **state)
{
	struct rig *rig = *state;

	rig->used_bytes = 0;
	redis_up(rig);
	spool_up(rig);
	assert_int_equal(rig->took_last, RANK_PIECE);
	assert_true(said(rig, LOG_REDIS_UNMEASURED));
	forget_seen(rig);
	live(rig, 60000);
	assert_false(said(rig, LOG_REDIS_UNMEASURED));
}

static void how_full_it_is_not_being_said_ends_the_connection(void **state)
{
	struct rig *rig = *state;

	rig->mute = true;
	redis_up(rig);
	spool_up(rig);
	pass(rig, 4999);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
	pass(rig, 1);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

/* It may have been full of what is acknowledged: then it is trimmed, and
 * what is urgent is there first. */
static void after_it_was_full_urgent_ones_are_tried_first(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_FULL);
	drain(rig);
	assert_true(said(rig, LOG_REDIS_FULL));
	lend_nothing(rig);
	forget_seen(rig);
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->took_last, RANK_URGENT);
	rig->n_again = 0;
	lend_one(rig, 1, true);
	added(rig, 1);
	lend_nothing(rig);
	for (enum rank rank = RANK_TEXT; rank <= RANK_PIECE; rank++) {
		uint64_t start_ms = rig->now_ms;

		while (rig->took_last != rank) {
			live(rig, 1000);
			rig->n_again = 0;
			read_end(rig);
			assert_true(rig->now_ms < start_ms + 10 * MINUTE_MS);
		}
		assert_true(rig->now_ms > start_ms + 50000);
	}
}

/* The spool holds more than is remembered, and all that is remembered is
 * due: it lends at random, and what it lends has to go. */
static void with_more_waiting_than_remembered_nothing_stands_still(void **state)
{
	struct rig *rig = *state;
	unsigned name = 0;

	rig->opts.credit = 50;
	make(rig);
	begin(rig);
	waiting(rig);
	name = lend_all_of(rig, RANK_TEXT, name);
	assert_int_equal(name, 38);
	assert_int_equal(counts(rig).in_hand, 38);
	forget_seen(rig);
	for (int i = 0; i < 121 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 38);
	assert_int_equal(rig->took, 38);
	lent_begin(rig, 38);
	for (; name < 66; name++) {
		lent_put(rig, name, false); /* others than were asked for */
	}
	for (unsigned i = 0; i < 10; i++) {
		lent_put(rig, rig->again[i], false);
	}
	lent_end(rig);
	assert_in_range(rig->n_added, 28, 38);
	assert_int_equal(counts(rig).in_hand, 38);
}

static void what_the_spool_no_longer_has_is_let_go(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	added(rig, 1);
	lend_nothing(rig);
	forget_seen(rig);
	for (int i = 0; i < 400 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	lend_nothing(rig);
	assert_int_equal(counts(rig).in_hand, 0);
}

/* ---- sending again ------------------------------------------------------ */

static void without_a_receipt_it_is_sent_again_less_and_less_often(void **state)
{
	struct rig *rig = *state;
	uint64_t want_ms = 2 * MINUTE_MS;
	uint64_t last;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	added(rig, 1);
	lend_nothing(rig);
	last = rig->now_ms;
	for (int round = 0; round < 12; round++) {
		forget_seen(rig);
		while (rig->n_again == 0) {
			live(rig, 1000);
			read_end(rig);
		}
		assert_in_range(rig->now_ms - last, want_ms - want_ms / 5,
		    want_ms + want_ms / 5 + 1000);
		last = rig->now_ms;
		lend_one(rig, 1, true);
		assert_int_equal(rig->n_added, 1);
		added(rig, 1);
		lend_nothing(rig);
		want_ms = want_ms * 2 < 360 * MINUTE_MS ? want_ms * 2
							: 360 * MINUTE_MS;
	}
	assert_true(said(rig, LOG_RECEIPT_LATE));
}

static void after_a_loss_what_was_sent_is_sent_again(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lent_begin(rig, 2);
	lent_put(rig, 1, true);
	lent_put(rig, 2, true);
	lent_end(rig);
	added(rig, 1); /* Redis has 1, and has not answered for 2 */
	lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	forget_seen(rig);
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 2); /* at once */
	lend_asked(rig, RANK_URGENT);
	added(rig, 1);
	for (int i = 0; i < 59; i++) {
		live(rig, 1000);
		read_end(rig);
		assert_int_equal(rig->n_again, 0);
	}
	for (int i = 0; i < 3 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 1); /* once a minute at most */
}

/* A Redis that goes on has what it confirmed: no second copy of it, unless it
 * is another one, or the same after a restart. */
static void what_a_redis_that_goes_on_has_is_not_sent_again(void **state)
{
	static const struct {
		enum stream_trouble why;
		uint64_t client;
		bool same;
		unsigned want;
	} rows[] = {
		{ STREAM_FULL, 9, true, 0 },
		{ STREAM_DISK, 9, true, 0 },
		{ STREAM_REPLICAS, 9, true, 0 },
		{ STREAM_LATE, 9, true, 0 },
		{ STREAM_GONE, 9, true, 1 },
		{ STREAM_LOADING, 9, true, 1 },
		{ STREAM_FULL, 5, true, 1 },
		{ STREAM_FULL, 9, false, 1 },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(rig);
		relay_found(rig->relay, rig->now_ms, true);
		relay_redis_up(rig->relay, rig->now_ms, 5);
		drain(rig);
		spool_up(rig);
		lend_one(rig, 1, true);
		added(rig, 1);
		lend_nothing(rig);
		pass(rig, 100);
		relay_redis_lost(rig->relay, rig->now_ms, rows[i].why);
		drain(rig);
		while (relay_state(rig->relay) == RELAY_HOLD) {
			pass(rig, 500);
		}
		forget_seen(rig);
		relay_found(rig->relay, rig->now_ms, rows[i].same);
		relay_redis_up(rig->relay, rig->now_ms, rows[i].client);
		drain(rig);
		for (int s = 0; s < 62 && rig->n_again == 0; s++) {
			live(rig, 1000);
			read_end(rig);
		}
		assert_int_equal(rig->n_again, rows[i].want);
	}
}

/* A loss never makes anything later than it would have been without. */
static void a_loss_puts_nothing_off(void **state)
{
	struct rig *rig = *state;
	uint64_t sent_ms;

	rig->opts.again_urgent_ms = 10000;
	make(rig);
	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	added(rig, 1);
	lend_nothing(rig);
	sent_ms = rig->now_ms;
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	forget_seen(rig);
	redis_up(rig);
	for (int i = 0; i < 14 && rig->n_again == 0; i++) {
		live(rig, 1000);
		read_end(rig);
	}
	assert_int_equal(rig->n_again, 1);
	assert_in_range(rig->now_ms - sent_ms, 8000, 13000);
}

static void what_comes_while_redis_is_away_is_given_back(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	lend_one(rig, 5, true);
	assert_int_equal(rig->n_added, 0);
	assert_int_equal(rig->n_again, 1);
	assert_int_equal(rig->again[0], 5);
	assert_int_equal(counts(rig).in_hand, 0);
	forget_seen(rig);
	redis_up(rig);
	assert_true(rig->took > 0);
	lend_one(rig, 5, true);
	assert_int_equal(rig->n_added, 1);
}

static void what_was_asked_for_and_comes_too_late_is_asked_for_anew(
    void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true); /* not answered: due at once after a loss */
	lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	lend_one(rig, 1, true);
	forget_seen(rig);
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	lend_asked(rig, RANK_TEXT);
	assert_int_equal(rig->n_added, 1);
}

static void a_record_that_was_just_sent_is_not_sent_twice(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	added(rig, 1);
	/* the spool was started anew and lends it again */
	relay_spool_lost(rig->relay, rig->now_ms);
	spool_up(rig);
	lend_one(rig, 1, true);
	assert_int_equal(rig->n_added, 1);
	assert_int_equal(counts(rig).in_hand, 1);
}

/* ---- receipts ----------------------------------------------------------- */

static void a_receipt_goes_to_the_spool_whole(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	receipt(rig, 9);
	assert_int_equal(rig->last.what, RELAY_DO_TELL);
	assert_int_equal(rig->last.frame, FRAME_RECEIPT);
	assert_int_equal(rig->last.body_len, 112);
	assert_int_equal(rig->last.body[0], 9);
	assert_int_equal(rig->last.body[16], 1);
	assert_int_equal(rig->last.body[48], 2);
}

static void only_the_spools_word_ends_a_record(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lent_begin(rig, 2);
	lent_put(rig, 1, true);
	lent_put(rig, 2, true);
	lent_end(rig);
	added(rig, 2);
	lend_nothing(rig);
	receipt(rig, 1);
	receipt(rig, 2);
	assert_int_equal(counts(rig).in_hand, 2);
	forgotten(rig, 1, 0);
	assert_int_equal(counts(rig).in_hand, 1);
	forgotten(rig, 2, 2); /* the receipt was forged */
	assert_int_equal(counts(rig).in_hand, 1);
	receipt(rig, 2);
	forgotten(rig, 2, 1);
	assert_int_equal(counts(rig).in_hand, 0);
	receipt(rig, 77);
	forgotten(rig, 77, 1);
	assert_int_equal(counts(rig).receipts, 4);
	assert_int_equal(counts(rig).forgotten, 1);
	assert_int_equal(counts(rig).gone, 2);
	assert_int_equal(counts(rig).refused, 1);
	assert_int_equal(counts(rig).sent, 2);
}

static void a_receipt_may_come_while_the_record_is_asked_for(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	lend_one(rig, 1, true);
	lend_nothing(rig);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	forget_seen(rig);
	redis_up(rig);
	assert_int_equal(rig->n_again, 1);
	receipt(rig, 1);
	forgotten(rig, 1, 0);
	assert_int_equal(counts(rig).in_hand, 0);
	lend_nothing(rig);
	assert_false(did(rig, RELAY_DO_CUT));
}

static void reading_waits_for_a_spool_that_is_behind(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	for (unsigned i = 0; i < 400; i++) {
		receipt(rig, i);
	}
	forget_seen(rig);
	read_end(rig);
	assert_false(did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
	forgotten(rig, 0, 1);
	assert_true(did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
}

static void a_spool_that_comes_back_gets_all_receipts_again(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	relay_spool_lost(rig->relay, rig->now_ms);
	receipt(rig, 1);
	assert_int_equal(counts(rig).receipts, 0);
	read_end(rig);
	assert_false(did(rig, RELAY_DO_READ));
	spool_up(rig);
	assert_true(did(rig, RELAY_DO_REWIND));
	assert_true(did(rig, RELAY_DO_READ));
}

static void entries_that_are_no_receipts_are_counted_and_said_once(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	end_reads(rig, 3);
	drain(rig);
	assert_true(said(rig, LOG_RECEIPT_ODD));
	forget_seen(rig);
	end_reads(rig, 4);
	drain(rig);
	assert_false(said(rig, LOG_RECEIPT_ODD));
	assert_int_equal(counts(rig).odd, 7);
}

/* ---- mail -----------------------------------------------------------------
 */

static void mail(struct rig *rig)
{
	static const uint8_t bytes[STREAM_REPLY_BYTES] = { 5 };

	relay_redis_mail(
	    rig->relay, rig->now_ms, bytes_of(bytes, sizeof(bytes)));
	drain(rig);
}

static void mail_kept(struct rig *rig, uint8_t how)
{
	const struct frame frame = {
		.type = FRAME_MAIL_KEPT,
		.body = &how,
		.body_len = 1,
	};

	relay_spool_frame(rig->relay, rig->now_ms, &frame);
	drain(rig);
}

static void mail_goes_to_the_spool_whole(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	mail(rig);
	assert_int_equal(rig->last.what, RELAY_DO_TELL);
	assert_int_equal(rig->last.frame, FRAME_MAIL);
	assert_int_equal(rig->last.mail.len, STREAM_REPLY_BYTES);
	assert_int_equal(rig->last.mail.at[0], 5);
	mail_kept(rig, 0);
	mail(rig);
	mail(rig);
	mail_kept(rig, 1);
	mail_kept(rig, 2);
	assert_int_equal(counts(rig).mail, 3);
	assert_int_equal(counts(rig).mail_kept, 1);
	assert_int_equal(counts(rig).mail_bad, 1);
	assert_false(did(rig, RELAY_DO_CUT));
}

static void reading_waits_for_mail_that_the_spool_has_not_answered(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	for (unsigned i = 0; i < 400; i++) {
		mail(rig);
	}
	forget_seen(rig);
	read_end(rig);
	assert_false(did_of(rig, RELAY_DO_READ, STREAM_OF_MAIL));
	assert_true(did_of(rig, RELAY_DO_READ, STREAM_OF_RECEIPTS));
	mail_kept(rig, 0);
	assert_true(did_of(rig, RELAY_DO_READ, STREAM_OF_MAIL));
}

static void mail_without_room_is_read_again_later(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	mail(rig);
	mail_kept(rig, 3);
	forget_seen(rig);
	pass(rig, 9 * MINUTE_MS);
	assert_false(did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
	pass(rig, 2 * MINUTE_MS);
	assert_true(did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
	forget_seen(rig);
	pass(rig, 60 * MINUTE_MS);
	assert_false(did_of(rig, RELAY_DO_REWIND, STREAM_OF_MAIL));
}

static void mail_goes_nowhere_while_the_spool_is_away(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	relay_spool_lost(rig->relay, rig->now_ms);
	drain(rig);
	forget_seen(rig);
	mail(rig);
	assert_false(did(rig, RELAY_DO_TELL));
	spool_up(rig);
	assert_true(did(rig, RELAY_DO_REWIND));
}

static void a_spool_that_answers_no_mail_is_cut(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	mail_kept(rig, 0); /* of nothing */
	assert_true(did(rig, RELAY_DO_CUT));
	spool_up(rig);
	forget_seen(rig);
	mail(rig);
	mail_kept(rig, 4);
	assert_true(did(rig, RELAY_DO_CUT));
	spool_up(rig);
	mail(rig);
	forget_seen(rig);
	pass(rig, 31000);
	assert_true(did(rig, RELAY_DO_CUT));
}

/* ---- a spool that is wrong or silent ------------------------------------- */

static void each_wrong_frame_ends_the_spools_connection(void **state)
{
	static const uint8_t zeros[64];
	static const uint8_t how_three[17] = { [16] = 3 };
	static const uint8_t rank_three[] = { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 'x' };
	static const uint8_t too_many[] = { 255 };
	static const struct {
		enum frame_type type;
		const uint8_t *body;
		size_t len;
	} rows[] = {
		{ FRAME_KEPT, zeros, 5 },
		{ FRAME_WAITING, zeros, 7 },
		{ FRAME_WAITING, zeros, 9 },
		{ FRAME_FORGOTTEN, zeros, 16 },
		{ FRAME_FORGOTTEN, zeros, 18 },
		{ FRAME_FORGOTTEN, how_three, 17 },
		{ FRAME_LENT, zeros, 0 },
		{ FRAME_LENT, zeros, 2 },
		{ FRAME_LENT, rank_three, sizeof(rank_three) },
		{ FRAME_LENT, too_many, sizeof(too_many) },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(rig);
		begin(rig);
		waiting(rig);
		receipt(rig, 1);
		assert_false(did(rig, RELAY_DO_CUT));
		frame(rig, rows[i].type, rows[i].body, rows[i].len);
		assert_true(did(rig, RELAY_DO_CUT));
	}
	/* answers to what was not asked */
	make(rig);
	begin(rig);
	lend_nothing(rig);
	assert_true(did(rig, RELAY_DO_CUT));
	make(rig);
	begin(rig);
	forgotten(rig, 1, 0);
	assert_true(did(rig, RELAY_DO_CUT));
}

static void every_cut_of_a_lent_frame_ends_the_spools_connection(void **state)
{
	struct rig *rig = *state;

	lent_begin(rig, 2);
	lent_put(rig, 1, false);
	lent_put(rig, 2, true);
	for (size_t len = 0; len < rig->lent.len; len++) {
		uint8_t *cut = malloc(len + 1);

		make(rig);
		begin(rig);
		waiting(rig);
		assert_non_null(cut);
		memcpy(cut, rig->lent.data, len);
		frame(rig, FRAME_LENT, cut, len);
		assert_true(did(rig, RELAY_DO_CUT));
		free(cut);
	}
}

static void a_silent_spool_is_parted_with(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	waiting(rig);
	for (int i = 0; i < 29; i++) {
		pass(rig, 1000);
		end_reads(rig, 0);
	}
	assert_false(did(rig, RELAY_DO_CUT));
	pass(rig, 1000);
	assert_true(did(rig, RELAY_DO_CUT));
	/* and one that does not say what became of a receipt */
	make(rig);
	begin(rig);
	receipt(rig, 1);
	pass(rig, 6000);
	end_reads(rig, 0);
	waiting(rig); /* a TAKE does not begin the time anew */
	assert_true(rig->took > 0);
	for (int i = 0; i < 30; i++) {
		pass(rig, 1000);
		end_reads(rig, 0);
	}
	assert_true(did(rig, RELAY_DO_CUT));
}

/* ---- replicas and alarms ------------------------------------------------- */

static void each_pipeline_is_followed_by_one_wait(void **state)
{
	struct rig *rig = *state;

	rig->opts.replicas = 2;
	make(rig);
	begin(rig);
	waiting(rig);
	lent_begin(rig, 2);
	lent_put(rig, 1, true);
	lent_put(rig, 2, true);
	lent_end(rig);
	assert_true(did(rig, RELAY_DO_WAIT));
	assert_int_equal(rig->wait_ms, 1000);
	lend_one(rig, 3, true);
	assert_int_equal(rig->n_added, 3);
	rig->took = 0;
	added(rig, 3);
	assert_int_equal(rig->took, 0); /* two waits are open */
	relay_redis_waited(rig->relay, rig->now_ms, 2);
	drain(rig);
	assert_true(rig->took > 0);
	/* a batch that sends nothing needs none */
	forget_seen(rig);
	lend_one(rig, 4, false);
	assert_false(did(rig, RELAY_DO_WAIT));
	/* with one away, what comes behind does not stand for it each time */
	relay_redis_waited(rig->relay, rig->now_ms, 1);
	drain(rig);
	waiting(rig);
	lend_one(rig, 5, true);
	assert_int_equal(rig->wait_ms, 20);
	/* that wait is still owed an answer */
	pass(rig, 5000);
	assert_int_equal(relay_state(rig->relay), RELAY_HOLD);
}

static void too_few_replicas_are_an_alarm_after_a_minute(void **state)
{
	struct rig *rig = *state;

	rig->opts.replicas = 2;
	make(rig);
	begin(rig);
	for (unsigned i = 0; i < 800; i++) {
		unsigned n = i == 30 || i > 700 ? 2 : 1;

		waiting(rig);
		lend_one(rig, i, true);
		added(rig, 1);
		relay_redis_waited(rig->relay, rig->now_ms, n);
		drain(rig);
		lend_nothing(rig);
		pass(rig, 1000);
		read_end(rig);
		if (i == 89) {
			assert_false(said(rig, LOG_REDIS_REPLICAS));
		}
	}
	{
		size_t n = 0;

		for (size_t i = 0; i < rig->n_said; i++) {
			n += rig->said[i] == LOG_REDIS_REPLICAS ? 1 : 0;
		}
		assert_int_equal(n, 2); /* and again every ten minutes */
	}
}

static void late_receipts_are_an_alarm_every_ten_minutes(void **state)
{
	struct rig *rig = *state;
	size_t n = 0;

	begin(rig);
	waiting(rig);
	lent_begin(rig, 2);
	lent_put(rig, 1, true);
	lent_put(rig, 2, false);
	lent_end(rig);
	added(rig, 1);
	relay_spool_lost(rig->relay, rig->now_ms);
	relay_redis_lost(rig->relay, rig->now_ms, STREAM_GONE);
	drain(rig);
	forget_seen(rig);
	pass(rig, 300000);
	assert_false(said(rig, LOG_RECEIPT_LATE));
	for (int i = 0; i < 21; i++) {
		pass(rig, MINUTE_MS);
	}
	for (size_t i = 0; i < rig->n_said; i++) {
		if (rig->said[i] == LOG_RECEIPT_LATE) {
			n++;
			assert_int_equal(rig->said_a[i], n < 3 ? 1 : 2);
		}
	}
	assert_int_equal(n, 3);
}

static void settings_out_of_range_are_refused(void **state)
{
	struct rig *rig = *state;
	struct relay *relay = NULL;
	struct relay_opts good = rig->opts;
	struct relay_opts bad[9];

	for (size_t i = 0; i < 9; i++) {
		bad[i] = good;
	}
	bad[8].memory_bytes = (1 << 20) - 1;
	bad[0].delay_min_ms = good.delay_max_ms + 1;
	bad[1].delay_max_ms = UINT64_C(7) * 3600 * 1000;
	bad[2].again_ms = 0;
	bad[3].again_ms = UINT64_MAX;
	bad[4].again_urgent_ms = 0;
	bad[5].again_urgent_ms = UINT64_MAX;
	bad[6].credit = 0;
	bad[7].credit = 1000001;
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(relay_new(&bad[i], 1, &relay), TL_EINVAL);
		assert_null(relay);
	}
	relay_free(NULL);
}

static enum rank rank_of(unsigned name)
{
	return name % 7 == 0 ? RANK_URGENT
	    : name % 3 == 0  ? RANK_PIECE
			     : RANK_TEXT;
}

/* Any mixture of events: nothing is sent that was not lent, nothing is lost
 * that was not forgotten by the spool. */
static void a_million_random_events_lose_nothing(void **state)
{
	struct rig *rig = *state;
	enum { RECORDS = 200 };
	bool there[RECORDS]; /* in the spool */
	bool lent[RECORDS] = { false };
	unsigned left = RECORDS;

	memset(there, true, sizeof(there));
	rig->opts.credit = 150;
	rig->opts.replicas = 1;
	rig->opts.delay_min_ms = 1000;
	rig->opts.delay_max_ms = 3000;
	make(rig);
	for (unsigned turn = 0; turn < 1000000 && left > 0; turn++) {
		uint32_t dice = random_below(1000, rig);
		uint32_t name = random_below(RECORDS, rig);

		for (size_t i = 0; i < rig->n; i++) {
			if (rig->did[i] == RELAY_DO_CUT) {
				fail();
			} else if (rig->did[i] == RELAY_DO_FIND) {
				relay_found(rig->relay, rig->now_ms, true);
			} else if (rig->did[i] == RELAY_DO_READ) {
				relay_redis_read(
				    rig->relay, rig->now_ms, rig->did_of[i], 0);
			} else if (rig->did[i] == RELAY_DO_CONNECT) {
				relay_redis_up(
				    rig->relay, rig->now_ms, turn % 3 + turn);
			} else if (rig->did[i] == RELAY_DO_REWIND) {
				memset(lent, false, sizeof(lent));
			}
		}
		for (size_t i = 0; i < rig->n_again; i++) {
			lent[rig->again[i]] = false;
		}
		for (size_t i = 0; i < rig->n_added; i++) {
			assert_true(there[rig->added[i]]);
		}
		rig->n = rig->n_again = rig->n_added = rig->n_said = 0;
		if (rig->n_takes > 0 && dice < 500) {
			unsigned want = rig->took;
			unsigned n = 0;

			rig->n_takes = 0;
			lent_begin(rig, 0);
			for (unsigned k = 0; k < RECORDS && n < want; k++) {
				unsigned r = (k + name) % RECORDS;

				if (there[r] && !lent[r] &&
				    rank_of(r) <= rig->took_last) {
					lent_put_rank(rig, r, rank_of(r));
					lent[r] = true;
					n++;
				}
			}
			rig->lent.data[0] = (uint8_t)n;
			lent_end(rig);
		} else if (dice < 800) {
			relay_redis_added(rig->relay, rig->now_ms);
			relay_redis_waited(rig->relay, rig->now_ms, dice % 2);
		} else if (dice < 803) {
			relay_redis_lost(rig->relay, rig->now_ms,
			    dice == 800       ? STREAM_FULL
				: dice == 801 ? STREAM_LATE
					      : STREAM_LOADING);
		} else if (dice == 803) {
			relay_spool_lost(rig->relay, rig->now_ms);
			rig->n_takes = 0;
			spool_up(rig);
		} else if (dice < 810 && turn > 300000) {
			receipt(rig, name);
			forgotten(rig, name, there[name] ? 0 : 1);
			left -= there[name] ? 1 : 0;
			there[name] = false;
		} else if (dice < 815) {
			rig->used_bytes = MEMORY_BYTES / 1000 * dice;
			rig->used_bytes -= dice % 2 * MEMORY_BYTES / 2;
			waiting(rig);
		} else {
			pass(rig, dice);
		}
		drain(rig);
	}
	assert_int_equal(left, 0);
	live(rig, 10000);
	assert_true(counts(rig).sent > RECORDS);
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(it_finds_connects_and_drives),
		RIG(what_comes_in_the_wrong_state_changes_nothing),
		RIG(it_waits_longer_each_time_up_to_thirty_seconds),
		RIG(each_trouble_leads_to_hold_and_is_said),
		RIG(what_does_not_connect_in_time_is_dropped),
		RIG(an_answer_that_does_not_come_ends_the_connection),
		RIG(a_reading_that_does_not_end_ends_the_connection),
		RIG(another_master_gets_all_that_has_no_receipt),
		RIG(only_success_makes_the_waits_short_again),
		RIG(an_urgent_record_leaves_at_once),
		RIG(without_a_delay_all_leave_at_once),
		RIG(others_leave_together_after_the_delay_in_another_order),
		RIG(who_comes_too_late_for_a_batch_waits_for_the_next),
		RIG(a_pipeline_is_filled_and_not_more),
		RIG(no_more_are_in_hand_than_the_credit),
		RIG(there_is_credit_left_for_what_is_more_urgent),
		RIG(credit_is_counted_in_bytes_too),
		RIG(a_redis_that_fills_up_gets_only_what_is_urgent),
		RIG(what_was_sent_since_redis_was_measured_counts),
		RIG(that_it_is_measured_is_no_answer_to_what_was_sent),
		RIG(nothing_goes_before_it_is_known_how_full_redis_is),
		RIG(a_redis_that_does_not_say_how_full_it_is_gets_all),
		RIG(how_full_it_is_not_being_said_ends_the_connection),
		RIG(after_it_was_full_urgent_ones_are_tried_first),
		RIG(with_more_waiting_than_remembered_nothing_stands_still),
		RIG(what_the_spool_no_longer_has_is_let_go),
		RIG(without_a_receipt_it_is_sent_again_less_and_less_often),
		RIG(after_a_loss_what_was_sent_is_sent_again),
		RIG(what_a_redis_that_goes_on_has_is_not_sent_again),
		RIG(a_loss_puts_nothing_off),
		RIG(what_comes_while_redis_is_away_is_given_back),
		RIG(what_was_asked_for_and_comes_too_late_is_asked_for_anew),
		RIG(a_record_that_was_just_sent_is_not_sent_twice),
		RIG(a_receipt_goes_to_the_spool_whole),
		RIG(only_the_spools_word_ends_a_record),
		RIG(a_receipt_may_come_while_the_record_is_asked_for),
		RIG(reading_waits_for_a_spool_that_is_behind),
		RIG(a_spool_that_comes_back_gets_all_receipts_again),
		RIG(entries_that_are_no_receipts_are_counted_and_said_once),
		RIG(mail_goes_to_the_spool_whole),
		RIG(reading_waits_for_mail_that_the_spool_has_not_answered),
		RIG(mail_without_room_is_read_again_later),
		RIG(mail_goes_nowhere_while_the_spool_is_away),
		RIG(a_spool_that_answers_no_mail_is_cut),
		RIG(each_wrong_frame_ends_the_spools_connection),
		RIG(every_cut_of_a_lent_frame_ends_the_spools_connection),
		RIG(a_silent_spool_is_parted_with),
		RIG(each_pipeline_is_followed_by_one_wait),
		RIG(too_few_replicas_are_an_alarm_after_a_minute),
		RIG(late_receipts_are_an_alarm_every_ten_minutes),
		RIG(settings_out_of_range_are_refused),
		RIG(a_million_random_events_lose_nothing),
	};

	return cmocka_run_group_tests_name("queue/relay", tests, NULL, NULL);
}
