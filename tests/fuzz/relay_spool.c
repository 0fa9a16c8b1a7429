/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay_spool: a spool that says anything in any order, before a Redis
 * that comes and goes. What is sent lies in the frame that was lent; no more is
 * remembered than there is credit for; nothing is asked while an answer is
 * owed; and a spool that answers what nobody asked is parted with, and told
 * nothing until it is back.
 *
 * Input: credit (1), delay (1), then commands: a byte says which (low three
 * bits), another what of.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "queue/rank.h"
#include "queue/relay.h"

#define BODY_BYTES 8192u
#define MEMORY     (UINT64_C(1) << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct world {
	struct relay *relay;
	uint64_t now_ms, used_bytes, client;
	uint32_t random;
	unsigned credit;
	bool up;               /* the spool, as the relay knows it */
	unsigned take;         /* records it was asked for, unanswered */
	unsigned receipts;     /* that it was told of, unanswered */
	unsigned mail;         /* likewise */
	uint64_t forgotten;    /* that it said */
	bool reads[2];         /* that Redis was asked for */
	struct buf body;       /* of the frame that is being handled */
	enum frame_type frame; /* of which type; 0: none is */
	bool was_cut, connect, find;
};

static uint32_t random_below(uint32_t n, void *arg)
{
	struct world *world = arg;

	world->random = world->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)world->random * n >> 32);
}

/* ---- what it does ------------------------------------------------------- */

/* As it stands in the LENT frame that is being handled. */
static void check_add(
    const struct world *world, const struct relay_action *action)
{
	const uint8_t *at = action->id;
	const uint8_t *end = world->body.data + world->body.len;
	struct rd rd;

	assert(world->frame == FRAME_LENT && at > world->body.data && at < end);
	rd = rd_of(at, (size_t)(end - at));
	(void)rd_bytes(&rd, STREAM_ID_BYTES);
	assert(rd_u8(&rd) < RANKS);
	assert(rd_u32(&rd) == action->sealed.len);
	assert(rd_bytes(&rd, action->sealed.len) == action->sealed.at);
	assert(rd_ok(&rd));
}

static void check_tell(struct world *world, const struct relay_action *action)
{
	struct rd rd = rd_of(action->body, action->body_len);

	assert(world->up);
	if (action->frame == FRAME_TAKE) {
		assert(world->take == 0);
		world->take = rd_u16(&rd);
		assert(world->take >= 1 && world->take <= RELAY_PIPELINE);
		assert(rd_u8(&rd) < RANKS && rd_done(&rd));
	} else if (action->frame == FRAME_RECEIPT) {
		world->receipts++;
		assert(action->body_len == 112);
	} else if (action->frame == FRAME_MAIL) {
		world->mail++;
	} else if (action->frame == FRAME_AGAIN) {
		assert(action->body_len == STREAM_ID_BYTES);
	} else {
		assert(action->frame == FRAME_UNLEND && action->body_len == 0);
	}
}

static void part(struct world *world)
{
	world->up = false;
	world->take = world->receipts = world->mail = 0;
}

static void note(struct world *world, const struct relay_action *action)
{
	switch (action->what) {
	case RELAY_DO_ADD:
		check_add(world, action);
		break;
	case RELAY_DO_TELL:
		check_tell(world, action);
		break;
	case RELAY_DO_CUT:
		part(world);
		world->was_cut = true;
		break;
	case RELAY_DO_FIND:
		world->find = true;
		break;
	case RELAY_DO_CONNECT:
		world->connect = true;
		break;
	case RELAY_DO_READ:
		assert(!world->reads[action->of]);
		world->reads[action->of] = true;
		break;
	case RELAY_DO_DROP:
		memset(world->reads, 0, sizeof(world->reads));
		break;
	case RELAY_DO_MEASURE:
		relay_redis_measured(
		    world->relay, world->now_ms, world->used_bytes);
		break;
	case RELAY_DO_WAIT:
	case RELAY_DO_REWIND:
	case RELAY_DO_SAY:
		break;
	}
}

static void drain(struct world *world)
{
	struct relay_action action;
	struct relay_counts counts;

	while (relay_next(world->relay, &action)) {
		note(world, &action);
	}
	relay_counts(world->relay, &counts);
	assert(counts.in_hand <= world->credit);
	assert(counts.in_hand > 0 || counts.bytes == 0);
	assert(counts.forgotten + counts.gone + counts.refused <=
	    world->forgotten);
	assert(counts.mail_kept + counts.mail_bad <= counts.mail);
}

/* ---- what the spool says ------------------------------------------------- */

/* An answer to what was asked? Then it is no longer owed. */
static bool is_answer(struct world *world)
{
	const struct buf *body = &world->body;

	if (world->frame == FRAME_LENT) {
		unsigned asked = world->take;

		world->take = 0;
		return asked > 0 && body->len > 0 && body->data[0] <= asked;
	}
	if (world->frame == FRAME_FORGOTTEN) {
		world->forgotten++;
		return body->len == 17 && body->data[16] <= 2 &&
		    world->receipts-- > 0;
	}
	if (world->frame == FRAME_MAIL_KEPT) {
		return body->len == 1 && body->data[0] <= 3 &&
		    world->mail-- > 0;
	}
	return world->frame == FRAME_WAITING && body->len == 8;
}

static void say(struct world *world, enum frame_type type)
{
	struct frame frame = { .type = (uint16_t)type,
		.body = world->body.data,
		.body_len = world->body.len };
	bool was_up = world->up;
	bool fine;

	if (buf_err(&world->body) != TL_OK) {
		return;
	}
	world->frame = type;
	fine = was_up && is_answer(world);
	world->was_cut = false;
	relay_spool_frame(world->relay, world->now_ms, &frame);
	drain(world);
	assert(!was_up || fine || world->was_cut);
	/* of LENT, what stands behind the number may be wrong as well */
	assert(!world->was_cut || !fine || type == FRAME_LENT);
	world->frame = (enum frame_type)0;
}

/* Records of one byte each that says name and rank. */
static void lend(struct world *world, struct rd *rd, unsigned n)
{
	buf_put_u8(&world->body, (uint8_t)n);
	for (unsigned i = 0; i < n; i++) {
		uint8_t name = rd_u8(rd);
		uint32_t bytes = name % 5u * 40u;

		buf_put_u8(&world->body, name);
		buf_put_zeros(&world->body, STREAM_ID_BYTES - 1);
		buf_put_u8(&world->body, name % 4 < 3 ? name % 4 : 1);
		buf_put_u32(&world->body, bytes);
		buf_put_zeros(&world->body, bytes);
	}
	say(world, FRAME_LENT);
}

static void say_raw(struct world *world, struct rd *rd, uint8_t what)
{
	static const enum frame_type types[] = { FRAME_LENT, FRAME_FORGOTTEN,
		FRAME_MAIL_KEPT, FRAME_WAITING, FRAME_TAKE };
	size_t n = what >> 3;

	n = n < rd->left ? n : rd->left;
	buf_put(&world->body, rd_bytes(rd, n), n);
	say(world, types[what % 5]);
}

static void say_forgotten(struct world *world, uint8_t what, uint8_t name)
{
	buf_put_u8(&world->body, name);
	buf_put_zeros(&world->body, STREAM_ID_BYTES - 1);
	buf_put_u8(&world->body, what & 3);
	say(world, FRAME_FORGOTTEN);
}

/* ---- what else happens --------------------------------------------------- */

static void redis(struct world *world, uint8_t what)
{
	static const uint8_t
	    zeros[STREAM_ID_BYTES + STREAM_HASH_BYTES + STREAM_SIG_BYTES];
	const struct stream_receipt receipt = { zeros, zeros, zeros };

	switch (what % 8) {
	case 0:
	case 1:
		for (unsigned i = 0; i <= what >> 3; i++) {
			relay_redis_added(world->relay, world->now_ms);
			drain(world);
		}
		break;
	case 2:
		relay_redis_waited(world->relay, world->now_ms, what >> 7);
		break;
	case 3:
		relay_redis_receipt(world->relay, world->now_ms, &receipt);
		break;
	case 4:
		relay_redis_mail(
		    world->relay, world->now_ms, bytes_str("some mail"));
		break;
	case 5:
		for (unsigned of = 0; of < 2; of++) {
			if (world->reads[of]) {
				world->reads[of] = false;
				relay_redis_read(world->relay, world->now_ms,
				    (enum stream_of)of, what >> 7);
			}
		}
		break;
	case 6:
		memset(world->reads, 0, sizeof(world->reads));
		relay_redis_lost(world->relay, world->now_ms,
		    (enum stream_trouble)(1 + (what >> 3) % 10));
		break;
	default:
		world->used_bytes = MEMORY / 32 * (what >> 3);
		relay_moved(world->relay, world->now_ms);
		break;
	}
	drain(world);
}

/* Redis is there at once, if it is looked for. */
static void reach(struct world *world)
{
	if (world->find) {
		world->find = false;
		relay_found(
		    world->relay, world->now_ms, random_below(4, world) > 0);
		drain(world);
	}
	if (world->connect) {
		world->connect = false;
		world->client += random_below(3, world);
		relay_redis_up(world->relay, world->now_ms, world->client);
		drain(world);
	}
}

static void pass(struct world *world, uint8_t what)
{
	uint64_t due_ms = relay_due_ms(world->relay);

	world->now_ms += (uint64_t)what * what * 20;
	if (what == 0 && due_ms > world->now_ms && due_ms != UINT64_MAX) {
		world->now_ms = due_ms;
	}
	relay_tick(world->relay, world->now_ms);
	drain(world);
}

static void connect(struct world *world, bool up)
{
	part(world);
	if (up) {
		world->up = true;
		relay_spool_up(world->relay, world->now_ms);
	} else {
		relay_spool_lost(world->relay, world->now_ms);
	}
	drain(world);
}

static void obey(struct world *world, struct rd *rd)
{
	uint8_t command = rd_u8(rd);
	uint8_t what = rd_u8(rd);

	buf_reset(&world->body);
	switch (command & 7) {
	case 0:
	case 1:
		lend(world, rd, (command & 1) != 0 ? what : what & 7);
		break;
	case 2:
		say_raw(world, rd, what);
		break;
	case 3:
		say_forgotten(world, command >> 3, what);
		break;
	case 4:
		buf_put_zeros(&world->body, 7);
		buf_put_u8(&world->body, what);
		say(world, FRAME_WAITING);
		break;
	case 5:
		redis(world, what);
		break;
	case 6:
		pass(world, what);
		break;
	default:
		connect(world, what % 4 != 0);
		break;
	}
	if (what % 16 != 15) {
		reach(world);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd rd = rd_of(data, len);
	struct world world = { .now_ms = 1000000, .random = 7, .client = 1 };
	struct relay_opts opts = {
		.again_ms = 600000,
		.again_urgent_ms = 120000,
		.memory_bytes = MEMORY,
		.replicas = 1,
		.seed = 42,
		.random_below = random_below,
		.arg = &world,
	};

	opts.credit = world.credit = 1u + rd_u8(&rd);
	opts.delay_max_ms = (uint64_t)rd_u8(&rd) * 1000;
	opts.delay_min_ms = opts.delay_max_ms / 2;
	buf_init(&world.body, BODY_BYTES * 8);
	if (relay_new(&opts, world.now_ms, &world.relay) != TL_OK) {
		abort();
	}
	drain(&world);
	reach(&world);
	connect(&world, true);
	while (rd.left >= 2) {
		obey(&world, &rd);
	}
	relay_free(world.relay);
	buf_free(&world.body);
	return 0;
}
