/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/net_stub_upload.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"

struct stub_uploads stub_uploads;

struct upload {
	struct net_server *server;
	net_token conn;
	size_t bytes;
	size_t since_pause;
	struct event *timer;
};

static void go_on_cb(int fd, short what, void *arg)
{
	struct upload *upload = arg;

	(void)fd;
	(void)what;
	net_more(upload->server, upload->conn);
}

static void *begin(struct net_server *server, net_token conn,
    const struct net_request *req, const struct net_route *route)
{
	struct upload *upload = calloc(1, sizeof(*upload));

	(void)req;
	(void)route;
	upload->server = server;
	upload->conn = conn;
	upload->timer =
	    event_new(net_base(server), -1, EV_TIMEOUT, go_on_cb, upload);
	stub_uploads.open++;
	return upload;
}

static void *begin_none(struct net_server *server, net_token conn,
    const struct net_request *req, const struct net_route *route)
{
	(void)server;
	(void)conn;
	(void)req;
	(void)route;
	return NULL;
}

static bool take(void *arg, struct bytes piece)
{
	struct upload *upload = arg;

	upload->bytes += piece.len;
	upload->since_pause += piece.len;
	stub_uploads.bytes += piece.len;
	return true;
}

static bool take_slowly(void *arg, struct bytes piece)
{
	static const struct timeval wait = {
		.tv_usec = STUB_UPLOAD_PAUSE_MS * 1000,
	};
	struct upload *upload = arg;

	(void)take(arg, piece);
	if (upload->since_pause < STUB_UPLOAD_PAUSE_BYTES) {
		return true;
	}
	upload->since_pause = 0;
	(void)event_add(upload->timer, &wait);
	return false;
}

static void end(void *arg, enum net_end how)
{
	static const char *const words[] = { " whole", " over", " cut" };
	struct upload *upload = arg;
	struct net_reply reply = { .status = 200 };
	struct buf out;

	buf_init(&out, 64);
	buf_put_dec(&out, upload->bytes);
	buf_put_str(&out, words[how]);
	reply.body = bytes_of(out.data, out.len);
	stub_uploads.open--;
	stub_uploads.cut += how == NET_END_CUT;
	net_answer(upload->server, upload->conn, &reply);
	buf_free(&out);
	event_free(upload->timer);
	free(upload);
}

const struct net_upload stub_upload = { begin, take, end, NULL };
const struct net_upload stub_upload_slow = { begin, take_slowly, end, NULL };
const struct net_upload stub_upload_none = { begin_none, take, end, NULL };
