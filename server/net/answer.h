/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/answer.h - the head of an answer; the only place that writes one.
 *
 * Promise:   no value given to it can add a line: CR, LF, NUL and all other
 *            control bytes are refused and nothing is written. Every answer
 *            has Content-Length, or its end is the connection's; and
 *            "Connection: close" unless it stays.
 * Knows not: what is answered, to whom, on which socket.
 * Runs in:   whoever runs the engine; the command line shows its output.
 * Disk:      none.
 */
#ifndef TL_SERVER_NET_ANSWER_H
#define TL_SERVER_NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* Written once, as it stands, when http_take_continue() says so. */
#define ANSWER_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

struct net_header {
	const char *name;
	struct bytes value;
};

/* Fields that every answer of a kind carries. One that the answer sets itself
 * (a Content-Security-Policy with the hashes of its page) replaces it. */
enum answer_kind {
	ANSWER_PLAIN,            /* gateways, admin: nothing */
	ANSWER_REPORTER,         /* over TLS: with HSTS */
	ANSWER_REPORTER_NO_HSTS, /* onion */
};

struct answer {
	int status;
	enum answer_kind kind;
	const char *type; /* Content-Type, or NULL */
	size_t body_len;  /* as Content-Length, for HEAD too */
	bool close;
	bool endless;  /* no Content-Length: the end of the connection ends
	                * it, so it needs close */
	bool has_date; /* never on the onion: clock skew links the two */
	int64_t date_s;
	const struct net_header *headers; /* borrowed */
	size_t n_headers;
};

/*
 * Append the head, to the empty line, to out. The body follows as it is (not
 * after a HEAD). Returns TL_EINVAL if the status has no row or a name, value
 * or type has a control byte, or a header is one that this module writes
 * itself (Connection, Content-Length, Content-Type, Date, Transfer-Encoding):
 * then nothing is appended. If out is full, its
 * error sticks there and is returned.
 */
TL_MUST_CHECK enum tl_err answer_head(const struct answer *a, struct buf *out);

/* "Not Found"; NULL if we never send that status. */
const char *answer_text(int status);

#endif
