/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/session_inside.h - the inside of the sessions, for desk/session.c, their
 * life, and desk/session_open.c, how they begin.
 *
 * Runs in:   where desk/session.h does.
 * Disk:      none.
 */
#ifndef TL_DESK_SESSION_INSIDE_H
#define TL_DESK_SESSION_INSIDE_H

#include "desk/session.h"
#include "desk/throttle.h"

#define SESSIONS_MAX     64u
#define SESSION_ID_BYTES 32u

/* In secret memory. */
struct slot {
	struct session session; /* first: pointers lead from it to here */
	bool is_there;
	bool is_locked;                   /* keyd has forgotten it */
	uint8_t cookie[SESSION_ID_BYTES]; /* hashes */
	uint8_t token[SESSION_ID_BYTES];
	uint8_t agent[SESSION_ID_BYTES];
	uint64_t began_ms;
	uint64_t seen_ms;
	uint64_t told_ms; /* keyd was told that they are at work */
};

struct sessions {
	struct sessions_opts opts;
	struct slot *slots;
	uint8_t *key;    /* secret memory: of the hashes, new at each start */
	size_t n;        /* not locked */
	unsigned asking; /* log-ins on their way */
	struct throttle *throttle;
	uint64_t refused_ms; /* a stranger's wrong try was written down then */
};

/* Values of header fields; empty if it is not there. */
struct bytes session_field(const struct net_request *req, const char *name);
struct bytes session_cookie(const struct net_request *req, const char *name);

/* Hash of what a client brings, under our key; what says for what. */
void session_hash(const struct sessions *sessions, const char *what,
    struct bytes given, uint8_t hash[static SESSION_ID_BYTES]);

/* The slot whose two halves the request has; NULL: none. */
struct slot *session_slot(
    struct sessions *sessions, const struct net_request *req);

/* Tell keyd to forget this token. */
void session_tell_keyd(
    struct sessions *sessions, const uint8_t keyd[static KEYD_TOKEN_BYTES]);

/* End it for good. */
void session_end(
    struct sessions *sessions, struct slot *slot, enum audit_what what);

#endif
