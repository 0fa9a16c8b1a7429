/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A body that is handed on as it comes. The connection stays in READ_BODY
 * until the last byte, so deadlines and limits are those of any other body;
 * while the application has enough, nothing is read from the socket, and TCP
 * tells the client to wait.
 */
#include "server/net/conn.h"

/* With a token of its own, as every request. */
static bool begin(struct conn *conn)
{
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;
	struct net_request req;

	server->slots[conn->slot].generation++;
	conn_request(conn, &req);
	ex->upload =
	    ex->route->upload->begin(server, conn_token(conn), &req, ex->route);
	return ex->upload != NULL;
}

static void end(struct conn *conn, enum net_end how)
{
	struct exchange *ex = conn->exchange;
	void *upload = ex->upload;

	ex->upload = NULL;
	ex->is_paused = false;
	conn->server->bodies_bytes -= ex->held;
	ex->held = 0;
	conn->server->want_turn_end = true;
	ex->route->upload->end(upload, how);
}

/* Nothing more is read of it: it waits for its answer. */
static void end_reading(struct conn *conn, enum net_end how)
{
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;

	if (ex->is_upload) {
		ex->is_upload = false;
		server->uploads--;
	}
	conn->requests++;
	server->counts.delivered[ex->route->class]++;
	conn_go(conn, CONN_WAITING);
	ex->in_handler = true;
	end(conn, how);
	ex->in_handler = false;
	if (conn->place.state == CONN_WRITE) {
		conn_flush(conn);
	}
}

/* What is too small to be counted as an upload may all be in memory. */
static bool hold(struct conn *conn, size_t len)
{
	if (!conn_may_hold(conn, len)) {
		return false;
	}
	conn->server->bodies_bytes += len;
	conn->exchange->held += len;
	return true;
}

/* Another one is over 64 KiB now. False: there are too many. */
static bool count_upload(struct conn *conn)
{
	struct net_server *server = conn->server;

	if (server->uploads >= server->limits.uploads) {
		return false;
	}
	conn->exchange->is_upload = true;
	server->uploads++;
	return true;
}

/* Is there room for this piece: in its route's limit, among the uploads, in
 * memory? */
static bool has_room(struct conn *conn, size_t len)
{
	const struct exchange *ex = conn->exchange;

	if (ex->streamed > ex->route->multipart_max_bytes) {
		return false;
	}
	if (ex->is_upload) {
		return true;
	}
	return ex->streamed > UPLOAD_BYTES ? count_upload(conn)
					   : hold(conn, len);
}

void conn_upload_over(struct conn *conn)
{
	conn->exchange->early = true; /* what is not read is no request */
	conn->is_sending = true;
	end_reading(conn, NET_END_OVER);
}

bool conn_upload_take(struct conn *conn, struct bytes piece)
{
	struct exchange *ex = conn->exchange;

	if (ex->upload == NULL && !begin(conn)) {
		conn_refuse(conn, 503);
		return false;
	}
	ex->streamed += piece.len;
	if (!has_room(conn, piece.len)) {
		conn_upload_over(conn);
		return false;
	}
	if (!ex->route->upload->take(ex->upload, piece)) {
		ex->is_paused = true;
	}
	return true;
}

void conn_upload_done(struct conn *conn)
{
	if (conn->exchange->upload == NULL && !begin(conn)) {
		conn_refuse(conn, 503);
		return;
	}
	end_reading(conn, NET_END_WHOLE);
}

void conn_upload_cut(struct conn *conn)
{
	if (conn->exchange->upload != NULL) {
		end(conn, NET_END_CUT);
	}
}
