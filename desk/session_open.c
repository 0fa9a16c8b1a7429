/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How sessions begin: through keyd, with new ids, not too often. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "desk/drafts.h"
#include "desk/session_inside.h"

/* keyd takes its time for each: so many may wait for it, from browsers in
 * which nobody has logged in yet, and from all. */
#define STRANGERS_MAX    2u
#define ASKING_MAX       16u
#define STRANGER         "stranger"
#define REFUSED_EVERY_MS UINT64_C(60000)

struct login {
	struct sessions *sessions;
	char name[KEYD_NAME_BYTES + 1];
	uint8_t agent[SESSION_ID_BYTES];
	uint8_t source[SESSION_ID_BYTES];
	bool is_known; /* the source */
	/* a locked session that is to be opened again; hash of its cookie */
	bool is_unlock;
	uint8_t cookie[SESSION_ID_BYTES];
	uint64_t now_ms;
	session_opened_fn fn;
	void *arg;
};

/* ---- browsers that are known --------------------------------------------- */

/* 16 random bytes, and half a hash of them and the name. */
static void known_hash(const struct sessions *sessions, const uint8_t *random,
    const char *name, uint8_t hash[static SESSION_ID_BYTES])
{
	uint8_t both[16 + KEYD_NAME_BYTES];
	size_t len = strlen(name);

	memcpy(both, random, 16);
	memcpy(both + 16, name, len);
	session_hash(sessions, "known", bytes_of(both, 16 + len), hash);
}

static void text_of(const uint8_t id[static SESSION_ID_BYTES],
    char ret[static SESSION_TOKEN_CHARS + 1])
{
	struct buf text;

	buf_init(&text, SESSION_TOKEN_CHARS + 1);
	enc_b64(&text, B64_URL, id, SESSION_ID_BYTES);
	buf_put_u8(&text, 0);
	if (buf_err(&text) == TL_OK) {
		memcpy(ret, text.data, text.len);
	}
	buf_free(&text);
}

static void make_known(const struct sessions *sessions, const char *name,
    char ret[static SESSION_TOKEN_CHARS + 1])
{
	uint8_t id[SESSION_ID_BYTES], hash[SESSION_ID_BYTES];

	random_bytes(id, 16);
	known_hash(sessions, id, name, hash);
	memcpy(id + 16, hash, 16);
	text_of(id, ret);
}

/* Where the try came from: this browser, if the name has logged in there;
 * else from anywhere, since nothing here knows addresses. */
static bool find_source(const struct sessions *sessions,
    const struct net_request *req, struct login *login)
{
	struct bytes known = session_cookie(req, SESSION_KNOWN);
	uint8_t id[SESSION_ID_BYTES], hash[SESSION_ID_BYTES];
	size_t len = 0;

	session_hash(sessions, "source", bytes_str(STRANGER), login->source);
	if (known.len != SESSION_TOKEN_CHARS ||
	    dec_b64(B64_URL, (const char *)known.at, known.len, id, sizeof(id),
		&len) != TL_OK ||
	    len != sizeof(id)) {
		return false;
	}
	known_hash(sessions, id, login->name, hash);
	if (!secret_equal(id + 16, hash, 16)) {
		return false;
	}
	session_hash(sessions, "source", known, login->source);
	return true;
}

/* ---- beginning ---------------------------------------------------------- */

/* A free place, or the oldest of this officer's if they have too many. */
static struct slot *take_slot(struct sessions *sessions, const char *name)
{
	struct slot *free_one = NULL, *oldest = NULL;
	size_t own = 0;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (!slot->is_there) {
			free_one = free_one == NULL ? slot : free_one;
			continue;
		}
		if (strcmp(slot->session.name, name) == 0) {
			own++;
			if (oldest == NULL ||
			    slot->began_ms < oldest->began_ms) {
				oldest = slot;
			}
		}
	}
	if (own < SESSION_EACH_MAX) {
		return free_one;
	}
	session_end(sessions, oldest, AUDIT_LOGOUT);
	return oldest;
}

/* Takes drafts. */
static void begin(struct login *login, struct slot *slot,
    const struct keyd_unlocked_as *as, struct drafts *drafts)
{
	struct sessions *sessions = login->sessions;
	char words[3][SESSION_TOKEN_CHARS + 1] = { "", "", "" };
	const struct session_words told = { words[0], words[1], words[2] };
	uint8_t id[SESSION_ID_BYTES];

	memset(slot, 0, sizeof(*slot));
	slot->is_there = true;
	slot->began_ms = login->now_ms;
	slot->seen_ms = login->now_ms;
	slot->told_ms = login->now_ms;
	slot->session.role = (enum session_role)as->role;
	slot->session.drafts = drafts;
	memcpy(slot->session.name, login->name, sizeof(login->name));
	memcpy(slot->session.keyd, as->token, KEYD_TOKEN_BYTES);
	memcpy(slot->agent, login->agent, sizeof(slot->agent));
	random_bytes(id, sizeof(id));
	text_of(id, words[0]);
	session_hash(sessions, "token", bytes_str(words[0]), slot->token);
	random_bytes(id, sizeof(id));
	text_of(id, words[1]);
	session_hash(sessions, "cookie", bytes_str(words[1]), slot->cookie);
	make_known(sessions, login->name, words[2]);
	sessions->n++;
	sessions->opts.audit(login->is_unlock ? AUDIT_UNLOCK : AUDIT_LOGIN,
	    login->name, sessions->opts.arg);
	login->fn(SESSION_OPENED, &slot->session, &told, 0, login->arg);
	sessions->opts.changed(&slot->session, sessions->n, sessions->opts.arg);
	wipe(words, sizeof(words));
	wipe(id, sizeof(id));
}

/* The locked session ends; what is open in its place is a new one. Gives what
 * was begun there, or NULL. */
static struct drafts *end_locked(
    struct sessions *sessions, const struct login *login)
{
	struct drafts *drafts = NULL;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct slot *slot = &sessions->slots[i];

		if (slot->is_there &&
		    secret_equal(
			slot->cookie, login->cookie, sizeof(slot->cookie))) {
			drafts = slot->session.drafts;
			slot->session.drafts = NULL;
			session_end(sessions, slot, AUDIT_LOGOUT);
		}
	}
	return drafts;
}

/* Of strangers who try without end one a minute is written down: a trail that
 * is full of them hides everything else, and fills the disk. */
static void write_refused(const struct login *login)
{
	struct sessions *sessions = login->sessions;
	uint64_t now_ms = login->now_ms;

	if (!login->is_known) {
		throttle_stranger_wrong(sessions->throttle, now_ms);
		if (throttle_strangers_wait_ms(sessions->throttle, now_ms) >
			0 &&
		    now_ms - sessions->refused_ms < REFUSED_EVERY_MS) {
			return;
		}
		sessions->refused_ms = now_ms;
	}
	sessions->opts.audit(AUDIT_REFUSED, login->name, sessions->opts.arg);
}

static void refuse(struct login *login, enum session_refusal how)
{
	struct sessions *sessions = login->sessions;
	struct bytes source = bytes_of(login->source, sizeof(login->source));

	if (how == SESSION_REFUSED) {
		throttle_wrong(sessions->throttle, bytes_str(login->name),
		    source, login->now_ms);
		write_refused(login);
	}
	login->fn(how, NULL, NULL, 0, login->arg);
}

static enum session_refusal refusal_of(enum keyd_unlocked result)
{
	switch (result) {
	case KEYD_WRONG:
		return SESSION_REFUSED;
	case KEYD_SHUT:
		return SESSION_SHUT;
	case KEYD_FAILING:
		return SESSION_FAILING;
	case KEYD_UNLOCKED: /* but there is no place here */
	case KEYD_CROWDED:
		break;
	}
	return SESSION_CROWDED;
}

static void unlocked(const struct frame *frame, void *arg)
{
	struct login *login = arg;
	struct sessions *sessions = login->sessions;
	struct keyd_unlocked_as as = { .result = KEYD_FAILING };
	bool fine = frame != NULL && keyd_read_unlocked(frame, &as) == TL_OK &&
	    as.result == KEYD_UNLOCKED;
	struct drafts *drafts = NULL;
	struct slot *slot = NULL;

	sessions->asking--;
	if (fine) {
		throttle_right(sessions->throttle, bytes_str(login->name),
		    bytes_of(login->source, sizeof(login->source)));
		if (login->is_unlock) {
			drafts = end_locked(sessions, login);
		}
		slot = take_slot(sessions, login->name);
	}
	if (slot != NULL) {
		begin(login, slot, &as, drafts);
	} else {
		drafts_free(drafts);
		if (fine) {
			session_tell_keyd(sessions, as.token);
		}
		refuse(login, refusal_of(as.result));
	}
	wipe(&as, sizeof(as));
	wipe(login, sizeof(*login));
	free(login);
}

/* Lengths are right, or nothing is asked: that tells what was typed, and
 * nothing of what would be right. */
static bool may_ask(const struct session_login *given, size_t name_len)
{
	return name_len > 0 && name_len <= KEYD_NAME_BYTES &&
	    given->passphrase.len > 0 &&
	    given->passphrase.len <= KEYD_PASSPHRASE_BYTES &&
	    given->code.len == KEYD_CODE_BYTES;
}

static void ask(struct login *login, const struct session_login *given)
{
	struct sessions *sessions = login->sessions;
	const struct keyd_unlock unlock = {
		.name = bytes_str(login->name),
		.passphrase = given->passphrase,
		.code = given->code,
	};
	struct buf frame;

	sessions->asking++;
	buf_init(&frame, FRAME_HEAD_BYTES + frame_max_bytes(FRAME_KEYD_UNLOCK));
	keyd_put_unlock(&frame, &unlock);
	keyd_peer_ask(sessions->opts.keyd, &frame, unlocked, login);
	buf_free(&frame);
}

/* Takes login, whose name is there. */
static void try_login(struct login *login, const struct session_login *given)
{
	struct sessions *sessions = login->sessions;
	uint64_t wait_ms;

	login->is_known = find_source(sessions, given->req, login);
	wait_ms = throttle_wait_ms(sessions->throttle, bytes_str(login->name),
	    bytes_of(login->source, sizeof(login->source)), given->now_ms);
	if (wait_ms == 0 && !login->is_known) {
		wait_ms = throttle_strangers_wait_ms(
		    sessions->throttle, given->now_ms);
	}
	if (wait_ms == 0 &&
	    sessions->asking >=
		(login->is_known ? ASKING_MAX : STRANGERS_MAX)) {
		wait_ms = 1000;
	}
	if (wait_ms > 0) {
		login->fn(SESSION_LATER, NULL, NULL, (wait_ms + 999) / 1000,
		    login->arg);
	} else if (!may_ask(given, strlen(login->name))) {
		login->fn(SESSION_REFUSED, NULL, NULL, 0, login->arg);
	} else {
		session_hash(
		    sessions, "agent", given->req->user_agent, login->agent);
		ask(login, given);
		return;
	}
	wipe(login, sizeof(*login));
	free(login);
}

static struct login *new_login(struct sessions *sessions, struct bytes name,
    uint64_t now_ms, session_opened_fn fn, void *arg)
{
	struct login *login = calloc(1, sizeof(*login));
	bool fits = name.len <= KEYD_NAME_BYTES &&
	    (name.len == 0 || memchr(name.at, 0, name.len) == NULL);

	if (login == NULL || !fits) {
		free(login);
		fn(fits ? SESSION_FAILING : SESSION_REFUSED, NULL, NULL, 0,
		    arg);
		return NULL;
	}
	*login = (struct login){
		.sessions = sessions, .now_ms = now_ms, .fn = fn, .arg = arg
	};
	if (name.len > 0) {
		memcpy(login->name, name.at, name.len);
	}
	return login;
}

void session_open(struct sessions *sessions, const struct session_login *given,
    session_opened_fn fn, void *arg)
{
	struct login *login =
	    new_login(sessions, given->name, given->now_ms, fn, arg);

	if (login != NULL) {
		try_login(login, given);
	}
}

void session_unlock(struct sessions *sessions,
    const struct session_login *given, session_opened_fn fn, void *arg)
{
	const struct slot *slot = session_slot(sessions, given->req);
	struct login *login;

	if (slot == NULL || !slot->is_locked) {
		fn(SESSION_REFUSED, NULL, NULL, 0, arg);
		return;
	}
	login = new_login(
	    sessions, bytes_str(slot->session.name), given->now_ms, fn, arg);
	if (login != NULL) {
		login->is_unlock = true;
		memcpy(login->cookie, slot->cookie, sizeof(login->cookie));
		try_login(login, given);
	}
}
