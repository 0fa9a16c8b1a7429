/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/server.h - the engine: listeners, connections, deadlines, and
 * one strict HTTP request at a time handed to a route.
 *
 * Promise:   a handler sees whole requests only, each once, and never what
 *            the parser refused. No client can hold more memory, time or
 *            descriptors than the limits below say. What a request brought is
 *            wiped when it is answered.
 * Knows not: tips, pages, gateways, the spool.
 * Runs in:   the intake's workers; the desk; the spool and the relay for
 *            their admin sockets. One process, one thread, one event base.
 * Disk:      none.
 *
 *	net_memory_hygiene();                      (first in main, before all)
 *	net_server_new(&opts, &server);
 *	net_listen(server, fd, NET_DOOR_HTTPS, NULL);
 *	net_run(server);                           until net_stop() or drained
 *	net_server_free(server);
 */
#ifndef TL_NET_SERVER_H
#define TL_NET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "server/net/answer.h"
#include "server/net/http.h"

struct event_base;
struct sockaddr;
struct net_server;
struct net_tls;

/* Where a client came in; the only thing known about it. */
enum net_door {
	NET_DOOR_HTTPS, /* TLS, clearnet: Date, HSTS */
	NET_DOOR_ONION, /* plain, tor's unix socket: neither */
	NET_DOOR_ADMIN, /* plain, unix socket, GET only, routes of NET_ADMIN */
	NET_DOOR_PROXY, /* plain, unix socket, behind the operator's proxy */
	NET_DOORS
};

/* Whose limits, deadlines and error answers hold. */
enum net_class {
	NET_REPORTER, /* error_page speaks for the engine */
	NET_GATEWAY,  /* path under /sms/ or /api/; errors have empty bodies */
	NET_ADMIN,    /* admin door only; errors have empty bodies */
	NET_OFFICER,  /* the desk's; any path; errors have empty bodies */
};

/*
 * A connection that waits for its answer. Stays harmless for ever: once the
 * client has left, calls with its token do nothing. 0 is nobody's.
 */
typedef uint64_t net_token;

struct net_request {
	enum http_method method; /* HEAD is answered like GET; the engine
	                            leaves the body out */
	enum net_door door;
	struct bytes path;
	struct bytes query; /* as received; at == NULL: no "?" */
	struct bytes content_type;
	struct bytes accept_language;
	struct bytes user_agent;
	struct bytes host;               /* as received */
	const struct http_field *fields; /* http_fields(): for the call only */
	size_t n_fields;
	struct bytes body; /* whole */
	void *upload;      /* for who hands an upload's request to a handler */
	uint16_t bucket;   /* what net_opts.bucket made of the peer, or 0 */
};

struct net_reply {
	int status;
	const char *type; /* NULL: no Content-Type */
	struct bytes body;
	const struct net_header *headers; /* beside those of the class */
	size_t n_headers;
	bool close; /* end the connection after it */
	/* body is the beginning of an answer that goes on with net_stream() */
	bool stream;
};

/*
 * A request is complete. Borrows req for the call; its bytes (not the struct
 * and not fields) stay until net_answer(), net_drop() or net_forget(). Answer
 * inside the call or later. arg is the route's.
 */
typedef void (*net_handle_fn)(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg);

/* The deadline for the answer has come: answer or drop now, else the engine
 * answers 503. arg is the route's. */
typedef void (*net_overdue_fn)(
    struct net_server *server, net_token conn, void *arg);

/* How a body came to its end. */
enum net_end {
	NET_END_WHOLE, /* complete; the request waits for its answer */
	NET_END_OVER,  /* longer than may be, or there is no room: the rest is
	                  not read; likewise, and the connection ends with the
	                  answer */
	NET_END_CUT,   /* the client left, or took too long: nobody waits */
};

/*
 * For a route that takes files: a body of multipart/form-data is handed on
 * as it comes, and handle is not called for it. The connection's token stays
 * the same from begin to the answer.
 */
struct net_route;
struct net_upload {
	/* The head is there, and the first byte of the body; req has no body
	 * and is for the call only; route is the one that fits, and stays.
	 * Gives what stands for the upload, or NULL: 503. */
	void *(*begin)(struct net_server *server, net_token conn,
	    const struct net_request *req, const struct net_route *route);
	/* Borrows piece. False: no more for now, until net_more(). What was
	 * read from the socket already still comes, at most 16 KiB. */
	bool (*take)(void *upload, struct bytes piece);
	/* Exactly once, and the last call for this upload. */
	void (*end)(void *upload, enum net_end how);
	void *arg;
};

struct net_route {
	const char *path; /* exact, or a prefix when it ends in "*" */
	unsigned methods; /* set of enum http_method; HTTP_GET brings HEAD */
	enum net_class class;
	size_t body_max_bytes;      /* 413 beyond it */
	size_t multipart_max_bytes; /* for multipart/form-data; 0: the same */
	/* The engine never writes a status of its own here, it resets: for
	 * gateways that take any answer as "delivered". */
	bool drop_errors;
	net_handle_fn handle;
	net_overdue_fn overdue; /* may be NULL */
	/* May be NULL. Its bodies have multipart_max_bytes, without a 413. */
	const struct net_upload *upload;
	void *arg;
};

/* Deadlines, from entering the state (http-strictness 8.2). [0] reporter and
 * admin, [1] gateway class. */
struct net_deadlines {
	uint32_t handshake_ms;
	uint32_t idle_ms;
	uint32_t head_ms[2];
	uint32_t body_ms[2];
	uint32_t body_kib_ms[2]; /* more for each KiB received */
	uint32_t body_most_ms;
	uint32_t waiting_ms[2];
	uint32_t write_ms;
	uint32_t write_kib_ms; /* more for each KiB of the answer */
	uint32_t linger_ms;
	uint32_t age_ms; /* no further request on an older connection */
};

extern const struct net_deadlines net_deadlines_default;

struct net_limits {
	uint32_t connections; /* of this process */
	uint32_t handshakes;  /* beyond it one client a turn is accepted */
	uint32_t uploads;     /* over 64 KiB, being handed on as they come */
	/* Of all bodies together, of one that is handed on its first 64 KiB:
	 * beyond it the one that wastes most ends, a handed on one as
	 * NET_END_OVER, others with a 503. */
	size_t bodies_max_bytes;
	uint32_t requests_per_connection;
	size_t answer_max_bytes; /* one that is longer becomes a 500 */
};

extern const struct net_limits net_limits_default;

struct net_opts {
	const struct net_route *routes; /* kept; the first that fits counts */
	size_t n_routes;
	const struct net_deadlines *deadlines; /* copied; NULL: default */
	const struct net_limits *limits;       /* copied; NULL: default */
	/* All routes are NET_OFFICER, with the methods and fields of
	 * HTTP_CLASS_OFFICER; else none is. */
	bool of_officers;

	/*
	 * The page for a status that the engine answers itself on reporter
	 * routes; path and lang (Accept-Language) are empty if the head could
	 * not be read. Fills *ret_reply; what it points to stays until the
	 * next call. NULL: empty bodies. The status sent is the one asked for.
	 */
	void (*error_page)(int status, struct bytes path, struct bytes lang,
	    struct net_reply *ret_reply, void *arg);

	/*
	 * For an NET_DOOR_HTTPS that accepts: make of the peer's address a
	 * number that says nothing, for net_request.bucket. The address is
	 * for the call; the engine wipes it, and keeps the number. NULL: no
	 * address is asked for.
	 */
	uint16_t (*bucket)(const struct sockaddr *peer, void *arg);

	/* Once after each turn of the loop in which a handler, an overdue or
	 * net_want_turn_end() was called: hand on what has gathered. */
	void (*turn_end)(struct net_server *server, void *arg);

	/* Something is under way still for which nobody waits: an engine that
	 * drains goes on turning. NULL: there is nothing of the kind. */
	bool (*is_busy)(void *arg);

	/* net_drain() was called and the last connection has gone. NULL, or
	 * what is to be done before net_run() returns. */
	void (*drained)(struct net_server *server, void *arg);
	void *arg;
};

/* Since the start. Only grow; read by metrics. Nothing in them tells one
 * client from another. */
struct net_counts {
	uint64_t accepted[NET_DOORS];
	uint64_t delivered[4]; /* requests to handlers, by net_class */
	uint64_t answered[6];  /* by first digit of the status */
	uint64_t refused[6];   /* of those, by the engine itself */
	uint64_t dropped;      /* net_drop() and drop_errors */
	uint64_t early;        /* closed for bytes before the answer */
	uint64_t cut;          /* clients that left inside a request */
	uint64_t late_answers; /* for clients that had left */
	uint64_t overdue_head; /* closed at the deadline of READ_HEAD... */
	uint64_t overdue_body;
	uint64_t overdue_waiting;
	uint64_t overdue_write;
	uint64_t overdue_handshake;
	uint64_t overdue_stream; /* cut: they did not read what was sent */
	uint64_t made_room;      /* ended: no room for others */
	uint64_t turned_away;    /* closed because descriptors were out */
	uint64_t tls_done;       /* handshakes finished */
	uint64_t tls_no_cipher;  /* nothing in common: version, suite, group */
	uint64_t tls_no_alpn;
	uint64_t tls_not_tls; /* plain HTTP or noise */
	uint64_t tls_alert;   /* the client refused us */
	uint64_t tls_left;    /* closed before the end */
	uint64_t tls_other;
};

/* ---- life ---------------------------------------------------------------- */

/*
 * Wipe what OpenSSL and libevent free, and keep their log lines (which quote
 * peers) away: call it first in main, before any other call into them.
 */
TL_MUST_CHECK enum tl_err net_memory_hygiene(void);

/*
 * Make an engine with an event base of its own: after the fork. Gives
 * *ret_server, ended with net_server_free(). TL_EINVAL: a route's class does
 * not fit its path. SIGPIPE is ignored from here on.
 */
TL_MUST_CHECK enum tl_err net_server_new(
    const struct net_opts *opts, struct net_server **ret_server);

/* Close everything without a word; NULL is fine. */
void net_server_free(struct net_server *server);

/*
 * Turn the loop until net_stop(), or until all connections have gone after
 * net_drain(). Do not dispatch the event base beside it: what ends with a
 * turn (turn_end, freeing) happens here.
 */
TL_MUST_CHECK enum tl_err net_run(struct net_server *server);

/* One turn, which waits at most wait_ms for something to happen. */
void net_turn(struct net_server *server, uint32_t wait_ms);

void net_stop(struct net_server *server);

/* Accept nobody any more, let running requests end, answer those that come
 * within a second on connections that are open, then close the idle ones. */
void net_drain(struct net_server *server);

/* ---- doors --------------------------------------------------------------- */

/*
 * Accept on a listening socket of server/net/listener.h. Duplicates fd: the
 * caller keeps its own. hosts: lower-case names that Host may have, ended by
 * NULL (kept; others are answered 421), or NULL: any. NET_DOOR_HTTPS needs
 * net_set_tls() before.
 */
TL_MUST_CHECK enum tl_err net_listen(struct net_server *server, int fd,
    enum net_door door, const char *const *hosts);

/*
 * New connections use tls from here on; running ones keep what they have. The
 * engine takes tls over and frees it, and the one before.
 */
void net_set_tls(struct net_server *server, struct net_tls *tls);

/* ---- answers ------------------------------------------------------------- */

/* Answer now; copies reply. The first answer counts, more are ignored. */
void net_answer(
    struct net_server *server, net_token conn, const struct net_reply *reply);

/*
 * Say more of an answer that began with net_reply.stream: copies bytes. A
 * client that reads too slowly, so that over NET_STREAM_BYTES wait for it, is
 * cut off, and so is one for whom bytes wait for net_deadlines.write_ms. False
 * if nobody listens any more. A stream ends with net_stream_end(), with its
 * client, or with the server.
 */
#define NET_STREAM_BYTES ((size_t)64u * 1024u)
bool net_stream(struct net_server *server, net_token conn, struct bytes bytes);

/* What waits still leaves. */
void net_stream_end(struct net_server *server, net_token conn);

/* Close without a byte: no close_notify, RST. */
void net_drop(struct net_server *server, net_token conn);

/*
 * Look at a request again that waits for its answer. False if the client has
 * gone. ret_req->fields stays until the engine's next turn.
 */
bool net_request_again(
    struct net_server *server, net_token conn, struct net_request *ret_req);

/* The upload of this connection may go on. */
void net_more(struct net_server *server, net_token conn);

/* Wipe a waiting request's body now: it is sealed. Its head stays until the
 * answer. */
void net_forget(struct net_server *server, net_token conn);

/* ---- beside -------------------------------------------------------------- */

/* For peers and timers of the application. */
struct event_base *net_base(struct net_server *server);

/* Call turn_end at the end of this turn. */
void net_want_turn_end(struct net_server *server);

/* Somebody's words went through the stack outside of a handler: wipe it when
 * the turn is over, as the engine does after a request and an answer. */
void net_touched(struct net_server *server);

/* base/clock's monotonic time, read once a turn. */
uint64_t net_now_ms(struct net_server *server);

const struct net_counts *net_counts(const struct net_server *server);

/* Connections that are open. */
size_t net_open(const struct net_server *server);

/* Bytes of all bodies together, see net_limits. */
size_t net_held(const struct net_server *server);

#endif
