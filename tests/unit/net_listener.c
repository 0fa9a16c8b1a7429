/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/listener: sockets of our own, and those that systemd hands
 * over. A surprise among them must not be served by accident.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/net/listener.h"
#include "tests/lib/tempdir.h"

/* Whether the kernel asks if the other end is still there, and how soon it
 * knows that it is not. */
static bool asks_for_two_minutes(int fd)
{
	int on = 0, idle_s = 0, each_s = 0, times = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len) == 0 &&
	    getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, &len) == 0 &&
	    getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, &len) == 0 &&
	    getsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, &len) == 0 &&
	    on != 0 && idle_s + each_s * times == 120;
}

static void who_is_accepted_is_asked_whether_it_is_there(void **state)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);
	int fd = -1, client, accepted;

	(void)state;
	assert_int_equal(listener_tcp("127.0.0.1:0", &fd), TL_OK);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(client, (const struct sockaddr *)&at, sizeof(at)), 0);
	accepted = accept(fd, NULL, NULL);
	assert_true(accepted >= 0);
	assert_true(asks_for_two_minutes(accepted));
	(void)close(accepted);
	(void)close(client);
	(void)close(fd);
}

static void tcp_listens_where_it_is_told(void **state)
{
	static const char *const places[] = { "127.0.0.1:0", "[::1]:0", "*:0",
		"0.0.0.0:0" };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int listens = 0;
		socklen_t len = sizeof(listens);
		int fd = -1;
		enum tl_err err = listener_tcp(places[i], &fd);

		if (err == TL_EINVAL && strcmp(places[i], "[::1]:0") == 0) {
			continue; /* a host without IPv6 */
		}
		assert_int_equal(err, TL_OK);
		assert_int_not_equal(listener_port(fd), 0);
		assert_int_equal(
		    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len),
		    0);
		assert_int_equal(listens, 1);
		assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
		assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
		(void)close(fd);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "", ":", ":443", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "::1:443",
		"[::1:443", "example.org:443", "[]:443", "256.0.0.1:443",
		"192.0.2.1:0" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = -7;

		if (listener_tcp(wrong[i], &fd) != TL_EINVAL) {
			fail_msg("taken: %s", wrong[i]);
		}
		assert_int_equal(fd, -7);
	}
}

static void a_taken_port_is_said_to_be(void **state)
{
	char place[32];
	int first;
	int second = -7;

	(void)state;
	assert_int_equal(listener_tcp("127.0.0.1:0", &first), TL_OK);
	(void)snprintf(
	    place, sizeof(place), "127.0.0.1:%u", listener_port(first));
	assert_int_equal(listener_tcp(place, &second), TL_EBUSY);
	assert_int_equal(second, -7);
	(void)close(first);
}

static void a_unix_socket_is_0660_and_replaces_only_a_dead_one(void **state)
{
	char *dir = tempdir_make();
	char *path = strdup(tempdir_path(dir, "s"));
	struct stat info;
	int fd;
	int second = -7;

	(void)state;
	assert_int_equal(listener_unix(path, &fd), TL_OK);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0660);
	assert_int_equal(listener_port(fd), 0);
	assert_int_equal(listener_unix(path, &second), TL_EBUSY);
	assert_int_equal(second, -7);
	(void)close(fd);
	assert_int_equal(listener_unix(path, &fd), TL_OK);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	/* a file of somebody else's is not ours to remove */
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	assert_int_equal(listener_unix(path, &second), TL_EEXIST);
	assert_int_equal(stat(path, &info), 0);
	free(path);
	tempdir_remove(dir);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	char path[200];
	int fd = -7;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(listener_unix(path, &fd), TL_EINVAL);
	assert_int_equal(listener_unix("", &fd), TL_EINVAL);
	assert_int_equal(fd, -7);
}

/* ---- from systemd -------------------------------------------------------- */

static const char *const known[] = { "https", "onion", "admin" };

static int stream_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET) {
		const struct sockaddr_in any = { .sin_family = AF_INET };

		assert_int_equal(
		    bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	} else {
		const struct sockaddr_un any = { .sun_family = AF_UNIX };

		/* autobind to an abstract name */
		assert_int_equal(bind(fd, (const struct sockaddr *)&any,
				     sizeof(any.sun_family)),
		    0);
	}
	return fd;
}

/* Put the sockets where systemd does, as a child of its own. */
static int inherit_in_child(
    const int *fds, int n, const char *names, const char *count)
{
	struct listener_inherited found[LISTENER_INHERIT_MAX];
	char pid[24];
	size_t n_found = 99;
	int bad = -1;

	for (int i = 0; i < n; i++) {
		(void)dup2(fds[i], 3 + i);
	}
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", count, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
	if (listener_inherit(known, 3, found, &n_found, &bad) != TL_OK) {
		return 100 + bad;
	}
	if (getenv("LISTEN_FDS") != NULL || n_found != (size_t)n) {
		return 1;
	}
	if (n > 0 &&
	    (strcmp(found[0].name, "https") != 0 || found[0].fd != 3 ||
		found[0].is_unix || !asks_for_two_minutes(3))) {
		return 2;
	}
	if (n > 1 &&
	    (strcmp(found[1].name, "onion") != 0 || !found[1].is_unix ||
		(fcntl(4, F_GETFD) & FD_CLOEXEC) == 0 ||
		(fcntl(4, F_GETFL) & O_NONBLOCK) == 0)) {
		return 3;
	}
	return 0;
}

static int inherit(const int *fds, int n, const char *names, const char *count)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		_exit(inherit_in_child(fds, n, names, count));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void sockets_of_systemd_are_taken_by_their_names(void **state)
{
	int fds[2] = { stream_socket(AF_INET), stream_socket(AF_UNIX) };

	(void)state;
	assert_int_equal(listen(fds[0], 5), 0);
	assert_int_equal(listen(fds[1], 5), 0);
	assert_int_equal(inherit(fds, 2, "https:onion", "2"), 0);
	assert_int_equal(inherit(fds, 1, "https", "1"), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_surprise_of_systemd_is_refused(void **state)
{
	int good = stream_socket(AF_INET);
	int deaf = stream_socket(AF_INET); /* does not listen */
	int datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
	int file = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(listen(good, 5), 0);
	assert_int_equal(inherit(&good, 1, "http", "1"), 103);
	assert_int_equal(inherit(&good, 1, "https-x", "1"), 103);
	assert_int_equal(inherit(&good, 1, "", "1"), 103);
	assert_int_equal(inherit(&deaf, 1, "https", "1"), 103);
	assert_int_equal(inherit(&datagram, 1, "https", "1"), 103);
	assert_int_equal(inherit(&file, 1, "https", "1"), 103);
	assert_int_equal(
	    inherit((int[]){ good, deaf }, 2, "https:onion", "2"), 104);
	assert_int_equal(inherit(&good, 1, "https", "17"), 103);
	assert_int_equal(inherit(&good, 1, "https", "1x"), 103);
	assert_int_equal(inherit(&good, 1, "https", "-1"), 103);
	(void)close(good);
	(void)close(deaf);
	(void)close(datagram);
	(void)close(file);
}

static void sockets_for_another_process_are_left_alone(void **state)
{
	struct listener_inherited found[LISTENER_INHERIT_MAX];
	size_t n = 99;
	int bad = -1;

	(void)state;
	(void)setenv("LISTEN_PID", "1", 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	assert_int_equal(listener_inherit(known, 3, found, &n, &bad), TL_OK);
	assert_int_equal(n, 0);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	n = 99;
	assert_int_equal(listener_inherit(known, 3, found, &n, &bad), TL_OK);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_listens_where_it_is_told),
		cmocka_unit_test(who_is_accepted_is_asked_whether_it_is_there),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_taken_port_is_said_to_be),
		cmocka_unit_test(
		    a_unix_socket_is_0660_and_replaces_only_a_dead_one),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
		cmocka_unit_test(sockets_of_systemd_are_taken_by_their_names),
		cmocka_unit_test(a_surprise_of_systemd_is_refused),
		cmocka_unit_test(sockets_for_another_process_are_left_alone),
	};

	return cmocka_run_group_tests_name(
	    "server/net/listener", tests, NULL, NULL);
}
