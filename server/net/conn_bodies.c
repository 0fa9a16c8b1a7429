/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What bodies may hold together. Who comes is not refused because others never
 * finish: the one that wastes most makes room, as in a full table. Waste is
 * bytes held by the time in which no KiB came; a byte now and then, as from
 * who only wants to stay, is no progress. So a form of some KiB, on however
 * slow a line, stays before a large one that stands still, and to hold it all
 * one has to send as fast as those that one would keep out.
 *
 * One that is handed on has no place of its own before the others, or a crowd
 * of these would push out all that are not. But what is lost with it is a file
 * and not the words: it is told that nothing more is taken, and is answered.
 */
#include "server/net/conn.h"

#define FORTH_BYTES 1024u

void conn_forth(struct conn *conn, size_t len)
{
	struct exchange *ex = conn->exchange;

	ex->received += len;
	if (ex->received - ex->forth_at >= FORTH_BYTES) {
		ex->forth_at = ex->received;
		ex->forth_ms = net_now_ms(conn->server);
	}
}

static size_t held_by(const struct exchange *ex)
{
	return ex->held + ex->body.len;
}

static bool may_end(const struct conn *conn, const struct conn *comer)
{
	const struct exchange *ex = conn->exchange;

	/* a paused one waits for us */
	return conn != comer && !ex->is_paused && held_by(ex) > 0;
}

/* Among those that are being received; NULL: there is none. */
static struct conn *worst_waste(
    const struct net_server *server, const struct conn *comer)
{
	const struct conn_list *lists = server->table.lists[CONN_READ_BODY];
	struct conn *found = NULL;
	struct conn_place *place;
	uint64_t most = 0;

	for (size_t gateway = 0; gateway < 2; gateway++) {
		TAILQ_FOREACH (place, &lists[gateway], link) {
			struct conn *conn = (struct conn *)place;
			uint64_t waste;

			if (!may_end(conn, comer)) {
				continue;
			}
			waste = held_by(conn->exchange) *
			    (server->now_ms - conn->exchange->forth_ms + 1);
			if (waste > most) {
				most = waste;
				found = conn;
			}
		}
	}
	return found;
}

/* False: there is none. */
static bool end_worst(struct conn *comer)
{
	struct net_server *server = comer->server;
	struct conn *conn;

	(void)net_now_ms(server);
	conn = worst_waste(server, comer);
	if (conn == NULL) {
		return false;
	}
	server->counts.made_room++;
	if (conn->exchange->upload != NULL) {
		conn_upload_over(conn);
	} else {
		/* now: one that is reset is freed at the turn's end only */
		conn_forget_body(conn);
		conn->is_sending = true;
		conn_refuse(conn, 503);
	}
	conn_arm(conn);
	return true;
}

bool conn_may_hold(struct conn *conn, size_t len)
{
	const struct net_server *server = conn->server;
	size_t most = server->limits.bodies_max_bytes;

	if (held_by(conn->exchange) + len > most) {
		return false;
	}
	while (server->bodies_bytes + len > most) {
		if (!end_worst(conn)) {
			return false;
		}
	}
	return true;
}
