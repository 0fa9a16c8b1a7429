/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/door_watch: a worker has the sockets that all listen on, and
 * may have been taken over.
 */
#include "server/intake/door_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/net/listener.h"
#include "tests/lib/tempdir.h"

static bool tcp_answers(int door)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers;

	assert_true(fd >= 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&at, &len), 0);
	answers = connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
	(void)close(fd);
	return answers;
}

static void a_tcp_door_that_was_shut_is_open_again(void **state)
{
	struct door_watch watch = { .shut = { false } };
	struct door door = { .fd = -1, .kind = NET_DOOR_HTTPS };

	(void)state;
	assert_int_equal(listener_tcp("127.0.0.1:0", &door.fd), TL_OK);
	for (int round = 0; round < 2; round++) {
		assert_false(door_watch(&watch, &door, 1));
		assert_true(tcp_answers(door.fd));
		assert_false(door_watch(&watch, &door, 1)); /* who waits */
		assert_int_equal(shutdown(door.fd, SHUT_RDWR), 0);
		assert_false(tcp_answers(door.fd));
		assert_true(door_watch(&watch, &door, 1));
		assert_true(tcp_answers(door.fd));
	}
	(void)close(door.fd);
}

/* Then all who come second to a connection would wait for the next. */
static void workers_never_wait_in_a_door(void **state)
{
	struct door_watch watch = { .shut = { false } };
	struct door door = { .fd = -1, .kind = NET_DOOR_HTTPS };

	(void)state;
	assert_int_equal(listener_tcp("127.0.0.1:0", &door.fd), TL_OK);
	assert_int_equal(fcntl(door.fd, F_SETFL, 0), 0);
	assert_true(door_watch(&watch, &door, 1));
	assert_true((fcntl(door.fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_false(door_watch(&watch, &door, 1));
	(void)close(door.fd);
}

/* Then all would hang in close() for a client who reads nothing. */
static void what_is_accepted_does_not_linger(void **state)
{
	const struct linger long_time = { .l_onoff = 1, .l_linger = 30000 };
	struct linger found = { .l_onoff = 1 };
	socklen_t len = sizeof(found);
	struct door_watch watch = { .shut = { false } };
	struct door doors[2] = { { .fd = -1, .kind = NET_DOOR_HTTPS },
		{ .fd = -1, .kind = NET_DOOR_ONION } };
	char *dir = tempdir_make();

	(void)state;
	assert_int_equal(listener_tcp("127.0.0.1:0", &doors[0].fd), TL_OK);
	assert_int_equal(
	    listener_unix(tempdir_path(dir, "door"), &doors[1].fd), TL_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_false(door_watch(&watch, doors, 2));
		assert_int_equal(setsockopt(doors[i].fd, SOL_SOCKET, SO_LINGER,
				     &long_time, sizeof(long_time)),
		    0);
		assert_true(door_watch(&watch, doors, 2));
		assert_int_equal(getsockopt(doors[i].fd, SOL_SOCKET, SO_LINGER,
				     &found, &len),
		    0);
		assert_int_equal(found.l_onoff, 0);
		assert_false(watch.shut[i]);
		assert_false(door_watch(&watch, doors, 2));
	}
	(void)close(doors[0].fd);
	(void)close(doors[1].fd);
	tempdir_remove(dir);
}

static void that_a_unix_door_is_shut_is_said_once(void **state)
{
	struct door_watch watch = { .shut = { false } };
	struct door doors[2] = { { .fd = -1, .kind = NET_DOOR_ONION },
		{ .fd = -1, .kind = NET_DOOR_HTTPS } };
	char *dir = tempdir_make();

	(void)state;
	assert_int_equal(
	    listener_unix(tempdir_path(dir, "door"), &doors[0].fd), TL_OK);
	assert_int_equal(listener_tcp("127.0.0.1:0", &doors[1].fd), TL_OK);
	assert_false(door_watch(&watch, doors, 2));
	assert_int_equal(shutdown(doors[0].fd, SHUT_RDWR), 0);
	assert_true(door_watch(&watch, doors, 2));
	assert_false(door_watch(&watch, doors, 2));
	/* and the other is looked after all the same */
	assert_int_equal(shutdown(doors[1].fd, SHUT_RD), 0);
	assert_true(door_watch(&watch, doors, 2));
	assert_true(tcp_answers(doors[1].fd));
	(void)close(doors[0].fd);
	(void)close(doors[1].fd);
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tcp_door_that_was_shut_is_open_again),
		cmocka_unit_test(workers_never_wait_in_a_door),
		cmocka_unit_test(what_is_accepted_does_not_linger),
		cmocka_unit_test(that_a_unix_door_is_shut_is_said_once),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/door_watch", tests, NULL, NULL);
}
