/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net: a whole connection under a script of what client, application
 * and clock do. However they are mixed, a request is delivered before the
 * next one only if it was answered, and in the end nothing is left.
 *
 * Input: commands of one byte; the low three bits say which, the others how
 * much. What is sent comes from the bytes behind the command.
 */
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/net/conn.h"

#define PENDING_MAX 64u

static struct net_server *server;
static struct door door;
static net_token pending[PENDING_MAX]; /* tokens old and new, dead too */
static size_t n_pending;
static uint64_t now_ms = 1000000;

static void need(bool ok)
{
	if (!ok) {
		abort();
	}
}

/* /l... is answered later, /d... dropped, everything else echoed. */
static void handle(struct net_server *s, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct net_reply reply = { .status = 200, .body = req->body };
	char what = req->path.len > 1 ? (char)req->path.at[1] : 'x';

	(void)arg;
	need(req->path.len > 0 && req->path.at[0] == '/');
	if (what == 'l') {
		pending[n_pending++ % PENDING_MAX] = conn;
	} else if (what == 'd') {
		net_drop(s, conn);
	} else {
		net_answer(s, conn, &reply);
		net_answer(s, conn, &reply);
	}
}

/* Every other piece is enough for now; answer_all() lets it go on. */
struct upload {
	net_token conn;
	size_t pieces;
};
static size_t open_uploads;

static void *begin(struct net_server *s, net_token conn,
    const struct net_request *req, const struct net_route *route)
{
	struct upload *upload = calloc(1, sizeof(*upload));

	(void)s;
	(void)route;
	need(upload != NULL && req->body.len == 0);
	upload->conn = conn;
	pending[n_pending++ % PENDING_MAX] = conn;
	open_uploads++;
	return upload;
}

static bool take(void *arg, struct bytes piece)
{
	struct upload *upload = arg;

	need(piece.len > 0 && piece.len <= SCRATCH_BYTES);
	return ++upload->pieces % 2 == 0;
}

static void end(void *arg, enum net_end how)
{
	const struct net_reply reply = { .status = 200 };
	struct upload *upload = arg;

	(void)how;
	net_answer(server, upload->conn, &reply);
	open_uploads--;
	free(upload);
}

static const struct net_upload upload = { begin, take, end, NULL };

static const struct net_route routes[] = {
	{ "/sms/x", HTTP_GET | HTTP_POST, NET_GATEWAY, 64, 0, false, handle,
	    NULL, NULL, NULL },
	{ "/sms/l", HTTP_POST, NET_GATEWAY, 64, 0, true, handle, NULL, NULL,
	    NULL },
	{ "/u", HTTP_POST, NET_REPORTER, 64, 600, false, handle, NULL, &upload,
	    NULL },
	{ "/*", HTTP_GET | HTTP_POST, NET_REPORTER, 4096, 8192, false, handle,
	    NULL, NULL, NULL },
};

static void start(void)
{
	const struct net_opts opts = {
		.routes = routes,
		.n_routes = sizeof(routes) / sizeof(routes[0]),
	};

	clock_set(0, now_ms);
	need(net_server_new(&opts, &server) == TL_OK);
	door = (struct door){
		.server = server,
		.fd = -1,
		.kind = NET_DOOR_ONION,
	};
}

static void pass(uint64_t ms)
{
	now_ms += ms;
	clock_set(0, now_ms);
	net_turn(server, 0);
}

static void answer_all(void)
{
	const struct net_reply reply = { .status = 200 };
	size_t n = n_pending < PENDING_MAX ? n_pending : PENDING_MAX;

	for (size_t i = 0; i < n; i++) {
		struct net_request again;

		(void)net_request_again(server, pending[i], &again);
		net_more(server, pending[i]);
		net_forget(server, pending[i]);
		net_answer(server, pending[i], &reply);
	}
}

static void drain_client(int fd, size_t most)
{
	char bytes[4096];

	(void)recv(fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes),
	    MSG_DONTWAIT);
}

/* How many of the bytes behind the command were used. */
static size_t obey(int fd, uint8_t command, const uint8_t *at, size_t len)
{
	size_t amount = command >> 3;

	switch (command & 7) {
	case 0:
	case 1:
		amount = (command & 7) == 1 ? amount * 64 : amount;
		amount = amount < len ? amount : len;
		if (amount > 0) {
			(void)send(fd, at, amount, MSG_DONTWAIT | MSG_NOSIGNAL);
		}
		return amount;
	case 2:
		net_turn(server, 0);
		break;
	case 3:
		pass(amount * 500);
		break;
	case 4:
		answer_all();
		break;
	case 5:
		drain_client(fd, amount * 100);
		break;
	case 6:
		(void)shutdown(fd, amount % 2 == 0 ? SHUT_WR : SHUT_RDWR);
		break;
	case 7:
		if (n_pending > 0) {
			net_drop(
			    server, pending[amount % n_pending % PENDING_MAX]);
		}
		break;
	default:
		break;
	}
	return 0;
}

static void check_empty(void)
{
	for (size_t i = 0; i < CONN_STATE_COUNT; i++) {
		need(server->table.counts[i] == 0);
	}
	need(net_open(server) == 0);
	need(open_uploads == 0);
	need(server->uploads == 0);
	need(server->bodies_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t delivered;
	int pair[2];

	if (server == NULL) {
		start();
	}
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		 pair) == 0);
	delivered = server->counts.delivered[NET_REPORTER] +
	    server->counts.delivered[NET_GATEWAY];
	n_pending = 0;
	conn_open(server, &door, pair[0], 0);
	while (size > 0) {
		uint8_t command = *data++;
		size_t used = obey(pair[1], command, data, --size);

		data += used;
		size -= used;
	}
	net_turn(server, 0);
	delivered = server->counts.delivered[NET_REPORTER] +
	    server->counts.delivered[NET_GATEWAY] - delivered;
	need(delivered <= net_limits_default.requests_per_connection);
	(void)close(pair[1]);
	for (int i = 0; i < 4; i++) {
		pass(2u * 60u * 60u * 1000u);
	}
	check_empty();
	answer_all(); /* for clients that have long gone */
	return 0;
}
