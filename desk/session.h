/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/session.h - who is logged in, in which tab of which browser.
 *
 * Promise:   a request is an officer's only if it brings both the cookie and
 *            the token of one session, from our own pages and the browser that
 *            logged in; nothing here says which of name, passphrase and code
 *            was wrong. Of cookie and token only hashes are kept. Who does
 *            nothing is locked, and keyd forgets them; who has been here for a
 *            shift, was removed, or has pressed the panic key is out.
 * Knows not: tips, routes. Passphrases beyond the call.
 * Runs in:   the desk's web process.
 * Disk:      none.
 *
 * Calls that end sessions tell so by opts.changed, inside the call; a session
 * that somebody holds a pointer to stays until sessions_tick().
 */
#ifndef TL_DESK_SESSION_H
#define TL_DESK_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "desk/audit.h"
#include "desk/keyd_peer.h"
#include "desk/keyd_talk.h"
#include "server/net/server.h"

#define SESSION_TOKEN_CHARS 43u /* base64url of 32 random bytes */
#define SESSION_COOKIE      "__Host-desk"
/* Of a browser in which this officer has logged in before: it opens nothing,
 * and those without it cannot slow it. */
#define SESSION_KNOWN "__Host-desk-known"
/* From the log-in on, whatever happens. */
#define SESSION_SHIFT_MS KEYD_SHIFT_MS
/* Of one officer; the oldest ends for another. */
#define SESSION_EACH_MAX 8u

enum session_role {
	SESSION_OFFICER = 1, /* as enum keyd_role */
	SESSION_SUPERVISOR = 2,
	SESSION_ADMINISTRATOR = 3, /* sees no content */
};

struct session {
	char name[KEYD_NAME_BYTES + 1];
	enum session_role role;
	uint8_t keyd[KEYD_TOKEN_BYTES]; /* what keyd knows them by */
	bool ended;
	/* what was begun and not sent; NULL: nothing. Goes on in the session
	 * that unlocks this one, and ends with it otherwise */
	struct drafts *drafts;
	/* what was written down of them last */
	uint8_t viewed[AUDIT_TIP_BYTES];
	uint64_t viewed_ms;
	uint64_t handed_ms; /* looked at the hand-over */
	uint64_t searched_ms;
	unsigned searches; /* since then */
};

/* Why a request is nobody's. */
enum session_fault {
	SESSION_FINE,
	SESSION_NONE,    /* 401: no session, or not both halves of one */
	SESSION_LOCKED,  /* 401: idle; POST /api/unlock */
	SESSION_FOREIGN, /* 403: from another origin's page */
};

/* What session_open() came to. */
enum session_refusal {
	SESSION_OPENED,
	SESSION_REFUSED, /* 401, whatever was wrong */
	SESSION_CROWDED, /* 503: too many are logged in */
	SESSION_LATER,   /* 429 */
	SESSION_SHUT, /* 503: the team's ring could not be read for a shift */
	SESSION_FAILING, /* 503: keyd has not answered, or memory is out */
};

struct drafts;
struct sessions;

struct sessions_opts {
	struct keyd_peer *keyd; /* kept */
	uint64_t idle_ms;
	/* a session has begun, or ended or been locked (ended is set in both);
	 * how many there are now that are not locked */
	void (*changed)(const struct session *session, size_t n, void *arg);
	/* what is to be written down, and of whom */
	void (*audit)(enum audit_what what, const char *name, void *arg);
	void *arg;
};

/* Gives *ret: end it with sessions_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err sessions_new(
    const struct sessions_opts *opts, struct sessions **ret);

/* Wipe all; keyd hears of it. NULL is fine. */
void sessions_free(struct sessions *sessions);

/* Borrowed for the call. */
struct session_login {
	struct bytes name;
	struct bytes passphrase;
	struct bytes code; /* of the second factor */
	const struct net_request *req;
	uint64_t now_ms;
};

/* Strings for the client, borrowed. */
struct session_words {
	const char *token;
	const char *cookie;
	const char *known; /* the value of SESSION_KNOWN */
};

/* words are NULL unless SESSION_OPENED. */
typedef void (*session_opened_fn)(enum session_refusal how,
    const struct session *session, const struct session_words *words,
    uint64_t retry_s, void *arg);

/* Ask keyd; fn is called once, later or inside the call. Ids are new each
 * time: what a browser brought along counts for nothing. */
void session_open(struct sessions *sessions, const struct session_login *login,
    session_opened_fn fn, void *arg);

/* The same for the locked session that the request is of; its name is the
 * session's, and its ids end. */
void session_unlock(struct sessions *sessions,
    const struct session_login *login, session_opened_fn fn, void *arg);

/* Whose request is it? Renews the session, unless quietly: what a page asks by
 * itself keeps nobody logged in. */
enum session_fault session_check(struct sessions *sessions,
    const struct net_request *req, uint64_t now_ms, bool quietly,
    struct session **ret_session);

/* Log out. */
void session_close(struct sessions *sessions, struct session *session);

/* All sessions of this officer: the panic key. */
void session_close_all(struct sessions *sessions, const char *name);

/* This officer was removed, or is not what they were: their sessions end, also
 * those that are locked. keyd knows it already. */
void session_revoke(struct sessions *sessions, struct bytes name);

/* keyd does not know this token any more. */
void session_lost(
    struct sessions *sessions, const uint8_t keyd[static KEYD_TOKEN_BYTES]);

/* Is who has this token in still? What they have asked for may take a while. */
bool session_is_in(const struct sessions *sessions,
    const uint8_t keyd[static KEYD_TOKEN_BYTES]);

/* Any session that can have tips opened, or NULL. */
const struct session *sessions_any(const struct sessions *sessions);

size_t sessions_count(const struct sessions *sessions);

/* Whatever anybody has begun under this name. */
void sessions_drop_draft(struct sessions *sessions, struct bytes name);

/* Lock what is idle, end what is over. Every second. */
void sessions_tick(struct sessions *sessions, uint64_t now_ms);

#endif
