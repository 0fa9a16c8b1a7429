/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/random.h"
#include "crypto/secret.h"

_Static_assert(SESSION_OFFICER == (int)KEYD_OFFICER &&
	SESSION_SUPERVISOR == (int)KEYD_SUPERVISOR &&
	SESSION_ADMINISTRATOR == (int)KEYD_ADMINISTRATOR,
    "roles are keyd's");

#define SESSIONS_MAX 64u
#define HALF_BYTES   32u

/* In secret memory. */
struct slot {
	struct session session; /* first: pointers lead from it to here */
	bool is_there;
	uint8_t cookie[HALF_BYTES];
	uint8_t token[HALF_BYTES];
	uint64_t seen_ms;
};

struct sessions {
	struct sessions_opts opts;
	struct slot *slots;
	size_t n;
};

struct login {
	struct sessions *sessions;
	char name[KEYD_NAME_BYTES + 1];
	session_opened_fn fn;
	void *arg;
};

enum tl_err sessions_new(
    const struct sessions_opts *opts, struct sessions **ret)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (sessions == NULL) {
		return TL_ENOMEM;
	}
	sessions->opts = *opts;
	sessions->slots = secret_alloc(SESSIONS_MAX * sizeof(struct slot));
	if (sessions->slots == NULL) {
		free(sessions);
		return TL_ENOMEM;
	}
	*ret = sessions;
	return TL_OK;
}

void sessions_free(struct sessions *sessions)
{
	if (sessions != NULL) {
		secret_free(sessions->slots);
		free(sessions);
	}
}

size_t sessions_count(const struct sessions *sessions)
{
	return sessions->n;
}

/* ---- beginning ---------------------------------------------------------- */

static struct slot *free_slot(struct sessions *sessions)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (!sessions->slots[i].is_there) {
			return &sessions->slots[i];
		}
	}
	return NULL;
}

static void text_of(const uint8_t half[static HALF_BYTES],
    char ret[static SESSION_TOKEN_CHARS + 1])
{
	struct buf text;

	buf_init(&text, SESSION_TOKEN_CHARS + 1);
	enc_b64(&text, B64_URL, half, HALF_BYTES);
	buf_put_u8(&text, 0);
	if (buf_err(&text) == TL_OK) {
		memcpy(ret, text.data, text.len);
	}
	buf_free(&text);
}

static void begin(
    struct login *login, struct slot *slot, const struct keyd_unlocked_as *as)
{
	struct sessions *sessions = login->sessions;
	char token[SESSION_TOKEN_CHARS + 1] = "";
	char cookie[SESSION_TOKEN_CHARS + 1] = "";

	memset(slot, 0, sizeof(*slot));
	slot->is_there = true;
	slot->seen_ms = UINT64_MAX; /* until the next tick knows the time */
	slot->session.role = (enum session_role)as->role;
	memcpy(slot->session.name, login->name, sizeof(login->name));
	memcpy(slot->session.keyd, as->token, KEYD_TOKEN_BYTES);
	random_bytes(slot->cookie, sizeof(slot->cookie));
	random_bytes(slot->token, sizeof(slot->token));
	text_of(slot->token, token);
	text_of(slot->cookie, cookie);
	sessions->n++;
	login->fn(SESSION_OPENED, &slot->session, token, cookie, 0, login->arg);
	sessions->opts.changed(&slot->session, sessions->n, sessions->opts.arg);
	wipe(token, sizeof(token));
	wipe(cookie, sizeof(cookie));
}

static void unlocked(const struct frame *frame, void *arg)
{
	struct login *login = arg;
	struct keyd_unlocked_as as = { .result = KEYD_FAILING };
	struct slot *slot = free_slot(login->sessions);
	bool fine = frame != NULL && keyd_read_unlocked(frame, &as) == TL_OK;

	if (fine && as.result == KEYD_UNLOCKED && slot != NULL) {
		begin(login, slot, &as);
	} else {
		login->fn(
		    as.result == KEYD_WRONG ? SESSION_REFUSED : SESSION_CROWDED,
		    NULL, NULL, NULL, 0, login->arg);
	}
	wipe(&as, sizeof(as));
	wipe(login, sizeof(*login));
	free(login);
}

void session_open(struct sessions *sessions, const struct session_login *login,
    session_opened_fn fn, void *arg)
{
	const struct keyd_unlock unlock = { login->name, login->passphrase,
		login->code };
	struct login *waiting = calloc(1, sizeof(*waiting));
	struct buf frame;

	if (waiting == NULL || login->name.len > KEYD_NAME_BYTES ||
	    login->passphrase.len == 0 ||
	    login->passphrase.len > KEYD_PASSPHRASE_BYTES ||
	    (login->code.len != 0 && login->code.len != KEYD_CODE_BYTES)) {
		free(waiting);
		fn(SESSION_REFUSED, NULL, NULL, NULL, 0, arg);
		return;
	}
	*waiting = (struct login){ .sessions = sessions, .fn = fn, .arg = arg };
	memcpy(waiting->name, login->name.at, login->name.len);
	buf_init(&frame, FRAME_HEAD_BYTES + frame_max_bytes(FRAME_KEYD_UNLOCK));
	keyd_put_unlock(&frame, &unlock);
	keyd_peer_ask(sessions->opts.keyd, &frame, unlocked, waiting);
	buf_free(&frame);
}

/* ---- whose request ------------------------------------------------------ */

static struct bytes field(const struct net_request *req, const char *name)
{
	for (size_t i = 0; i < req->n_fields; i++) {
		if (strcmp(req->fields[i].name, name) == 0) {
			return req->fields[i].value;
		}
	}
	return bytes_of(NULL, 0);
}

static bool is_half(const uint8_t half[static HALF_BYTES], struct bytes given)
{
	char text[SESSION_TOKEN_CHARS + 1] = "";
	bool same;

	if (given.len != SESSION_TOKEN_CHARS) {
		return false;
	}
	text_of(half, text);
	same = secret_equal(text, given.at, given.len);
	wipe(text, sizeof(text));
	return same;
}

/* The value of our cookie; other cookies of this host may stand beside it. */
static struct bytes cookie_of(struct bytes cookies)
{
	static const char name[] = SESSION_COOKIE "=";
	const uint8_t *at = cookies.len < sizeof(name) - 1
	    ? NULL
	    : memmem(cookies.at, cookies.len, name, sizeof(name) - 1);
	struct bytes value = { 0 };

	if (at != NULL &&
	    (at == cookies.at || at[-1] == ' ' || at[-1] == ';')) {
		value.at = at + sizeof(name) - 1;
		while (value.at + value.len < cookies.at + cookies.len &&
		    value.at[value.len] != ';') {
			value.len++;
		}
	}
	return value;
}

/* A browser says where a page is from that asks. */
static bool is_foreign(const struct net_request *req)
{
	struct bytes site = field(req, "sec-fetch-site");

	return site.at != NULL && !bytes_equal(site, bytes_str("same-origin"));
}

enum session_fault session_check(struct sessions *sessions,
    const struct net_request *req, uint64_t now_ms, bool quietly,
    struct session **ret_session)
{
	struct bytes token = field(req, "x-desk-token");
	struct bytes cookie = cookie_of(field(req, "cookie"));

	if (is_foreign(req)) {
		return SESSION_FOREIGN;
	}
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && is_half(slot->cookie, cookie) &&
		    is_half(slot->token, token)) {
			slot->seen_ms = quietly ? slot->seen_ms : now_ms;
			*ret_session = &slot->session;
			return SESSION_FINE;
		}
	}
	return SESSION_NONE;
}

/* ---- the end ------------------------------------------------------------ */

static void nothing(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

static void tell_keyd(struct sessions *sessions, const struct session *session)
{
	struct buf frame;

	buf_init(&frame, FRAME_HEAD_BYTES + KEYD_TOKEN_BYTES);
	frame_put(&frame, FRAME_KEYD_LOCK, session->keyd, KEYD_TOKEN_BYTES);
	keyd_peer_ask(sessions->opts.keyd, &frame, nothing, NULL);
	buf_free(&frame);
}

void session_close(struct sessions *sessions, struct session *session)
{
	struct slot *slot = (struct slot *)session;

	if (!slot->is_there) {
		return;
	}
	slot->is_there = false;
	slot->session.ended = true;
	sessions->n--;
	tell_keyd(sessions, session);
	sessions->opts.changed(session, sessions->n, sessions->opts.arg);
	wipe(slot, sizeof(*slot));
}

void session_close_all(struct sessions *sessions, const char *name)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && strcmp(slot->session.name, name) == 0) {
			session_close(sessions, &slot->session);
		}
	}
}

void session_lost(
    struct sessions *sessions, const uint8_t keyd[static KEYD_TOKEN_BYTES])
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there &&
		    memcmp(slot->session.keyd, keyd, KEYD_TOKEN_BYTES) == 0) {
			session_close(sessions, &slot->session);
		}
	}
}

const struct session *sessions_any(const struct sessions *sessions)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (sessions->slots[i].is_there) {
			return &sessions->slots[i].session;
		}
	}
	return NULL;
}

void sessions_tick(struct sessions *sessions, uint64_t now_ms)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there && slot->seen_ms == UINT64_MAX) {
			slot->seen_ms = now_ms;
		}
		if (slot->is_there &&
		    now_ms - slot->seen_ms >= sessions->opts.idle_ms) {
			session_close(sessions, &slot->session);
		}
	}
}
