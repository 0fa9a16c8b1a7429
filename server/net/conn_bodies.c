/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What bodies may hold together. Who comes is not refused because others never
 * finish: the one that wastes most makes room, as in a full table. Waste is
 * what a body holds by the time that it took to bring as much: all its time
 * for one that stands in memory whole, and for one that is handed on as much
 * of it as its pace until now asks for so many bytes.
 *
 * It is the pace of the whole way, since a telephone on a bad line pauses, and
 * who only wants to stay does not. Beyond 64 KiB a body counts no more for
 * being longer: a picture that comes quickly would be the first to go beside
 * many small ones that drip. So a form of some KiB, on however slow a line,
 * stays before what stands still, and a long body that takes so many seconds
 * goes only where others send half of all that memory anew in as many (half,
 * since there are not connections enough to fill it with less than 32 KiB
 * each). Nobody can tell who sends that much from a crowd of people: then the
 * longest on their way go.
 *
 * One that is handed on has no place of its own before the others, or a crowd
 * of these would push out all that are not. But what is lost with it is a file
 * and not the words: it is told that nothing more is taken, and is answered.
 */
#include "server/net/conn.h"

static size_t held_by(const struct exchange *ex)
{
	return ex->held + ex->body.len;
}

/* Of one that holds something. */
static uint64_t waste_of(const struct conn *conn, uint64_t now_ms)
{
	const struct exchange *ex = conn->exchange;
	uint64_t held = held_by(ex);
	uint64_t came = ex->streamed + ex->body.len;
	uint64_t took_ms = (now_ms - conn->place.entered_ms) * held / came + 1;

	return took_ms * (held < UPLOAD_BYTES ? held : UPLOAD_BYTES);
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
			waste = waste_of(conn, server->now_ms);
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
