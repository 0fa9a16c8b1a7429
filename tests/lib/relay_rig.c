/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/relay_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint32_t relay_rig_random_below(uint32_t n, void *arg)
{
	struct relay_rig *rig = arg;

	rig->random = rig->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)rig->random * n >> 32);
}

static void note_tell(struct relay_rig *rig, const struct relay_action *action)
{
	if (action->frame == FRAME_TAKE) {
		assert_int_equal(action->body_len, 3);
		rig->took = (unsigned)action->body[0] << 8 | action->body[1];
		rig->took_last = (enum rank)action->body[2];
		assert_in_range(rig->took, 1, RELAY_PIPELINE);
		rig->n_takes++;
	} else if (action->frame == FRAME_AGAIN) {
		assert_int_equal(action->body_len, 16);
		rig->again[rig->n_again++ % RELAY_RIG_SEEN] = action->body[0];
	}
}

void relay_rig_drain(struct relay_rig *rig)
{
	struct relay_action action;

	while (relay_next(rig->relay, &action)) {
		rig->did_of[rig->n % RELAY_RIG_SEEN] = action.of;
		rig->did[rig->n++ % RELAY_RIG_SEEN] = action.what;
		rig->last = action;
		if (action.what == RELAY_DO_ADD) {
			rig->added[rig->n_added++ % RELAY_RIG_SEEN] =
			    action.id[0];
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

void relay_rig_forget_seen(struct relay_rig *rig)
{
	rig->n = rig->n_added = rig->n_again = rig->n_said = 0;
	rig->took = 0;
	rig->n_takes = 0;
}

bool relay_rig_did(const struct relay_rig *rig, enum relay_do what)
{
	for (size_t i = 0; i < rig->n; i++) {
		if (rig->did[i] == what) {
			return true;
		}
	}
	return false;
}

bool relay_rig_did_of(
    const struct relay_rig *rig, enum relay_do what, enum stream_of of)
{
	for (size_t i = 0; i < rig->n; i++) {
		if (rig->did[i] == what && rig->did_of[i] == of) {
			return true;
		}
	}
	return false;
}

bool relay_rig_said(const struct relay_rig *rig, enum log_event event)
{
	for (size_t i = 0; i < rig->n_said; i++) {
		if (rig->said[i] == event) {
			return true;
		}
	}
	return false;
}

void relay_rig_make(struct relay_rig *rig)
{
	relay_free(rig->relay);
	rig->relay = NULL;
	assert_int_equal(
	    relay_new(&rig->opts, rig->now_ms, &rig->relay), TL_OK);
	relay_rig_drain(rig);
}

int relay_rig_set_up(void **state)
{
	struct relay_rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->now_ms = 1000000;
	rig->random = 7;
	rig->opts = (struct relay_opts){ .delay_min_ms = 30000,
		.delay_max_ms = 120000,
		.again_ms = 600000,
		.again_urgent_ms = 120000,
		.credit = 1000,
		.memory_bytes = RELAY_RIG_MEMORY,
		.seed = 42,
		.random_below = relay_rig_random_below,
		.arg = rig };
	rig->used_bytes = 1000000;
	rig->sealed_bytes = 6;
	buf_init(&rig->lent, FRAME_BATCH_BYTES);
	relay_rig_make(rig);
	*state = rig;
	return 0;
}

int relay_rig_tear_down(void **state)
{
	struct relay_rig *rig = *state;

	relay_free(rig->relay);
	buf_free(&rig->lent);
	free(rig);
	return 0;
}

void relay_rig_pass(struct relay_rig *rig, uint64_t ms)
{
	rig->now_ms += ms;
	relay_tick(rig->relay, rig->now_ms);
	relay_rig_drain(rig);
}

void relay_rig_live(struct relay_rig *rig, uint64_t ms)
{
	uint64_t end = rig->now_ms + ms;

	for (;;) {
		uint64_t due = relay_due_ms(rig->relay);

		if (due > end) {
			break;
		}
		relay_rig_pass(rig, due > rig->now_ms ? due - rig->now_ms : 1);
	}
	rig->now_ms = end;
}

void relay_rig_end_reads(struct relay_rig *rig, size_t bad)
{
	relay_redis_read(rig->relay, rig->now_ms, STREAM_OF_RECEIPTS, bad);
	relay_redis_read(rig->relay, rig->now_ms, STREAM_OF_MAIL, 0);
}

void relay_rig_redis_up(struct relay_rig *rig)
{
	while (relay_state(rig->relay) == RELAY_HOLD) {
		relay_rig_pass(rig, 500);
	}
	relay_found(rig->relay, rig->now_ms, true);
	relay_rig_drain(rig);
	relay_redis_up(rig->relay, rig->now_ms, 1);
	relay_rig_drain(rig);
	assert_int_equal(relay_state(rig->relay), RELAY_DRIVE);
}

void relay_rig_spool_up(struct relay_rig *rig)
{
	relay_spool_up(rig->relay, rig->now_ms);
	relay_rig_drain(rig);
}

void relay_rig_frame(
    struct relay_rig *rig, enum frame_type type, const void *body, size_t len)
{
	struct frame frame = {
		.type = (uint16_t)type, .body = body, .body_len = len
	};

	relay_spool_frame(rig->relay, rig->now_ms, &frame);
	relay_rig_drain(rig);
}

void relay_rig_lent_begin(struct relay_rig *rig, uint8_t n)
{
	buf_reset(&rig->lent);
	buf_put_u8(&rig->lent, n);
}

void relay_rig_lent_put_rank(
    struct relay_rig *rig, unsigned name, enum rank rank)
{
	buf_put_u8(&rig->lent, (uint8_t)name);
	buf_put_u8(&rig->lent, (uint8_t)(name >> 8));
	buf_put_zeros(&rig->lent, 14);
	buf_put_u8(&rig->lent, (uint8_t)rank);
	buf_put_u32(&rig->lent, rig->sealed_bytes);
	buf_put_zeros(&rig->lent, rig->sealed_bytes);
}

void relay_rig_lent_put(struct relay_rig *rig, unsigned name, bool urgent)
{
	relay_rig_lent_put_rank(rig, name, urgent ? RANK_URGENT : RANK_TEXT);
}

void relay_rig_lent_end(struct relay_rig *rig)
{
	rig->n_takes = 0;
	relay_rig_frame(rig, FRAME_LENT, rig->lent.data, rig->lent.len);
}

void relay_rig_lend_nothing(struct relay_rig *rig)
{
	relay_rig_lent_begin(rig, 0);
	relay_rig_lent_end(rig);
}

void relay_rig_lend_one(struct relay_rig *rig, unsigned name, bool urgent)
{
	relay_rig_lent_begin(rig, 1);
	relay_rig_lent_put(rig, name, urgent);
	relay_rig_lent_end(rig);
}

void relay_rig_added(struct relay_rig *rig, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		relay_redis_added(rig->relay, rig->now_ms);
		relay_rig_drain(rig);
	}
}

void relay_rig_receipt(struct relay_rig *rig, unsigned name)
{
	uint8_t id[16] = { (uint8_t)name, (uint8_t)(name >> 8) };
	uint8_t hash[32] = { 1 };
	uint8_t sig[64] = { 2 };
	struct stream_receipt r = { .id = id, .hash = hash, .sig = sig };

	relay_redis_receipt(rig->relay, rig->now_ms, &r);
	relay_rig_drain(rig);
}

void relay_rig_forgotten(struct relay_rig *rig, unsigned name, uint8_t how)
{
	uint8_t body[17] = { (uint8_t)name, (uint8_t)(name >> 8) };

	body[16] = how;
	relay_rig_frame(rig, FRAME_FORGOTTEN, body, sizeof(body));
}

struct relay_counts relay_rig_counts(const struct relay_rig *rig)
{
	struct relay_counts counts = { 0 };

	relay_counts(rig->relay, &counts);
	return counts;
}

void relay_rig_begin(struct relay_rig *rig)
{
	relay_rig_redis_up(rig);
	relay_rig_spool_up(rig);
	relay_rig_lend_nothing(rig);
	relay_rig_end_reads(rig, 0);
	relay_rig_drain(rig);
	relay_rig_forget_seen(rig);
}

void relay_rig_read_end(struct relay_rig *rig)
{
	relay_rig_end_reads(rig, 0);
	relay_rig_drain(rig);
	if (rig->n_takes > 0 && rig->n_again == 0) {
		relay_rig_lend_nothing(rig);
	}
}

void relay_rig_waiting(struct relay_rig *rig)
{
	const uint8_t body[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	relay_rig_frame(rig, FRAME_WAITING, body, sizeof(body));
}

void relay_rig_lend_asked(struct relay_rig *rig, enum rank rank)
{
	while (rig->n_takes > 0) {
		uint8_t names[RELAY_PIPELINE];
		size_t n = rig->n_again;

		memcpy(names, rig->again, n);
		rig->n_takes = 0;
		rig->n_again = 0;
		relay_rig_lent_begin(rig, (uint8_t)n);
		for (size_t i = 0; i < n; i++) {
			relay_rig_lent_put_rank(rig, names[i], rank);
		}
		relay_rig_lent_end(rig);
	}
}
