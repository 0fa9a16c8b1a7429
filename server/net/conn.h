/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/conn.h - the inside of the engine: a connection, its request,
 * and what all of them share. For server/net/ only.
 *
 * Promise:   a connection is freed in conn_reap() and nowhere else, and never
 *            while one of its own functions is on the stack: everything else
 *            moves it to DYING. Memory for a request is there only while
 *            there is a request.
 * Knows not: routes' meaning.
 * Runs in:   as server.h.
 * Disk:      none.
 *
 *	doors.c         accepts
 *	conn.c          the socket's events, and the way from state to state
 *	conn_request.c  bytes to a request, a request to its route
 *	conn_bodies.c   what all bodies may hold, and who makes room
 *	conn_upload.c   a body that is handed on as it comes
 *	conn_answer.c   an answer to bytes, and what follows it
 *	server.c        the loop, tokens, what programs call
 */
#ifndef TL_NET_CONN_H
#define TL_NET_CONN_H

#include <event2/event_struct.h>

#include "base/buf.h"
#include "server/net/conn_state.h"
#include "server/net/http.h"
#include "server/net/server.h"
#include "server/net/stream.h"

/* As large as a TLS record, and what is read for a connection in a turn. */
#define SCRATCH_BYTES ((size_t)16u * 1024u)
#define UPLOAD_BYTES  ((size_t)64u * 1024u)
#define LINGER_BYTES  ((size_t)256u * 1024u)
/* Behind a body that was handed on and is too long: a film of some minutes. */
#define LINGER_BODY_BYTES ((size_t)512u * 1024u * 1024u)
#define ANSWER_HEAD_BYTES ((size_t)4096u)
#define ACCEPTS_PER_TURN  16u
#define DOORS_MAX         32u
/* Health checks get in when the table is full of strangers. */
#define ADMIN_SPARE 8u

struct door {
	struct net_server *server;
	int fd;
	enum net_door kind;
	const char *const *hosts;
	struct event event;
	bool paused;
};

/* One request and its answer. */
struct exchange {
	struct http_parser parser;
	const struct net_route *route; /* NULL until the head is read */
	struct buf body;
	struct buf out;
	size_t out_sent;
	uint64_t received; /* since the head: for the deadline */
	bool is_upload;    /* streamed, and among server->uploads */
	bool is_streamed;  /* its body goes to route->upload */
	bool is_paused;    /* until net_more() */
	void *upload;      /* what began and has not ended */
	size_t streamed;   /* bytes of the body */
	size_t held;       /* of these, in bodies_bytes */
	bool is_head;
	bool in_handler;
	bool answered; /* the answer stands in out */
	bool streams;  /* and goes on */
	bool early;    /* bytes came before it */
	bool keep;
};

struct conn {
	struct conn_place place; /* first: lists lead from it to here */
	struct net_server *server;
	struct stream stream;
	struct event readable;
	struct event writable;
	struct exchange *exchange; /* NULL between requests */
	enum net_door door;
	uint16_t bucket; /* all that is known of the peer */
	const char *const *hosts;
	uint32_t slot;
	uint32_t requests;
	uint64_t born_ms;
	size_t discarded; /* in LINGER */
	bool is_sending;  /* and was answered before its body's end */
	bool with_reset;
};

/* Where tokens lead to. */
struct slot {
	struct conn *conn; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct net_server {
	struct event_base *base;
	struct event *timer;
	struct net_opts opts;
	struct net_limits limits;
	struct http_limits admin_limits;
	struct net_tls *tls;
	struct net_counts counts;
	struct conn_table table;
	struct door doors[DOORS_MAX];
	size_t n_doors;
	struct slot *slots;
	uint32_t n_slots;
	uint32_t free_slot;
	size_t open;
	size_t uploads;
	size_t bodies_bytes; /* of all bodies that are held */
	int spare_fd;
	uint64_t resume_ms; /* descriptors were out: doors open again then */
	uint64_t minute_ms;
	uint64_t logged_away;
	uint64_t logged_refused;
	uint64_t now_ms;
	bool now_known;
	bool want_turn_end;
	bool touched; /* plaintext passed through this turn */
	bool stopped;
	bool draining;
	uint64_t idle_end_ms; /* draining: who is idle still is closed then */
	struct http_field fields[HTTP_FIELDS_MAX];
	uint8_t scratch[SCRATCH_BYTES];
};

/* ---- conn.c -------------------------------------------------------------- */

/* A client was accepted. Closes fd itself if there is no memory. */
void conn_open(struct net_server *server, const struct door *door, int fd,
    uint16_t bucket);

/* Do what the socket is ready for. */
void conn_step(struct conn *conn);

/* Move, and listen for what the new state waits for. */
void conn_go(struct conn *conn, enum conn_state to);
void conn_arm(struct conn *conn);

/* Free what is DYING. */
void conn_reap(struct net_server *server);

/* The deadline of its state has passed. */
void conn_expire(struct conn *conn);

/* The answer has gone, or the connection is not needed: say goodbye. */
void conn_finish(struct conn *conn);

void exchange_free(struct conn *conn);

/* Wipe the body, keep the rest of the request. */
void conn_forget_body(struct conn *conn);

/* ---- conn_request.c ------------------------------------------------------ */

/* Bytes have come in READ_HEAD or READ_BODY. */
void conn_feed(struct conn *conn, const uint8_t *bytes, size_t len);

/* Refuse the request with an answer of our own, as its class wants it. */
void conn_refuse(struct conn *conn, int status);

/* The application had its time for the answer. */
void conn_overdue_answer(struct conn *conn);

/* What a waiting request says, for its handler. */
void conn_request(struct conn *conn, struct net_request *ret_req);

net_token conn_token(const struct conn *conn);

/* ---- conn_bodies.c ------------------------------------------------------- */

/* Is there room for so many bytes more of its body? Others make room for them
 * that waste it: they are refused, or end where they are. */
bool conn_may_hold(struct conn *conn, size_t len);

/* ---- conn_upload.c ------------------------------------------------------- */

/* Hand on a piece of a streamed body. False: nothing more is to be fed. */
bool conn_upload_take(struct conn *conn, struct bytes piece);

/* It is complete. */
void conn_upload_done(struct conn *conn);

/* No more of it is taken: it is answered for what has come. */
void conn_upload_over(struct conn *conn);

/* If there is one that has not ended: it ends here, cut off. */
void conn_upload_cut(struct conn *conn);

/* ---- conn_answer.c ------------------------------------------------------- */

/* Put the answer together and send what can be sent. */
void conn_answer(
    struct conn *conn, const struct net_reply *reply, bool by_engine);

/* Bytes of the answer may leave. */
void conn_flush(struct conn *conn);

/* Add bytes to a stream. */
void conn_stream(struct conn *conn, struct bytes bytes);
void conn_stream_end(struct conn *conn);

/* ---- doors.c ------------------------------------------------------------- */

/* At the end of a turn: doors that waited for room open again. */
void doors_resume(struct net_server *server);
void doors_close(struct net_server *server);
/* UINT64_MAX, or when doors_resume() is worth a call. */
uint64_t doors_next_ms(const struct net_server *server);

#endif
