/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool: the real tipline-spool, and whoever has got hold of a
 * connection to it: they use up nothing that others need.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/spool/service.h"
#include "tests/lib/spool_home.h"

/* Each is a higher number, so each is to be written. */
static void put_lists(struct buf *out, uint32_t from, uint32_t n)
{
	for (uint32_t number = from; number < from + n; number++) {
		struct buf body;

		buf_init(&body, 12);
		buf_put(&body, "the team", 8);
		buf_put_u32(&body, number);
		frame_put(out, FRAME_LIST, body.data, body.len);
		buf_free(&body);
	}
}

/* The number that a LIST_SEEN says. */
static uint32_t hear_seen(int fd, struct buf *in)
{
	struct frame frame;

	do { /* the end of the lists is answered by the day */
		assert_true(home_hear(fd, in, &frame));
	} while (frame.type == FRAME_DAY);
	assert_int_equal(frame.type, FRAME_LIST_SEEN);
	assert_int_equal(frame.body_len, 12);
	assert_memory_equal(frame.body, "the team", 8);
	return (uint32_t)frame.body[8] << 24 | (uint32_t)frame.body[9] << 16 |
	    (uint32_t)frame.body[10] << 8 | frame.body[11];
}

/* Whoever was taken over tells of newer and newer lists. What waits has an
 * end, as it has for records, and each group is one commit. */
static void a_flood_of_lists_is_written_in_groups(void **state)
{
	enum { FLOOD = 3000, LAST = 1000000 };
	struct spool_home *h = *state;
	int fd = home_door(h, "intake.sock");
	unsigned answers = 0;
	uint32_t highest;
	struct buf out, in;

	buf_init(&out, HOME_MANY_BYTES);
	buf_init(&in, HOME_MANY_BYTES);
	put_lists(&out, 1, 1);
	home_say(fd, &out);
	assert_int_equal(hear_seen(fd, &in), 1);
	buf_reset(&out);
	put_lists(&out, 2, FLOOD);
	assert_int_equal(kill(h->pid, SIGSTOP), 0);
	home_say(fd, &out);
	assert_int_equal(kill(h->pid, SIGCONT), 0);
	do {
		/* what found no room is said again by nobody but us */
		buf_reset(&out);
		put_lists(&out, LAST, 1);
		home_say(fd, &out);
		highest = hear_seen(fd, &in);
		answers++;
	} while (highest != LAST);
	assert_in_range(answers, 2, FLOOD / 2);
	buf_reset(&out);
	put_lists(&out, LAST + 1, FLOOD);
	home_has_room_beside(h, "intake.sock", &out);
	buf_free(&in);
	buf_free(&out);
	(void)close(fd);
}

/* The parent says which they are, and that these are all, before a worker has
 * the connection. */
static void of_lists_a_worker_has_nothing_to_say(void **state)
{
	static const uint8_t all[12];
	struct spool_home *h = *state;
	int worker = home_door(h, "intake.sock"), other;
	struct buf out, in;
	struct frame frame;

	buf_init(&out, HOME_MANY_BYTES);
	buf_init(&in, HOME_MANY_BYTES);
	put_lists(&out, 5, 1);
	frame_put(&out, FRAME_LIST, all, sizeof(all));
	home_say(worker, &out);
	assert_int_equal(hear_seen(worker, &in), 5);
	home_keep(worker, 0, 1);
	buf_reset(&out);
	put_lists(&out, 1000000, 1);
	home_say(worker, &out);
	assert_false(home_hear(worker, &in, &frame));
	/* another one is told by what the first has said with right */
	other = home_door(h, "intake.sock");
	buf_reset(&out);
	put_lists(&out, 4, 1);
	frame_put(&out, FRAME_LIST, all, sizeof(all));
	home_say(other, &out);
	assert_int_equal(hear_seen(other, &in), 5);
	home_keep(other, 1, 1);
	buf_free(&in);
	buf_free(&out);
	(void)close(worker);
	(void)close(other);
}

/* Who watches has no business to be the only one. */
static void a_crowd_at_the_admin_socket_keeps_no_worker_out(void **state)
{
	enum { CROWD = SERVICE_CLIENTS_MAX + 20 };
	struct spool_home *h = *state;
	int crowd[CROWD], worker;
	unsigned let_in = 0;
	struct frame frame;
	struct buf in;

	buf_init(&in, HOME_MANY_BYTES);
	for (unsigned i = 0; i < CROWD; i++) {
		crowd[i] = home_door(h, "admin.sock");
		/* one that is turned away may be so before it has spoken */
		(void)send(crowd[i], "\0\0\0\0\0\50\0", 8, MSG_NOSIGNAL);
	}
	worker = home_door(h, "intake.sock");
	home_keep(worker, 0, 3);
	for (unsigned i = 0; i < CROWD; i++) {
		let_in += home_hear(crowd[i], &in, &frame);
		(void)close(crowd[i]);
	}
	assert_int_equal(let_in, SERVICE_ADMINS_MAX);
	/* when they are gone, so is their number */
	for (int fd = -1; fd < 0;) {
		fd = home_door(h, "admin.sock");
		(void)send(fd, "\0\0\0\0\0\50\0", 8, MSG_NOSIGNAL);
		if (!home_hear(fd, &in, &frame)) {
			(void)close(fd);
			fd = -1;
			continue;
		}
		assert_int_equal(frame.type, FRAME_STATS);
		(void)close(fd);
	}
	buf_free(&in);
	(void)close(worker);
}

static void who_asks_for_counts_on_and_on_is_cut_off(void **state)
{
	struct spool_home *h = *state;
	int fd = home_door(h, "admin.sock");
	struct buf out, in;
	struct frame frame;
	unsigned answers = 0;

	buf_init(&out, HOME_MANY_BYTES);
	buf_init(&in, HOME_MANY_BYTES);
	for (unsigned i = 0; i < 8000; i++) {
		frame_put(&out, FRAME_STATS_WANT, "", 0);
	}
	/* all of it lies there before any of it is read */
	assert_int_equal(kill(h->pid, SIGSTOP), 0);
	home_say(fd, &out);
	assert_int_equal(kill(h->pid, SIGCONT), 0);
	while (home_hear(fd, &in, &frame)) {
		answers++;
	}
	assert_in_range(answers, 0, 2000);
	buf_free(&in);
	buf_free(&out);
	(void)close(fd);
	assert_int_equal(home_stats(h).records, 0);
}

#define SPOOLD_TEST(f) \
	cmocka_unit_test_setup_teardown(f, home_set_up, home_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOLD_TEST(a_flood_of_lists_is_written_in_groups),
		SPOOLD_TEST(of_lists_a_worker_has_nothing_to_say),
		SPOOLD_TEST(a_crowd_at_the_admin_socket_keeps_no_worker_out),
		SPOOLD_TEST(who_asks_for_counts_on_and_on_is_cut_off),
	};

	return cmocka_run_group_tests_name(
	    "server/spool, taken peers", tests, NULL, NULL);
}
