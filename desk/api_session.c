/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Logging in and out. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "desk/api.h"

#define COOKIE_BYTES 160u
#define COOKIE       "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict"
/* Of a browser that is known, for so long: 30 days. */
#define KNOWN_AGE "; Max-Age=2592000"

static const char *role_name(enum session_role role)
{
	static const char *const names[] = {
		[SESSION_OFFICER] = "officer",
		[SESSION_SUPERVISOR] = "supervisor",
		[SESSION_ADMINISTRATOR] = "administrator",
	};

	return names[role];
}

static json_t *officer(const struct session *session)
{
	return json_pack("{s:s,s:s}", "name", session->name, "role",
	    role_name(session->role));
}

static json_int_t idle_s(const struct web *web)
{
	return (json_int_t)(web->config->desk.idle_lock_ms / 1000u);
}

/* ---- POST /api/login ----------------------------------------------------- */

struct waiting {
	struct web *web;
	net_token conn;
};

static void welcome(const struct waiting *waiting,
    const struct session *session, const struct session_words *words)
{
	char cookie[COOKIE_BYTES], known[COOKIE_BYTES];
	struct net_header headers[2] = { { "Set-Cookie", { 0 } },
		{ "Set-Cookie", { 0 } } };

	(void)snprintf(
	    cookie, sizeof(cookie), COOKIE, SESSION_COOKIE, words->cookie);
	(void)snprintf(known, sizeof(known), COOKIE KNOWN_AGE, SESSION_KNOWN,
	    words->known);
	headers[0].value = bytes_str(cookie);
	headers[1].value = bytes_str(known);
	api_answer_headers(waiting->web, waiting->conn, 200,
	    json_pack("{s:s,s:o,s:I,s:s,s:b}", "token", words->token, "officer",
		officer(session), "idle_s", idle_s(waiting->web), "lang", "en",
		"practice", waiting->web->practice ? 1 : 0),
	    headers, 2);
	wipe(cookie, sizeof(cookie));
	wipe(known, sizeof(known));
}

static void opened(enum session_refusal how, const struct session *session,
    const struct session_words *words, uint64_t retry_s, void *arg)
{
	struct waiting waiting = *(struct waiting *)arg;

	free(arg);
	switch (how) {
	case SESSION_OPENED:
		welcome(&waiting, session, words);
		break;
	case SESSION_LATER:
		api_answer(waiting.web, waiting.conn, 429,
		    json_pack("{s:s,s:s,s:I}", "error", "later", "text",
			"Too many tries. Wait a little.", "retry_s",
			(json_int_t)retry_s));
		break;
	case SESSION_CROWDED:
		api_refuse(waiting.web, waiting.conn, 503, "crowded",
		    "Too many are logged in.");
		break;
	case SESSION_SHUT:
		api_refuse(waiting.web, waiting.conn, 503, "ring",
		    "The team's ring cannot be read. Call who runs the desk.");
		break;
	case SESSION_FAILING:
		api_refuse(waiting.web, waiting.conn, 503, "failing",
		    "The desk can let nobody in just now. Try again; if it "
		    "stays so, call who runs the desk.");
		break;
	case SESSION_REFUSED:
		api_refuse(waiting.web, waiting.conn, 401, "refused",
		    "Name, passphrase or code is wrong.");
		break;
	}
}

static void ask(struct api_call *call,
    void (*begin)(struct sessions *sessions, const struct session_login *login,
	session_opened_fn fn, void *arg))
{
	const struct session_login given = {
		.name = api_string(call, "name"),
		.passphrase = api_string(call, "passphrase"),
		.code = api_string(call, "code"),
		.req = call->req,
		.now_ms = clock_mono_ms(),
	};
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (waiting == NULL) {
		api_refuse(call->web, call->conn, 503, "memory",
		    "The desk has no memory left.");
		return;
	}
	*waiting = (struct waiting){ call->web, call->conn };
	begin(call->web->sessions, &given, opened, waiting);
}

static void login(struct api_call *call)
{
	ask(call, session_open);
}

static void unlock(struct api_call *call)
{
	ask(call, session_unlock);
}

/* ---- the others ---------------------------------------------------------- */

static void tell(struct api_call *call)
{
	api_answer(call->web, call->conn, 200,
	    json_pack("{s:o,s:I,s:s,s:b}", "officer", officer(call->session),
		"idle_s", idle_s(call->web), "lang", "en", "practice",
		call->web->practice ? 1 : 0));
}

static void logout(struct api_call *call)
{
	session_close(call->web->sessions, call->session);
	api_answer_with(call->web, call->conn, 200, json_object(), "Set-Cookie",
	    SESSION_COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Strict; "
			   "Max-Age=0");
}

static void lock(struct api_call *call)
{
	char name[sizeof(call->session->name)];

	(void)snprintf(name, sizeof(name), "%s", call->session->name);
	session_close_all(call->web->sessions, name);
	api_answer(call->web, call->conn, 200, json_object());
}

static const char *const login_members[] = { "name", "passphrase", "code",
	NULL };
static const char *const unlock_members[] = { "passphrase", "code", NULL };
static const char *const none[] = { NULL };

const struct api_route api_session_routes[] = {
	{ HTTP_POST, "/api/login", API_ANYBODY, login_members, login, false,
	    0 },
	{ HTTP_POST, "/api/unlock", API_ANYBODY, unlock_members, unlock, false,
	    0 },
	{ HTTP_GET, "/api/session", API_ANY_SESSION, NULL, tell, false, 0 },
	{ HTTP_POST, "/api/logout", API_ANY_SESSION, none, logout, false, 0 },
	{ HTTP_POST, "/api/lock", API_ANY_SESSION, none, lock, false, 0 },
	{ 0 },
};
