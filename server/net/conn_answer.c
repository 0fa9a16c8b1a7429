/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/conn.h"

#include "base/clock.h"

static bool is_good(int status)
{
	return status >= 200 && status < 400;
}

/* What came before the answer is never read as a request: whatever
 * smuggling needs is gone. */
static void look_for_early(struct conn *conn)
{
	struct exchange *ex = conn->exchange;
	enum stream_ahead ahead = stream_look(&conn->stream);

	if (ahead == STREAM_BYTES) {
		ex->early = true;
	}
	if (ahead != STREAM_NOTHING) {
		ex->keep = false;
	}
}

static bool may_keep(struct conn *conn, const struct net_reply *reply)
{
	const struct net_server *server = conn->server;
	const struct exchange *ex = conn->exchange;

	return !ex->early && !reply->close && !reply->stream &&
	    is_good(reply->status) && http_may_keep(&ex->parser) &&
	    !server->draining &&
	    conn->requests < server->limits.requests_per_connection &&
	    net_now_ms(conn->server) - conn->born_ms <
	    server->table.limits.age_ms;
}

static enum answer_kind kind_of(const struct conn *conn)
{
	enum http_class class = http_class(&conn->exchange->parser);

	if (conn->door == NET_DOOR_ADMIN ||
	    (class != HTTP_CLASS_REPORTER && class != HTTP_CLASS_OFFICER)) {
		return ANSWER_PLAIN;
	}
	return conn->door == NET_DOOR_HTTPS ? ANSWER_REPORTER
					    : ANSWER_REPORTER_NO_HSTS;
}

static enum tl_err put_answer(struct conn *conn, const struct net_reply *reply)
{
	struct exchange *ex = conn->exchange;
	const struct answer answer = {
		.status = reply->status,
		.kind = kind_of(conn),
		.type = reply->type,
		.body_len = reply->body.len,
		.close = !ex->keep,
		.endless = reply->stream,
		.has_date = conn->door == NET_DOOR_HTTPS,
		.date_s = clock_wall_s(),
		.headers = reply->headers,
		.n_headers = reply->n_headers,
	};
	enum tl_err err = answer_head(&answer, &ex->out);

	if (err == TL_OK && !ex->is_head) {
		buf_put(&ex->out, reply->body.at, reply->body.len);
		err = buf_err(&ex->out);
	}
	return err;
}

static void count(struct net_counts *counts, int status, bool by_engine)
{
	size_t class = (size_t)status / 100u;

	class = class < 6 ? class : 0;
	counts->answered[class]++;
	if (by_engine) {
		counts->refused[class]++;
	}
}

/* Nothing of what the request said is needed any more. */
static void forget(struct conn *conn)
{
	conn_forget_body(conn);
	http_free(&conn->exchange->parser);
}

void conn_answer(
    struct conn *conn, const struct net_reply *reply, bool by_engine)
{
	static const struct net_reply broken = { .status = 500, .close = true };
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;
	size_t before = ex->out.len; /* a 100 Continue that has not left */
	int status = reply->status;

	ex->keep = may_keep(conn, reply);
	look_for_early(conn);
	if (ex->early && !by_engine) {
		server->counts.early++;
	}
	if (put_answer(conn, reply) != TL_OK) {
		/* too long, or with a byte that no head may have: ours */
		ex->out.len = before;
		ex->out.err = TL_OK;
		ex->keep = false;
		status = broken.status;
		if (put_answer(conn, &broken) != TL_OK) {
			conn_go(conn, CONN_DYING);
			return;
		}
	}
	count(&server->counts, status, by_engine);
	server->touched = true;
	ex->answered = true;
	ex->streams = reply->stream && status == reply->status;
	conn_go(conn, CONN_WRITE);
	conn_grow(&server->table, &conn->place, ex->out.len);
	if (!ex->in_handler) {
		conn_flush(conn);
	}
}

/* All of the answer is with the kernel. No look for early bytes here: an
 * honest client on a fast link may have sent its next request. */
static void after_answer(struct conn *conn)
{
	if (conn->exchange->streams) {
		buf_reset(&conn->exchange->out);
		conn->exchange->out_sent = 0;
		conn_go(conn, CONN_STREAM);
	} else if (conn->exchange->keep) {
		exchange_free(conn);
		conn_go(conn, CONN_IDLE);
	} else {
		conn_finish(conn);
	}
}

void conn_flush(struct conn *conn)
{
	struct exchange *ex = conn->exchange;
	bool is_first = true;

	if (ex->answered) {
		forget(conn);
	}
	while (ex->out_sent < ex->out.len) {
		size_t put = 0;
		enum tl_err err;

		if (ex->answered && (!is_first || ex->out_sent > 0)) {
			look_for_early(conn);
		}
		is_first = false;
		err = stream_write(&conn->stream, ex->out.data + ex->out_sent,
		    ex->out.len - ex->out_sent, &put);
		if (err == TL_EAGAIN) {
			return;
		}
		if (err != TL_OK) {
			conn_go(conn, CONN_DYING);
			return;
		}
		ex->out_sent += put;
	}
	if (ex->answered) {
		after_answer(conn);
	}
}

void conn_stream(struct conn *conn, struct bytes bytes)
{
	struct exchange *ex = conn->exchange;

	if (ex->out.len - ex->out_sent + bytes.len > NET_STREAM_BYTES) {
		conn->server->counts.overdue_stream++;
		conn->with_reset = true;
		conn_go(conn, CONN_DYING);
		return;
	}
	buf_drop(&ex->out, ex->out_sent);
	ex->out_sent = 0;
	buf_put(&ex->out, bytes.at, bytes.len);
	conn->server->touched = true;
	if (buf_err(&ex->out) != TL_OK) {
		conn_go(conn, CONN_DYING);
	} else if (conn->place.state == CONN_STREAM && ex->out.len > 0) {
		conn_go(conn, CONN_WRITE);
		conn_flush(conn);
	}
}

void conn_stream_end(struct conn *conn)
{
	conn->exchange->streams = false;
	if (conn->place.state == CONN_STREAM) {
		conn_go(conn, CONN_WRITE);
		conn_flush(conn);
	}
}
