/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/fetch.h - one HTTP request to a provider's API, from the team's host.
 *
 * Promise:   certificates are checked; a password goes to the host that it
 *            was meant for and to no other; an answer has at most the bytes
 *            that were allowed; after 15 s it is over (by Tor after
 *            two minutes).
 * Knows not: providers, tips. Logs nothing: addresses hold message ids.
 * Runs in:   `tipline gateway`, `tipline canary`, the desk's sender; blocks.
 * Disk:      the certificates of authorities, unless they are given.
 */
#ifndef TL_DESK_FETCH_H
#define TL_DESK_FETCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define FETCH_HEADERS_MAX 3u

struct fetch; /* keeps its connections between calls */

struct fetch_call {
	const char *method; /* "GET" "POST" "DELETE" */
	const char *url;    /* https */
	const char *type;   /* of the body; NULL: none */
	struct bytes body;
	const char *user; /* NULL: no password is sent */
	const char *password;
	const char *headers[FETCH_HEADERS_MAX]; /* "Name: value", or NULL */
	bool may_stay; /* http to 127.0.0.1 and [::1] is fine */
	bool follows;  /* up to 3 redirects, without the password */
	/* not to this host, nor to a network of our own, whatever a name or a
	 * redirect says; never with a proxy, which is here */
	bool far_only;
	bool far_when_led; /* the same for where redirects lead, but for the
	                    * url's own host and port */
	/* "socks5h://...": it goes by Tor, which takes its time; then http to
	 * an onion service is fine. NULL: directly */
	const char *proxy;
	/* for a process that opens no file and asks for no name */
	struct bytes authorities; /* PEM; empty: Debian's file is read */
	const char *at;           /* "host:port:address"; NULL: asked for */
};

/* Give *ret_fetch: end it with fetch_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err fetch_new(struct fetch **ret_fetch);

/*
 * Make the request; the answer's status in *ret_status, its body appended to
 * answer. TL_EIO: no answer, *ret_why says why in words (valid until the next
 * call). TL_ETOOBIG: the answer is over answer's maximum. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err fetch_do(struct fetch *fetch,
    const struct fetch_call *call, int *ret_status, struct buf *answer,
    const char **ret_why);

/* Whether any of the last call's request may have left. */
bool fetch_has_left(const struct fetch *fetch);

/* NULL is fine. */
void fetch_free(struct fetch *fetch);

#endif
