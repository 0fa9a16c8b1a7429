/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/conn_state.h - which state a connection is in, until when, and
 * the only function that moves it.
 *
 * Promise:   a connection is in one list; a move that the table does not
 *            allow ends the connection. A deadline counts from entering the
 *            state; bytes move it in READ_BODY and WRITE only.
 * Knows not: sockets, HTTP, what a connection is beside its place.
 * Runs in:   server/net/conn.c.
 * Disk:      none.
 *
 * Each state has two lists, since gateways are given less time. A list is in
 * the order of look_ms, the next moment at which its head is worth a look:
 * the deadline where that is fixed, and a short step ahead where bytes may
 * move it. So one timer looks at the heads.
 */
#ifndef TL_NET_CONN_STATE_H
#define TL_NET_CONN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "server/net/server.h"

#define TO(state) (1u << CONN_##state)
/* clang-format off */
/*        state      may go to */
#define CONN_STATES(X) \
	X(HANDSHAKE, TO(READ_HEAD) | TO(DYING)) \
	X(IDLE,      TO(READ_HEAD) | TO(LINGER) | TO(DYING)) \
	X(READ_HEAD, TO(READ_BODY) | TO(WAITING) | TO(WRITE) | TO(DYING)) \
	X(READ_BODY, TO(WAITING) | TO(WRITE) | TO(DYING)) \
	X(WAITING,   TO(WRITE) | TO(DYING)) \
	X(WRITE,     TO(IDLE) | TO(STREAM) | TO(LINGER) | TO(DYING)) \
	X(STREAM,    TO(WRITE) | TO(DYING)) \
	X(LINGER,    TO(DYING)) \
	X(DYING,     0)
/* clang-format on */

#define CONN_ENUM(name, to) CONN_##name,
enum conn_state { CONN_STATES(CONN_ENUM) CONN_STATE_COUNT };
#undef CONN_ENUM

/* Embedded in a connection. */
struct conn_place {
	TAILQ_ENTRY(conn_place) link;
	enum conn_state state;
	bool is_gateway;
	uint64_t entered_ms;
	uint64_t deadline_ms;
	uint64_t look_ms;
};

TAILQ_HEAD(conn_list, conn_place);

struct conn_table {
	struct conn_list lists[CONN_STATE_COUNT][2];
	size_t counts[CONN_STATE_COUNT];
	struct net_deadlines limits;
};

/* Copies limits. */
void conn_table_init(
    struct conn_table *table, const struct net_deadlines *limits);

/* The table of moves, for the mover and its test. */
bool conn_may_go(enum conn_state from, enum conn_state to);

/* A new connection: HANDSHAKE with TLS, READ_HEAD without. */
void conn_enter(struct conn_table *table, struct conn_place *place,
    enum conn_state first, uint64_t now_ms);

/* Move it; a move that is not in the table is logged and ends in DYING. To
 * DYING twice is harmless. */
void conn_set_state(struct conn_table *table, struct conn_place *place,
    enum conn_state to, uint64_t now_ms);

/* The path says that it is a gateway: its deadline shrinks. */
void conn_set_gateway(
    struct conn_table *table, struct conn_place *place, uint64_t now_ms);

/* In READ_BODY: so many bytes were received in all. In WRITE: so long is the
 * answer. In other states nothing moves. */
void conn_grow(
    struct conn_table *table, struct conn_place *place, uint64_t bytes);

/* In LINGER, of who is still sending a body: it may take as long as if it were
 * read, so many bytes of it having come. In other states nothing moves. */
void conn_linger(
    struct conn_table *table, struct conn_place *place, uint64_t bytes);

/* The next one whose deadline has passed, or NULL. The caller moves it. */
struct conn_place *conn_overdue(struct conn_table *table, uint64_t now_ms);

/* When to look again; UINT64_MAX: nothing has a deadline. */
uint64_t conn_next_look_ms(const struct conn_table *table);

/*
 * Whom to end when the table is full, or NULL: who is in HANDSHAKE or IDLE for
 * the longest time; if there is nobody, in LINGER by conn_linger(), in
 * READ_HEAD, in READ_BODY, in this order. A table full of people who never
 * finish must not shut the door; who is owed an answer stays.
 */
struct conn_place *conn_oldest_waste(const struct conn_table *table);

/* Out of all lists: it is about to be freed. */
void conn_leave(struct conn_table *table, struct conn_place *place);

#endif
