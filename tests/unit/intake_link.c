/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/link: one answer or one silence for each question, whatever
 * happens to the process at the other end.
 */
#include "server/intake/link.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rd.h"
#include "server/net/peer.h"

#define PUT_BODY "\x01record"

struct world {
	struct event_base *base;
	struct link *link;
	struct peer *spool; /* the other end */
	unsigned asked;     /* PUTs that the other end got */
	uint32_t last_number;
	bool answers; /* at once */
	unsigned kept, silent, lost;
};

static void on_put(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct world *world = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct buf out;

	(void)fd;
	assert_int_equal(frame->type, FRAME_PUT);
	world->last_number = rd_u32(&rd);
	assert_int_equal(rd.left, strlen(PUT_BODY));
	assert_memory_equal(rd.at, PUT_BODY, rd.left);
	world->asked++;
	if (world->answers) {
		buf_init(&out, 5);
		buf_put_u32(&out, world->last_number);
		buf_put_u8(&out, 0);
		peer_send(peer, FRAME_KEPT, bytes_of(out.data, out.len));
		buf_free(&out);
	}
}

static void on_gone(struct peer *peer, void *arg)
{
	(void)peer;
	(void)arg;
}

static void on_answer(const struct link_answer *answer, void *arg)
{
	struct world *world = arg;

	if (!answer->answered) {
		world->silent++;
		return;
	}
	assert_int_equal(answer->type, FRAME_KEPT);
	assert_int_equal(answer->body.len, 1);
	world->kept++;
}

static void on_lost(size_t waiting, void *arg)
{
	struct world *world = arg;

	(void)waiting;
	world->lost++;
}

static void turn(struct world *world)
{
	for (int i = 0; i < 20; i++) {
		(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
	}
}

/* A spool, or the next one. Returns how many questions it was asked again. */
static size_t attach(struct world *world)
{
	int ends[2];
	size_t again;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	again = link_attach(world->link, ends[0]);
	world->spool = peer_new(
	    world->base, ends[1], FRAME_FROM_WORKER, on_put, on_gone, world);
	assert_non_null(world->spool);
	return again;
}

static void ask(struct world *world, uint64_t deadline_ms)
{
	assert_int_equal(link_ask(world->link, FRAME_PUT, bytes_str(PUT_BODY),
			     deadline_ms, on_answer, world),
	    TL_OK);
}

static int set_up(void **state)
{
	static struct world world;
	struct link_opts opts = { .theirs = FRAME_FROM_SPOOL,
		.waiting_max_bytes = 100,
		.on_lost = on_lost,
		.arg = &world };

	world = (struct world){ .base = event_base_new() };
	opts.base = world.base;
	world.link = link_new(&opts);
	*state = &world;
	return world.base == NULL || world.link == NULL;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	link_free(world->link);
	peer_free(world->spool);
	event_base_free(world->base);
	return 0;
}

static void a_question_gets_its_answer(void **state)
{
	struct world *world = *state;

	world->answers = true;
	assert_false(link_is_up(world->link));
	assert_int_equal(attach(world), 0);
	assert_true(link_is_up(world->link));
	ask(world, 1000);
	assert_int_equal(world->kept, 0); /* never inside the call */
	turn(world);
	assert_int_equal(world->kept, 1);
	link_tick(world->link, 2000);
	assert_int_equal(world->silent, 0);
}

static void a_question_before_there_is_anybody_waits(void **state)
{
	struct world *world = *state;

	world->answers = true;
	ask(world, 1000);
	ask(world, 1000);
	assert_int_equal(attach(world), 2);
	turn(world);
	assert_int_equal(world->kept, 2);
}

static void what_the_dead_one_took_along_is_asked_again(void **state)
{
	struct world *world = *state;

	(void)attach(world);
	ask(world, 1000);
	turn(world);
	assert_int_equal(world->asked, 1);
	peer_free(world->spool);
	turn(world);
	assert_int_equal(world->lost, 1);
	assert_false(link_is_up(world->link));
	assert_int_equal(world->kept + world->silent, 0);
	world->answers = true;
	assert_int_equal(attach(world), 1);
	turn(world);
	assert_int_equal(world->asked, 2);
	assert_int_equal(world->kept, 1);
}

static void a_deadline_ends_in_one_silence(void **state)
{
	struct world *world = *state;
	struct buf late;

	(void)attach(world);
	ask(world, 1000);
	turn(world);
	link_tick(world->link, 999);
	assert_int_equal(world->silent, 0);
	link_tick(world->link, 1000);
	link_tick(world->link, 2000);
	assert_int_equal(world->silent, 1);
	buf_init(&late, 5);
	buf_put_u32(&late, world->last_number);
	buf_put_u8(&late, 0);
	peer_send(world->spool, FRAME_KEPT, bytes_of(late.data, late.len));
	buf_free(&late);
	turn(world);
	assert_int_equal(world->kept, 0);
}

static void too_much_is_refused_at_once(void **state)
{
	struct world *world = *state;
	unsigned taken = 0;

	while (link_ask(world->link, FRAME_PUT, bytes_str(PUT_BODY), 1000,
		   on_answer, world) == TL_OK) {
		taken++;
		assert_true(taken < 100);
	}
	assert_in_range(taken, 5, 10);
	link_tick(world->link, 1000);
	assert_int_equal(world->silent, taken);
	ask(world, 2000);
}

int main(void)
{
#define LINK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LINK_TEST(a_question_gets_its_answer),
		LINK_TEST(a_question_before_there_is_anybody_waits),
		LINK_TEST(what_the_dead_one_took_along_is_asked_again),
		LINK_TEST(a_deadline_ends_in_one_silence),
		LINK_TEST(too_much_is_refused_at_once),
	};
#undef LINK_TEST

	return cmocka_run_group_tests_name(
	    "server/intake/link", tests, NULL, NULL);
}
