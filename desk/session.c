/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "desk/drafts.h"
#include "desk/session_inside.h"

/* So often within an idle time keyd hears that somebody is at work. */
#define TOLD_OF_IDLE 8u

_Static_assert(SESSION_OFFICER == (int)KEYD_OFFICER &&
	SESSION_SUPERVISOR == (int)KEYD_SUPERVISOR &&
	SESSION_ADMINISTRATOR == (int)KEYD_ADMINISTRATOR,
    "roles are keyd's");

enum tl_err sessions_new(
    const struct sessions_opts *opts, struct sessions **ret)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	enum tl_err err = TL_ENOMEM;

	if (sessions == NULL) {
		return TL_ENOMEM;
	}
	sessions->opts = *opts;
	sessions->slots = secret_alloc(SESSIONS_MAX * sizeof(struct slot));
	sessions->key = secret_alloc(HASH_KEY_BYTES);
	if (sessions->slots != NULL && sessions->key != NULL) {
		random_bytes(sessions->key, HASH_KEY_BYTES);
		err = throttle_new(&sessions->throttle);
	}
	if (err != TL_OK) {
		sessions_free(sessions);
		return err;
	}
	*ret = sessions;
	return TL_OK;
}

void sessions_free(struct sessions *sessions)
{
	if (sessions != NULL) {
		for (size_t i = 0; sessions->slots != NULL && i < SESSIONS_MAX;
		     i++) {
			drafts_free(sessions->slots[i].session.drafts);
		}
		secret_free(sessions->slots);
		secret_free(sessions->key);
		throttle_free(sessions->throttle);
		free(sessions);
	}
}

size_t sessions_count(const struct sessions *sessions)
{
	return sessions->n;
}

void sessions_drop_draft(struct sessions *sessions, struct bytes name)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && slot->session.drafts != NULL) {
			drafts_drop(slot->session.drafts, name);
		}
	}
}

/* ---- what a request brings ---------------------------------------------- */

struct bytes session_field(const struct net_request *req, const char *name)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		if (strcmp(req->fields[i].name, name) == 0) {
			return req->fields[i].value;
		}
	}
	return bytes_of(NULL, 0);
}

struct bytes session_cookie(const struct net_request *req, const char *name)
{
	struct bytes rest = session_field(req, "cookie");
	size_t name_len = strlen(name);

	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.at, ';', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);

		if (len > name_len && rest.at[name_len] == '=' &&
		    memcmp(rest.at, name, name_len) == 0) {
			return bytes_of(
			    rest.at + name_len + 1, len - name_len - 1);
		}
		len += end == NULL ? 0 : 1;
		rest = bytes_of(rest.at + len, rest.len - len);
		while (rest.len > 0 && rest.at[0] == ' ') {
			rest = bytes_of(rest.at + 1, rest.len - 1);
		}
	}
	return bytes_of(NULL, 0);
}

void session_hash(const struct sessions *sessions, const char *what,
    struct bytes given, uint8_t hash[static SESSION_ID_BYTES])
{
	uint8_t key[HASH_KEY_BYTES];

	hash_keyed(key, sizeof(key), sessions->key, what, strlen(what) + 1);
	hash_keyed(hash, SESSION_ID_BYTES, key, given.at, given.len);
	wipe(key, sizeof(key));
}

/* All are compared, each in constant time. */
struct slot *session_slot(
    struct sessions *sessions, const struct net_request *req)
{
	struct bytes cookie_text = session_cookie(req, SESSION_COOKIE);
	struct bytes token_text = session_field(req, "x-desk-token");
	uint8_t cookie[SESSION_ID_BYTES], token[SESSION_ID_BYTES];
	struct slot *found = NULL;

	if (cookie_text.len != SESSION_TOKEN_CHARS ||
	    token_text.len != SESSION_TOKEN_CHARS) {
		return NULL;
	}
	session_hash(sessions, "cookie", cookie_text, cookie);
	session_hash(sessions, "token", token_text, token);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];
		bool both = secret_equal(slot->cookie, cookie, sizeof(cookie));

		both &= secret_equal(slot->token, token, sizeof(token));
		if (both && slot->is_there) {
			found = slot;
		}
	}
	return found;
}

/* A browser says where a page is from that asks: Sec-Fetch-Site if it is
 * young, Origin if it is old. The token is there against what says neither. */
static bool is_foreign(const struct net_request *req)
{
	struct bytes site = session_field(req, "sec-fetch-site");
	struct bytes origin = session_field(req, "origin");
	size_t front = strlen("https://");

	if (site.at != NULL && !bytes_equal(site, bytes_str("same-origin"))) {
		return true;
	}
	return origin.at != NULL &&
	    (origin.len <= front || memcmp(origin.at, "https://", front) != 0 ||
		!bytes_equal(bytes_of(origin.at + front, origin.len - front),
		    req->host));
}

static void nothing(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

/* keyd forgets who asks it nothing, and most tips are open already. */
static void tell_at_work(
    struct sessions *sessions, struct slot *slot, uint64_t now_ms)
{
	struct buf frame;

	if (now_ms - slot->told_ms < sessions->opts.idle_ms / TOLD_OF_IDLE) {
		return;
	}
	slot->told_ms = now_ms;
	buf_init(&frame, FRAME_HEAD_BYTES + KEYD_TOKEN_BYTES);
	frame_put(&frame, FRAME_KEYD_ASK, slot->session.keyd, KEYD_TOKEN_BYTES);
	keyd_peer_ask(sessions->opts.keyd, &frame, nothing, NULL);
	buf_free(&frame);
}

enum session_fault session_check(struct sessions *sessions,
    const struct net_request *req, uint64_t now_ms, bool quietly,
    struct session **ret_session)
{
	uint8_t agent[SESSION_ID_BYTES];
	struct slot *slot;

	if (is_foreign(req)) {
		return SESSION_FOREIGN;
	}
	slot = session_slot(sessions, req);
	if (slot == NULL) {
		return SESSION_NONE;
	}
	session_hash(sessions, "agent", req->user_agent, agent);
	if (!secret_equal(agent, slot->agent, sizeof(agent))) {
		/* both halves in another browser: they were taken */
		session_end(sessions, slot, AUDIT_REVOKED);
		return SESSION_NONE;
	}
	if (now_ms - slot->began_ms >= SESSION_SHIFT_MS) {
		session_end(sessions, slot, AUDIT_IDLE);
		return SESSION_NONE;
	}
	if (slot->is_locked) {
		return SESSION_LOCKED;
	}
	if (!quietly) {
		slot->seen_ms = now_ms;
		tell_at_work(sessions, slot, now_ms);
	}
	*ret_session = &slot->session;
	return SESSION_FINE;
}

/* ---- the end ------------------------------------------------------------ */

void session_tell_keyd(
    struct sessions *sessions, const uint8_t keyd[static KEYD_TOKEN_BYTES])
{
	struct buf frame;

	buf_init(&frame, FRAME_HEAD_BYTES + KEYD_TOKEN_BYTES);
	frame_put(&frame, FRAME_KEYD_LOCK, keyd, KEYD_TOKEN_BYTES);
	keyd_peer_ask(sessions->opts.keyd, &frame, nothing, NULL);
	buf_free(&frame);
}

/* keyd forgets it, and the web hears that it is no more. */
static void stop(
    struct sessions *sessions, struct slot *slot, enum audit_what what)
{
	sessions->n--;
	session_tell_keyd(sessions, slot->session.keyd);
	slot->session.ended = true;
	sessions->opts.audit(what, slot->session.name, sessions->opts.arg);
	sessions->opts.changed(&slot->session, sessions->n, sessions->opts.arg);
	wipe(slot->session.keyd, sizeof(slot->session.keyd));
}

void session_end(
    struct sessions *sessions, struct slot *slot, enum audit_what what)
{
	if (!slot->is_there) {
		return;
	}
	slot->is_there = false;
	if (!slot->is_locked) {
		stop(sessions, slot, what);
	}
	drafts_free(slot->session.drafts);
	wipe(slot, sizeof(*slot));
}

void session_close(struct sessions *sessions, struct session *session)
{
	session_end(sessions, (struct slot *)session, AUDIT_LOGOUT);
}

static void end_all(
    struct sessions *sessions, const char *name, enum audit_what what)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && strcmp(slot->session.name, name) == 0) {
			session_end(sessions, slot, what);
		}
	}
}

void session_close_all(struct sessions *sessions, const char *name)
{
	char copy[KEYD_NAME_BYTES + 1] = "";

	/* it may stand in a session that ends */
	memcpy(copy, name, strnlen(name, KEYD_NAME_BYTES));
	end_all(sessions, copy, AUDIT_PANIC);
}

void session_revoke(struct sessions *sessions, struct bytes name)
{
	char copy[KEYD_NAME_BYTES + 1] = "";

	if (name.len > 0 && name.len <= KEYD_NAME_BYTES) {
		memcpy(copy, name.at, name.len);
		end_all(sessions, copy, AUDIT_REVOKED);
	}
}

void session_lost(
    struct sessions *sessions, const uint8_t keyd[static KEYD_TOKEN_BYTES])
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && !slot->is_locked &&
		    secret_equal(slot->session.keyd, keyd, KEYD_TOKEN_BYTES)) {
			session_end(sessions, slot, AUDIT_IDLE);
		}
	}
}

bool session_is_in(const struct sessions *sessions,
    const uint8_t keyd[static KEYD_TOKEN_BYTES])
{
	bool is_in = false;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct slot *slot = &sessions->slots[i];

		is_in = is_in ||
		    (slot->is_there && !slot->is_locked &&
			secret_equal(
			    slot->session.keyd, keyd, KEYD_TOKEN_BYTES));
	}
	return is_in;
}

const struct session *sessions_any(const struct sessions *sessions)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct slot *slot = &sessions->slots[i];

		if (slot->is_there && !slot->is_locked &&
		    slot->session.role != SESSION_ADMINISTRATOR) {
			return &slot->session;
		}
	}
	return NULL;
}

void sessions_tick(struct sessions *sessions, uint64_t now_ms)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (!slot->is_there) {
			continue;
		}
		if (now_ms - slot->began_ms >= SESSION_SHIFT_MS) {
			session_end(sessions, slot, AUDIT_IDLE);
		} else if (!slot->is_locked &&
		    now_ms - slot->seen_ms >= sessions->opts.idle_ms) {
			slot->is_locked = true;
			stop(sessions, slot, AUDIT_IDLE);
		} else if (!slot->is_locked && slot->seen_ms > slot->told_ms) {
			/* or it would be over there sooner than here, and
			 * what was begun in it be lost */
			tell_at_work(sessions, slot, now_ms);
		}
	}
}
