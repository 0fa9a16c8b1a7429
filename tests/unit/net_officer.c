/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net for the desk: methods and fields of officers' requests, and
 * answers that go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/net/listener.h"
#include "server/net/server.h"
#include "tests/lib/tempdir.h"

#define HEAD(method, path) method " " path " HTTP/1.1\r\nHost: x\r\n"

struct desk {
	struct net_server *server;
	char *dir;
	net_token listener;
	char seen[256]; /* method, token, cookie, origin of the last request */
	char range[32]; /* and its range */
};

static struct bytes field(const struct net_request *req, const char *name)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		if (strcmp(req->fields[i].name, name) == 0) {
			return req->fields[i].value;
		}
	}
	return bytes_str("-");
}

static void tell(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct desk *desk = arg;
	struct bytes token = field(req, "x-desk-token");
	struct bytes cookie = field(req, "cookie");
	struct bytes origin = field(req, "origin");
	struct bytes other = field(req, "x-forwarded-for");
	struct bytes range = field(req, "range");
	struct net_reply reply = { .status = 200 };

	(void)snprintf(desk->range, sizeof(desk->range), "%.*s", (int)range.len,
	    (const char *)range.at);
	(void)snprintf(desk->seen, sizeof(desk->seen),
	    "%d %.*s %.*s %.*s %.*s %.*s", (int)req->method, (int)token.len,
	    (const char *)token.at, (int)cookie.len, (const char *)cookie.at,
	    (int)origin.len, (const char *)origin.at, (int)other.len,
	    (const char *)other.at, (int)req->body.len,
	    req->body.len > 0 ? (const char *)req->body.at : "");
	net_answer(server, conn, &reply);
}

static void listen_on(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct desk *desk = arg;
	const struct net_reply reply = { .status = 200,
		.type = "text/event-stream",
		.body = bytes_str(": hello\n\n"),
		.stream = true };

	(void)req;
	desk->listener = conn;
	net_answer(server, conn, &reply);
}

static struct desk desk;
static const struct net_route routes[] = {
	{ .path = "/api/tell",
	    .methods = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE,
	    .class = NET_OFFICER,
	    .body_max_bytes = 16,
	    .handle = tell,
	    .arg = &desk },
	{ .path = "/api/events",
	    .methods = HTTP_GET,
	    .class = NET_OFFICER,
	    .handle = listen_on,
	    .arg = &desk },
};

static int start(void **state)
{
	struct net_deadlines deadlines = net_deadlines_default;
	const struct net_opts opts = { .routes = routes,
		.n_routes = 2,
		.deadlines = &deadlines,
		.of_officers = true };
	int fd = -1;

	(void)state;
	deadlines.write_ms = 200;
	desk = (struct desk){ .dir = tempdir_make() };
	assert_int_equal(net_server_new(&opts, &desk.server), TL_OK);
	assert_int_equal(
	    listener_unix(tempdir_path(desk.dir, "s"), &fd), TL_OK);
	assert_int_equal(
	    net_listen(desk.server, fd, NET_DOOR_PROXY, NULL), TL_OK);
	(void)close(fd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	net_server_free(desk.server);
	tempdir_remove(desk.dir);
	return 0;
}

static int join(const char *request)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int small = 4096;

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s",
	    tempdir_path(desk.dir, "s"));
	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL),
	    (ssize_t)strlen(request));
	return fd;
}

/* Turn until text has come, or the end; what came stands in ret. */
static bool hear(int fd, const char *text, char *ret, size_t room)
{
	size_t len = 0;

	for (int turn = 0; turn < 500; turn++) {
		ssize_t n;

		net_turn(desk.server, 10);
		n = recv(fd, ret + len, room - 1 - len, MSG_DONTWAIT);
		len += n > 0 ? (size_t)n : 0;
		ret[len] = '\0';
		if (text != NULL && strstr(ret, text) != NULL) {
			return true;
		}
		if (n == 0) {
			break;
		}
	}
	return text == NULL;
}

static void ask(const char *request, const char *status, const char *seen)
{
	char said[4096];
	int fd = join(request);

	desk.seen[0] = '\0';
	assert_true(hear(fd, "\r\n\r\n", said, sizeof(said)));
	assert_ptr_equal(strstr(said, "HTTP/1.1"), said);
	assert_memory_equal(said + 9, status, 3);
	assert_string_equal(desk.seen, seen);
	(void)close(fd);
}

static void an_officers_request_has_its_methods_and_fields(void **state)
{
	(void)state;
	ask(HEAD("PUT", "/api/tell") "X-Desk-Token: t\r\nCookie: a=b\r\n"
				     "Origin: https://x\r\n"
				     "X-Forwarded-For: 1.2.3.4\r\n"
				     "Content-Length: 2\r\n\r\nhi",
	    "200", "8 t a=b https://x - hi");
	ask(HEAD("DELETE", "/api/tell") "\r\n", "200", "16 - - - - ");
	ask(HEAD("PATCH", "/api/tell") "\r\n", "501", "");
	ask(HEAD("DELETE", "/api/tell") "Content-Length: 1\r\n\r\nx", "400",
	    "");
	ask(HEAD("PUT", "/api/tell") "\r\n", "411", "");
	ask(HEAD("PUT", "/api/tell") "Content-Length: 17\r\n\r\n", "413", "");
	ask(HEAD("GET", "/api/tell") "Cookie: a=b\r\nCookie: a=c\r\n\r\n",
	    "400", "");
	assert_string_equal(desk.range, "-");
	ask(HEAD("GET", "/api/tell") "Range: bytes=0-1\r\n\r\n", "200",
	    "1 - - - - ");
	assert_string_equal(desk.range, "bytes=0-1");
	ask(HEAD("GET", "/api/tell") "Range: bytes=0-\r\nRange: x\r\n\r\n",
	    "400", "");
	ask(HEAD("GET", "/api/../tell") "\r\n", "400", "");
	ask(HEAD("POST", "/api/events") "Content-Length: 0\r\n\r\n", "405", "");
}

static void a_stream_goes_on_until_it_is_ended(void **state)
{
	char said[4096];
	int fd = join(HEAD("GET", "/api/events") "\r\n");

	(void)state;
	assert_true(hear(fd, ": hello\n\n", said, sizeof(said)));
	assert_non_null(strstr(said, "\r\nConnection: close\r\n"));
	assert_null(strstr(said, "Content-Length"));
	assert_non_null(strstr(said, "\r\nCache-Control: no-store\r\n"));
	for (int i = 0; i < 3; i++) {
		assert_true(
		    net_stream(desk.server, desk.listener, bytes_str("x\n\n")));
		assert_true(hear(fd, "x\n\n", said, sizeof(said)));
	}
	net_stream_end(desk.server, desk.listener);
	assert_true(hear(fd, NULL, said, sizeof(said)));
	assert_false(net_stream(desk.server, desk.listener, bytes_str("late")));
	assert_int_equal(net_counts(desk.server)->overdue_stream, 0);
	(void)close(fd);
}

static void who_leaves_or_talks_is_no_listener_any_more(void **state)
{
	(void)state;
	for (int talks = 0; talks < 2; talks++) {
		char said[4096];
		int fd = join(HEAD("GET", "/api/events") "\r\n");

		assert_true(hear(fd, ": hello\n\n", said, sizeof(said)));
		if (talks == 1) {
			assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
		} else {
			(void)close(fd);
		}
		for (int i = 0; i < 500 && net_open(desk.server) > 0; i++) {
			net_turn(desk.server, 10);
		}
		assert_int_equal(net_open(desk.server), 0);
		assert_false(
		    net_stream(desk.server, desk.listener, bytes_str("x")));
		if (talks == 1) {
			(void)close(fd);
		}
	}
}

static void who_reads_too_slowly_is_cut_off(void **state)
{
	static char block[16 * 1024];
	char said[4096];
	int fd = join(HEAD("GET", "/api/events") "\r\n");
	int sent = 0;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_true(hear(fd, ": hello\n\n", said, sizeof(said)));
	/* as much as the kernel takes, and what may wait */
	while (sent < 1000 &&
	    net_stream(
		desk.server, desk.listener, bytes_of(block, sizeof(block)))) {
		sent++;
	}
	assert_in_range(sent, 4, 999);
	net_turn(desk.server, 0);
	assert_int_equal(net_open(desk.server), 0);
	assert_int_equal(net_counts(desk.server)->overdue_stream, 1);
	(void)close(fd);
}

static void bytes_wait_for_a_listener_only_so_long(void **state)
{
	static char block[16 * 1024];
	char said[4096];
	int fd = join(HEAD("GET", "/api/events") "\r\n");
	uint64_t before = net_counts(desk.server)->overdue_write;

	(void)state;
	assert_true(hear(fd, ": hello\n\n", said, sizeof(said)));
	/* more than the socket holds, less than may wait */
	for (int i = 0; i < 3; i++) {
		(void)net_stream(
		    desk.server, desk.listener, bytes_of(block, sizeof(block)));
	}
	for (int i = 0; i < 500 && net_open(desk.server) > 0; i++) {
		if (net_counts(desk.server)->overdue_write == before) {
			(void)net_stream(
			    desk.server, desk.listener, bytes_of(block, 2048));
		}
		net_turn(desk.server, 20);
	}
	assert_int_equal(net_open(desk.server), 0);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_officers_request_has_its_methods_and_fields, start, end),
		cmocka_unit_test_setup_teardown(
		    a_stream_goes_on_until_it_is_ended, start, end),
		cmocka_unit_test_setup_teardown(
		    who_leaves_or_talks_is_no_listener_any_more, start, end),
		cmocka_unit_test_setup_teardown(
		    who_reads_too_slowly_is_cut_off, start, end),
		cmocka_unit_test_setup_teardown(
		    bytes_wait_for_a_listener_only_so_long, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
