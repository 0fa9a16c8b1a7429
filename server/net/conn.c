/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/conn.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/wipe.h"

void conn_forget_body(struct conn *conn)
{
	struct buf *body = &conn->exchange->body;

	conn->server->bodies_bytes -= body->len;
	buf_free(body);
}

void exchange_free(struct conn *conn)
{
	struct exchange *ex = conn->exchange;

	if (ex == NULL) {
		return;
	}
	conn_upload_cut(conn);
	if (ex->is_upload) {
		conn->server->uploads--;
	}
	http_free(&ex->parser);
	conn_forget_body(conn);
	buf_free(&ex->out);
	wipe(ex, sizeof(*ex));
	free(ex);
	conn->exchange = NULL;
}

static bool exchange_new(struct conn *conn)
{
	const struct http_limits *limits = conn->door == NET_DOOR_ADMIN
	    ? &conn->server->admin_limits
	    : conn->server->opts.of_officers ? &http_limits_officer
					     : &http_limits_default;

	conn->exchange = calloc(1, sizeof(*conn->exchange));
	if (conn->exchange == NULL) {
		return false;
	}
	http_init(&conn->exchange->parser, limits);
	buf_init(&conn->exchange->body, SIZE_MAX / 2);
	buf_init(&conn->exchange->out,
	    conn->server->limits.answer_max_bytes + ANSWER_HEAD_BYTES);
	return true;
}

/* ---- events -------------------------------------------------------------- */

static void want(struct event *event, bool wanted)
{
	bool is_wanted = event_pending(event, EV_READ | EV_WRITE, NULL) != 0;

	if (wanted && !is_wanted) {
		(void)event_add(event, NULL);
	} else if (!wanted && is_wanted) {
		(void)event_del(event);
	}
}

static bool has_output(const struct conn *conn)
{
	const struct exchange *ex = conn->exchange;

	return ex != NULL && ex->out_sent < ex->out.len;
}

/*
 * In WAITING nothing is read, but the event stays until it fires once: most
 * clients send nothing, and epoll need not be told twice for each request.
 */
void conn_arm(struct conn *conn)
{
	unsigned wants = 0;

	switch (conn->place.state) {
	case CONN_HANDSHAKE:
	case CONN_IDLE:
	case CONN_READ_HEAD:
	case CONN_READ_BODY:
		wants = (unsigned)conn->stream.read_wants;
		if (conn->exchange != NULL && conn->exchange->is_paused) {
			wants = 0;
		}
		if (has_output(conn)) { /* 100 Continue */
			wants |= (unsigned)conn->stream.write_wants;
		}
		break;
	case CONN_WAITING:
		want(&conn->writable, false);
		return;
	case CONN_WRITE:
		wants = (unsigned)conn->stream.write_wants;
		break;
	case CONN_STREAM:
		wants = (unsigned)conn->stream.read_wants;
		break;
	case CONN_LINGER:
		wants = EV_READ;
		break;
	case CONN_DYING:
	case CONN_STATE_COUNT:
		break;
	}
	want(&conn->readable, (wants & EV_READ) != 0);
	want(&conn->writable, (wants & EV_WRITE) != 0);
}

void conn_go(struct conn *conn, enum conn_state to)
{
	struct net_server *server = conn->server;

	conn_set_state(&server->table, &conn->place, to, net_now_ms(server));
}

static void count_tls_fault(struct net_counts *counts, enum stream_fault fault)
{
	switch (fault) {
	case STREAM_FAULT_NO_CIPHER:
		counts->tls_no_cipher++;
		break;
	case STREAM_FAULT_NO_ALPN:
		counts->tls_no_alpn++;
		break;
	case STREAM_FAULT_NOT_TLS:
		counts->tls_not_tls++;
		break;
	case STREAM_FAULT_ALERT:
		counts->tls_alert++;
		break;
	case STREAM_FAULT_LEFT:
		counts->tls_left++;
		break;
	case STREAM_FAULT_NONE:
	case STREAM_FAULT_OTHER:
		counts->tls_other++;
		break;
	}
}

static void shake(struct conn *conn)
{
	enum tl_err err = stream_handshake(&conn->stream);

	if (err == TL_OK) {
		conn->server->counts.tls_done++;
		conn_go(conn, CONN_READ_HEAD);
	} else if (err != TL_EAGAIN) {
		count_tls_fault(&conn->server->counts, conn->stream.fault);
		conn_go(conn, CONN_DYING);
	}
}

/* The client has gone, or has closed its half inside a request, which can
 * then never be complete. */
static void lose(struct conn *conn)
{
	if (conn->exchange != NULL && !http_idle(&conn->exchange->parser)) {
		conn->server->counts.cut++;
	}
	conn_go(conn, CONN_DYING);
}

static void take_input(struct conn *conn)
{
	struct net_server *server = conn->server;
	size_t got = 0;
	enum tl_err err =
	    stream_read(&conn->stream, server->scratch, SCRATCH_BYTES, &got);

	if (err == TL_EAGAIN) {
		return;
	}
	if (err != TL_OK) {
		lose(conn);
		return;
	}
	if (conn->exchange == NULL && !exchange_new(conn)) {
		conn_go(conn, CONN_DYING);
	} else {
		if (conn->place.state == CONN_IDLE) {
			conn_go(conn, CONN_READ_HEAD);
		}
		server->touched = true;
		conn_feed(conn, server->scratch, got);
	}
	wipe(server->scratch, got);
}

/* Who is told the news has nothing more to say: bytes are its end. */
static void hear_listener(struct conn *conn)
{
	struct net_server *server = conn->server;
	size_t got = 0;
	enum tl_err err =
	    stream_read(&conn->stream, server->scratch, SCRATCH_BYTES, &got);

	wipe(server->scratch, got);
	if (err != TL_EAGAIN) {
		conn_go(conn, CONN_DYING);
	}
}

/*
 * A browser reads no answer while it is sending, and tells a reset to its
 * user in the place of one: who sends a file that is too long is let send.
 */
static size_t linger_max(const struct conn *conn)
{
	return conn->is_sending && !conn->server->draining ? LINGER_BODY_BYTES
							   : LINGER_BYTES;
}

static void discard(struct conn *conn)
{
	struct net_server *server = conn->server;
	size_t got = 0;
	enum tl_err err =
	    stream_discard(&conn->stream, server->scratch, SCRATCH_BYTES, &got);

	if (err == TL_EAGAIN) {
		return;
	}
	conn->discarded += got;
	wipe(server->scratch, got);
	if (err != TL_OK || conn->discarded > linger_max(conn)) {
		conn_go(conn, CONN_DYING);
	} else if (linger_max(conn) == LINGER_BODY_BYTES) {
		conn_linger(&server->table, &conn->place, conn->discarded);
	}
}

void conn_step(struct conn *conn)
{
	switch (conn->place.state) {
	case CONN_HANDSHAKE:
		shake(conn);
		break;
	case CONN_IDLE:
	case CONN_READ_HEAD:
	case CONN_READ_BODY:
		if (has_output(conn)) {
			conn_flush(conn);
		}
		if (conn->place.state != CONN_DYING) {
			take_input(conn);
		}
		break;
	case CONN_WAITING:
		/* Early bytes, or a client that leaves: seen again when the
		 * answer is there. */
		(void)event_del(&conn->readable);
		break;
	case CONN_WRITE:
		conn_flush(conn);
		break;
	case CONN_STREAM:
		hear_listener(conn);
		break;
	case CONN_LINGER:
		discard(conn);
		break;
	case CONN_DYING:
	case CONN_STATE_COUNT:
		break;
	}
	conn_arm(conn);
}

static void event_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_step(arg);
}

/* ---- the end ------------------------------------------------------------- */

void conn_finish(struct conn *conn)
{
	enum tl_err err = stream_finish(&conn->stream);

	if (err == TL_EAGAIN) {
		return; /* close_notify waits for room; still in WRITE */
	}
	exchange_free(conn);
	conn_go(conn, err == TL_OK ? CONN_LINGER : CONN_DYING);
	if (linger_max(conn) == LINGER_BODY_BYTES) {
		conn_linger(&conn->server->table, &conn->place, 0);
	}
}

void conn_expire(struct conn *conn)
{
	struct net_counts *counts = &conn->server->counts;

	switch (conn->place.state) {
	case CONN_READ_HEAD:
		counts->overdue_head++;
		if (conn->exchange == NULL) {
			conn_go(conn, CONN_DYING); /* never said a byte */
		} else {
			conn_refuse(conn, 408);
		}
		break;
	case CONN_READ_BODY:
		counts->overdue_body++;
		conn_refuse(conn, 408);
		break;
	case CONN_WAITING:
		counts->overdue_waiting++;
		conn_overdue_answer(conn);
		break;
	case CONN_HANDSHAKE:
		counts->overdue_handshake++;
		conn_go(conn, CONN_DYING);
		break;
	case CONN_WRITE:
		counts->overdue_write++;
		counts->overdue_stream +=
		    conn->exchange != NULL && conn->exchange->streams ? 1 : 0;
		conn->with_reset = true; /* what waits in the kernel, too */
		conn_go(conn, CONN_DYING);
		break;
	case CONN_IDLE:
	case CONN_STREAM:
	case CONN_LINGER:
	case CONN_DYING:
	case CONN_STATE_COUNT:
		conn_go(conn, CONN_DYING);
		break;
	}
	conn_arm(conn);
}

/* ---- birth and death ----------------------------------------------------- */

static struct conn *new_conn(struct net_server *server, const struct door *door)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL || server->free_slot == UINT32_MAX) {
		free(conn);
		return NULL;
	}
	conn->server = server;
	conn->door = door->kind;
	conn->hosts = door->hosts;
	conn->born_ms = net_now_ms(server);
	return conn;
}

static void take_slot(struct conn *conn)
{
	struct net_server *server = conn->server;
	struct slot *slot = &server->slots[server->free_slot];

	conn->slot = server->free_slot;
	server->free_slot = slot->next_free;
	slot->conn = conn;
	slot->generation++;
	server->open++;
}

void conn_open(
    struct net_server *server, const struct door *door, int fd, uint16_t bucket)
{
	bool is_tls = door->kind == NET_DOOR_HTTPS;
	struct conn *conn = new_conn(server, door);

	if (conn == NULL ||
	    stream_open(&conn->stream, fd, is_tls ? server->tls : NULL) !=
		TL_OK) {
		free(conn);
		(void)close(fd);
		return;
	}
	(void)event_assign(&conn->readable, server->base, fd,
	    EV_READ | EV_PERSIST, event_cb, conn);
	(void)event_assign(&conn->writable, server->base, fd,
	    EV_WRITE | EV_PERSIST, event_cb, conn);
	conn->bucket = bucket;
	take_slot(conn);
	conn_enter(&server->table, &conn->place,
	    is_tls ? CONN_HANDSHAKE : CONN_READ_HEAD, net_now_ms(server));
	conn_arm(conn);
}

static void reap_one(struct conn *conn)
{
	struct net_server *server = conn->server;
	struct slot *slot = &server->slots[conn->slot];

	conn_leave(&server->table, &conn->place);
	(void)event_del(&conn->readable);
	(void)event_del(&conn->writable);
	stream_close(&conn->stream, conn->with_reset);
	exchange_free(conn);
	slot->conn = NULL;
	slot->generation++;
	slot->next_free = server->free_slot;
	server->free_slot = conn->slot;
	server->open--;
	free(conn);
}

void conn_reap(struct net_server *server)
{
	struct conn_list *lists = server->table.lists[CONN_DYING];

	for (size_t gateway = 0; gateway < 2; gateway++) {
		while (!TAILQ_EMPTY(&lists[gateway])) {
			reap_one((struct conn *)TAILQ_FIRST(&lists[gateway]));
		}
	}
}
