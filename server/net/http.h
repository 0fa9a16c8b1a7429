/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http.h - one strict HTTP/1.1 request out of a stream of bytes.
 *
 * Promise:   what is not HTTP/1.1 as RFC 9112 means it, in its narrowest
 *            form, is refused with one status, and nothing of it was given
 *            out as a request. Cut at any byte, the events are the same. The
 *            work is linear in the input, the memory bounded by the limits.
 * Knows not: sockets, time, what the paths mean, what is answered.
 * Runs in:   the intake's workers, the spool and the relay (admin socket),
 *            the command line, tests.
 * Disk:      none.
 *
 * Events come in this order: HTTP_GOT_HEAD once, HTTP_GOT_BODY any number of
 *times, HTTP_DONE; HTTP_REFUSED can take the place of each. A connection that
 *ends before HTTP_DONE has delivered nothing.
 *
 *	http_init(&p, &http_limits_default);
 *	while ((event = http_feed(&p, at, len, &used, &piece)) != HTTP_MORE) {
 *		at += used, len -= used;
 *		HTTP_GOT_HEAD: find the route, http_set_body_max() or
 *http_refuse() HTTP_GOT_BODY: take piece now, it borrows the input HTTP_DONE,
 *HTTP_REFUSED: stop; what is left was sent too early
 *	}
 *	if (http_take_continue(&p)) write ANSWER_CONTINUE;
 */
#ifndef TL_SERVER_NET_HTTP_H
#define TL_SERVER_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "server/net/http_chunk.h"
#include "server/net/http_head.h"

enum http_event {
	HTTP_MORE,     /* all bytes are taken, more are needed */
	HTTP_GOT_HEAD, /* the head is read: everything below may be asked */
	HTTP_GOT_BODY, /* a piece of the body */
	HTTP_DONE,     /* the request is complete; no further byte is taken */
	HTTP_REFUSED,  /* see http_status(); no further byte is taken */
};

/* Open only so that a connection can embed it. */
struct http_parser {
	struct http_head head;
	struct http_chunk chunk;
	uint64_t body_max_bytes;
	uint64_t body_bytes; /* of a body with a length: given out so far */
	int status;          /* 0, or why the request was refused */
	enum http_event at; /* MORE: in the head; GOT_HEAD: in the body; DONE */
	bool expects;       /* a body of which no byte has come, after 100 */
	bool continue_due;
};

/*
 * Make a parser for one connection. Keeps limits (until http_free()).
 * Allocates nothing: that begins with the first byte of a head.
 */
void http_init(struct http_parser *p, const struct http_limits *limits);

/* Wipe everything of this request and wait for the next one. */
void http_reset(struct http_parser *p);

/* Wipe and free. A zeroed struct is fine, and so is calling it twice. */
void http_free(struct http_parser *p);

/*
 * Take bytes up to the next event. *ret_used says how many were taken: all
 * of them on HTTP_MORE. *ret_piece borrows the input and is empty on other
 * events than HTTP_GOT_BODY. len may be 0: call again after HTTP_GOT_HEAD even
 * if nothing is left, since a request without a body is complete then. After
 * HTTP_DONE and HTTP_REFUSED the same event comes back and takes nothing.
 */
enum http_event http_feed(struct http_parser *p, const void *bytes, size_t len,
    size_t *ret_used, struct bytes *ret_piece);

/*
 * After HTTP_GOT_HEAD: the route takes bodies of at most max_bytes (before: the
 * limit of the class). If Content-Length says more, the next http_feed()
 * refuses with 413 before any byte of the body; a chunk that does not fit is
 * refused before its data.
 */
void http_set_body_max(struct http_parser *p, uint64_t max_bytes);

/* After HTTP_GOT_HEAD: no such route, not this host...: http_feed() gives
 * HTTP_REFUSED with this status from here on. */
void http_refuse(struct http_parser *p, int status);

/* Why it was refused: 400 411 413 414 415 417 431 501 503 505 or what
 * http_refuse() was told. 503: no memory. 0 if it was not refused. */
int http_status(const struct http_parser *p);

/*
 * A page that was asked for, and refused for the query behind its path alone:
 * whoever passes on an address may have added one. The path, until
 * http_reset(); of all else it is empty.
 */
struct bytes http_bare_path(const struct http_parser *p);

/*
 * Whose error answers and limits hold. HTTP_CLASS_NONE while the path has
 * not begun or could still be of either: then an error is answered with an
 * empty body. Valid at any time, also after a refusal.
 */
enum http_class http_class(const struct http_parser *p);

/* No byte of a request has come: the connection is idle. */
bool http_idle(const struct http_parser *p);

/* The head is not complete: READ_HEAD, and not READ_BODY. */
bool http_in_head(const struct http_parser *p);

/*
 * True once if "HTTP/1.1 100 Continue" is to be written now: ask after
 * http_feed() gave HTTP_MORE. Never if a byte of the body is there already,
 * if there is none to come, or if it was refused.
 */
bool http_take_continue(struct http_parser *p);

/*
 * What the request allows: HTTP/1.1, no "Connection: close", no chunked
 * body, not refused. The caller adds its own conditions (answer, count,
 * early bytes, draining).
 */
bool http_may_keep(const struct http_parser *p);

/*
 * After HTTP_GOT_HEAD, until http_reset(). The bytes are the parser's; they
 * stay where they are. A query that is empty and one that is not there are
 * told apart by at == NULL. Method and path may also be asked when the
 * request was refused: 0 and at == NULL if they had not been read whole.
 */
enum http_method http_method(const struct http_parser *p);
struct bytes http_path(const struct http_parser *p);
/* The same, or what was read of it where it broke off. */
struct bytes http_path_so_far(const struct http_parser *p);
struct bytes http_query(const struct http_parser *p); /* as received */
struct bytes http_host(const struct http_parser *p);  /* as received */
bool http_is_10(const struct http_parser *p);
bool http_chunked(const struct http_parser *p);
/* 0 if there is none, or the body is chunked. */
uint64_t http_content_length(const struct http_parser *p);

/*
 * The value of a field by its lower-case name, at == NULL if it is not there.
 * Reporter class: accept-language, user-agent, content-type, save-data, and
 * x-operamini (empty value) if any X-OperaMini-* field was sent. Gateway
 * class: every field, the first of each name, but those that the parser itself
 * uses up and those that are never read (Cookie, Forwarded, X-Forwarded-*,
 * X-Real-IP, Referer, Range, If-*, Upgrade, TE, Trailer, HTTP2-Settings).
 * A value with bytes of 0x80 and above counts as not there.
 */
struct bytes http_field(const struct http_parser *p, const char *name);

/* All of them, in their order. Returns how many. */
size_t http_fields(const struct http_parser *p,
    struct http_field ret_fields[static HTTP_FIELDS_MAX]);

#endif
