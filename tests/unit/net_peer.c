/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/peer: frames over a socketpair. Whoever is at the other end may
 * have been taken over: it may cut, flood, or send what is not a frame.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "server/net/peer.h"

struct side {
	struct peer *peer;
	unsigned frames;
	unsigned gone;
	uint16_t last_type;
	size_t last_len;
	uint8_t last_byte;
	int last_fd;
	bool free_in_frame;
	bool free_in_gone;
	unsigned answer_each; /* frames sent back for each one received */
};

static struct event_base *base;

static void on_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct side *side = arg;

	side->frames++;
	side->last_type = frame->type;
	side->last_len = frame->body_len;
	side->last_byte =
	    frame->body_len > 0 ? frame->body[frame->body_len - 1] : 0;
	side->last_fd = fd;
	for (unsigned i = 0; i < side->answer_each; i++) {
		peer_send(peer, FRAME_KEPT, bytes_str("12345"));
	}
	if (side->free_in_frame) {
		side->peer = NULL;
		peer_free(peer);
	}
}

static void on_gone(struct peer *peer, void *arg)
{
	struct side *side = arg;

	side->gone++;
	if (side->free_in_gone) {
		side->peer = NULL;
		peer_free(peer);
	}
}

static void turn(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
}

/* Ours is a spool that listens to a worker; the other end stays raw. */
static int open_raw(struct side *side, enum frame_from theirs)
{
	int pair[2];

	*side = (struct side){ .last_fd = -1 };
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	side->peer = peer_new(base, pair[0], theirs, on_frame, on_gone, side);
	assert_non_null(side->peer);
	return pair[1];
}

static void open_two(struct side *spool, struct side *worker)
{
	int fd = open_raw(spool, FRAME_FROM_WORKER);

	*worker = (struct side){ .last_fd = -1 };
	worker->peer =
	    peer_new(base, fd, FRAME_FROM_SPOOL, on_frame, on_gone, worker);
	assert_non_null(worker->peer);
}

static void close_side(struct side *side)
{
	peer_free(side->peer);
	side->peer = NULL;
}

static const uint8_t put_abc[] = { 0, 0, 0, 3, 0, 1, 0, 0, 'a', 'b', 'c' };

static void put_raw(int fd, const void *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
}

static void a_frame_arrives_whole_in_any_two_pieces(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof(put_abc); cut++) {
		struct side side;
		int raw = open_raw(&side, FRAME_FROM_WORKER);

		put_raw(raw, put_abc, cut);
		turn(2);
		assert_int_equal(side.frames, cut == sizeof(put_abc) ? 1 : 0);
		put_raw(raw, put_abc + cut, sizeof(put_abc) - cut);
		turn(2);
		assert_int_equal(side.frames, 1);
		assert_int_equal(side.last_type, FRAME_PUT);
		assert_int_equal(side.last_len, 3);
		assert_int_equal(side.last_byte, 'c');
		assert_int_equal(side.last_fd, -1);
		assert_int_equal(side.gone, 0);
		(void)close(raw);
		close_side(&side);
	}
}

static void garbage_ends_the_peer_and_is_told_once(void **state)
{
	uint8_t bytes[2 * sizeof(put_abc)];

	(void)state;
	for (size_t i = 0; i < FRAME_HEAD_BYTES; i++) {
		if (i == 2 || i == 3) {
			continue; /* another length is a frame as well */
		}
		struct side side;
		int raw = open_raw(&side, FRAME_FROM_WORKER);

		memcpy(bytes, put_abc, sizeof(put_abc));
		memcpy(bytes + sizeof(put_abc), put_abc, sizeof(put_abc));
		bytes[i] ^= 0x80;
		put_raw(raw, bytes, sizeof(bytes));
		turn(3);
		assert_int_equal(side.frames, 0);
		assert_int_equal(side.gone, 1);
		peer_send(side.peer, FRAME_KEPT, bytes_str("12345"));
		turn(2);
		assert_int_equal(side.gone, 1);
		(void)close(raw);
		close_side(&side);
	}
}

static void a_worker_cannot_speak_for_the_spool(void **state)
{
	const uint8_t kept[] = { 0, 0, 0, 0, 0, FRAME_KEPT, 0, 0 };
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);

	(void)state;
	put_raw(raw, kept, sizeof(kept));
	turn(2);
	assert_int_equal(side.frames, 0);
	assert_int_equal(side.gone, 1);
	(void)close(raw);
	close_side(&side);
}

static void frames_before_the_end_are_delivered_before_it(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);

	(void)state;
	put_raw(raw, put_abc, sizeof(put_abc));
	put_raw(raw, put_abc, sizeof(put_abc));
	(void)close(raw);
	/* our own write finds the closed socket first */
	peer_send(side.peer, FRAME_KEPT, bytes_str("12345"));
	peer_flush(side.peer);
	turn(4);
	assert_int_equal(side.frames, 2);
	assert_int_equal(side.gone, 1);
	close_side(&side);
}

/* It closes nothing, so that no end of it is to be read. */
static void who_reads_no_more_and_stays_is_ended(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);

	(void)state;
	put_raw(raw, put_abc, sizeof(put_abc));
	assert_int_equal(shutdown(raw, SHUT_RD), 0);
	peer_send(side.peer, FRAME_KEPT, bytes_str("12345"));
	peer_flush(side.peer);
	turn(4);
	assert_int_equal(side.frames, 1);
	assert_int_equal(side.gone, 1);
	(void)close(raw);
	close_side(&side);
}

static void the_longest_frame_passes_and_order_is_kept(void **state)
{
	struct side spool;
	struct side worker;
	uint8_t *body = calloc(1, FRAME_BATCH_BYTES);

	(void)state;
	assert_non_null(body);
	open_two(&spool, &worker);
	body[FRAME_BATCH_BYTES - 1] = 7;
	peer_send(worker.peer, FRAME_PUT, bytes_of(body, FRAME_BATCH_BYTES));
	peer_send(worker.peer, FRAME_PUT, bytes_str("last"));
	assert_true(peer_waiting_bytes(worker.peer) > FRAME_BATCH_BYTES);
	for (int i = 0; i < 1000 && spool.frames == 0; i++) {
		turn(1);
	}
	assert_int_equal(spool.frames >= 1, 1);
	turn(5);
	assert_int_equal(spool.frames, 2);
	assert_int_equal(spool.last_len, 4);
	assert_int_equal(peer_waiting_bytes(worker.peer), 0);
	free(body);
	close_side(&spool);
	close_side(&worker);
}

static void a_descriptor_comes_with_its_own_frame(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);
	struct side worker = { .last_fd = -1 };
	struct stat here;
	struct stat there;
	int pipes[2];

	(void)state;
	/* the raw end plays the worker of a parent */
	worker.peer =
	    peer_new(base, raw, FRAME_FROM_PARENT, on_frame, on_gone, &worker);
	assert_non_null(worker.peer);
	assert_int_equal(pipe(pipes), 0);
	peer_send(side.peer, FRAME_DRAIN, bytes_of(NULL, 0));
	peer_send_fd(side.peer, FRAME_SPOOL_FD, pipes[0]);
	turn(3);
	assert_int_equal(worker.frames, 2);
	assert_int_equal(worker.last_type, FRAME_SPOOL_FD);
	assert_true(worker.last_fd >= 0);
	assert_int_not_equal(worker.last_fd, pipes[0]);
	assert_int_equal(fstat(pipes[0], &here), 0);
	assert_int_equal(fstat(worker.last_fd, &there), 0);
	assert_int_equal(here.st_ino, there.st_ino);
	assert_int_equal(
	    fcntl(worker.last_fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(worker.last_fd);
	peer_send(side.peer, FRAME_DRAIN, bytes_of(NULL, 0));
	turn(3);
	assert_int_equal(worker.last_type, FRAME_DRAIN);
	assert_int_equal(worker.last_fd, -1);
	assert_int_equal(worker.gone, 0);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	close_side(&side);
	close_side(&worker);
}

static void send_with_fd(int to, const void *bytes, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	uint8_t copy[64];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memcpy(copy, bytes, len);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	assert_int_equal(sendmsg(to, &msg, 0), (ssize_t)len);
}

static int lowest_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)close(fd);
	return fd;
}

static void a_stranger_cannot_fill_our_descriptor_table(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);
	int before = lowest_free_fd();

	(void)state;
	send_with_fd(raw, put_abc, sizeof(put_abc), STDERR_FILENO);
	turn(2);
	assert_int_equal(lowest_free_fd(), before);
	assert_int_equal(side.gone, 1);
	(void)close(raw);
	close_side(&side);
}

static void a_frame_that_lacks_its_descriptor_is_garbage(void **state)
{
	const uint8_t spool_fd[] = { 0, 0, 0, 0, 0, FRAME_SPOOL_FD, 0, 0 };
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_PARENT);

	(void)state;
	put_raw(raw, spool_fd, sizeof(spool_fd));
	turn(2);
	assert_int_equal(side.frames, 0);
	assert_int_equal(side.gone, 1);
	(void)close(raw);
	close_side(&side);
}

static void who_does_not_read_is_cut_off_at_the_maximum(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_RELAY);
	uint8_t *body = calloc(1, FRAME_BATCH_BYTES);

	(void)state;
	assert_non_null(body);
	for (int i = 0; i < 20; i++) {
		peer_send(
		    side.peer, FRAME_LENT, bytes_of(body, FRAME_BATCH_BYTES));
		assert_true(
		    peer_waiting_bytes(side.peer) <= PEER_WAITING_MAX_BYTES);
		assert_int_equal(side.gone, 0); /* never inside the call */
	}
	turn(2);
	assert_int_equal(side.gone, 1);
	free(body);
	(void)close(raw);
	close_side(&side);
}

static void it_may_be_freed_in_both_of_its_callbacks(void **state)
{
	struct side side;
	int raw = open_raw(&side, FRAME_FROM_WORKER);

	(void)state;
	side.free_in_frame = true;
	put_raw(raw, put_abc, sizeof(put_abc));
	put_raw(raw, put_abc, sizeof(put_abc));
	turn(3);
	assert_int_equal(side.frames, 1);
	assert_null(side.peer);
	(void)close(raw);

	raw = open_raw(&side, FRAME_FROM_WORKER);
	side.free_in_gone = true;
	(void)close(raw);
	turn(3);
	assert_int_equal(side.gone, 1);
	assert_null(side.peer);

	/* freed with both ends of an activation pending */
	raw = open_raw(&side, FRAME_FROM_WORKER);
	peer_send(side.peer, FRAME_KEPT, bytes_str("12345"));
	close_side(&side);
	turn(3);
	assert_int_equal(side.gone, 0);
	(void)close(raw);
}

static void answers_to_a_burst_leave_in_few_writes(void **state)
{
	struct side spool;
	struct side worker;

	(void)state;
	open_two(&spool, &worker);
	spool.answer_each = 2;
	for (int i = 0; i < 100; i++) {
		peer_send(worker.peer, FRAME_PUT, bytes_str("x"));
	}
	assert_int_equal(spool.frames, 0);
	turn(4);
	assert_int_equal(spool.frames, 100);
	assert_int_equal(worker.frames, 200);
	assert_int_equal(peer_waiting_bytes(spool.peer), 0);
	close_side(&spool);
	close_side(&worker);
}

static int open_base(void **state)
{
	(void)state;
	base = event_base_new();
	return base == NULL ? -1 : 0;
}

static int close_base(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_arrives_whole_in_any_two_pieces),
		cmocka_unit_test(garbage_ends_the_peer_and_is_told_once),
		cmocka_unit_test(a_worker_cannot_speak_for_the_spool),
		cmocka_unit_test(frames_before_the_end_are_delivered_before_it),
		cmocka_unit_test(who_reads_no_more_and_stays_is_ended),
		cmocka_unit_test(the_longest_frame_passes_and_order_is_kept),
		cmocka_unit_test(a_descriptor_comes_with_its_own_frame),
		cmocka_unit_test(a_stranger_cannot_fill_our_descriptor_table),
		cmocka_unit_test(a_frame_that_lacks_its_descriptor_is_garbage),
		cmocka_unit_test(who_does_not_read_is_cut_off_at_the_maximum),
		cmocka_unit_test(it_may_be_freed_in_both_of_its_callbacks),
		cmocka_unit_test(answers_to_a_burst_leave_in_few_writes),
	};

	return cmocka_run_group_tests_name(
	    "server/net/peer", tests, open_base, close_base);
}
