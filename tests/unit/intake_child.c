/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/child: a worker has one connection to the spool, however
 * often it asks for another.
 */
#include "server/intake/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "server/net/listener.h"
#include "server/net/peer.h"
#include "tests/lib/tempdir.h"

static void on_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	(void)peer;
	(void)frame;
	(void)fd;
	(void)arg;
}

static void on_gone(struct peer *peer, void *arg)
{
	(void)peer;
	(void)arg;
}

static bool has_ended(int fd)
{
	struct pollfd at = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&at, 1, 0) == 1 && read(fd, &byte, 1) == 0;
}

static void a_new_connection_to_the_spool_ends_the_one_before(void **state)
{
	struct event_base *base = event_base_new();
	struct child worker = { .kind = CHILD_WORKER, .spool_fd = -1 };
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "spool");
	int ends[2];
	int listener = -1;
	int spool[20];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	worker.peer =
	    peer_new(base, ends[0], FRAME_FROM_WORKER, on_frame, on_gone, NULL);
	assert_non_null(worker.peer);
	worker.wants_spool = true;
	child_give_spool(&worker, path);
	assert_true(worker.wants_spool); /* nobody listens */
	assert_int_equal(listener_unix(path, &listener), TL_OK);
	for (size_t i = 0; i < 20; i++) {
		child_give_spool(&worker, path);
		assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
		assert_false(worker.wants_spool);
		spool[i] = accept(listener, NULL, NULL);
		assert_true(spool[i] >= 0);
		assert_false(has_ended(spool[i]));
		assert_true(i == 0 || has_ended(spool[i - 1]));
	}
	/* what waits in the socket to the worker has a copy of each */
	child_take_spool(&worker);
	assert_true(has_ended(spool[19]));
	for (size_t i = 0; i < 20; i++) {
		(void)close(spool[i]);
	}
	peer_free(worker.peer);
	event_base_free(base);
	(void)close(listener);
	(void)close(ends[1]);
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_new_connection_to_the_spool_ends_the_one_before),
	};

	return cmocka_run_group_tests_name("intake/child", tests, NULL, NULL);
}
