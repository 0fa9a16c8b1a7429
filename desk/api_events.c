/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /api/events: what has happened, told at once. No content in it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "desk/api.h"

#define LISTENERS_MAX 128u
#define OF_ONE_MAX    2u /* of one session: more than that is no console */
#define BEAT_TICKS    15u
#define EVENT_BYTES   8192u

struct listener {
	net_token conn; /* 0: nobody */
	const struct session *session;
	uint64_t since; /* in the order in which they came */
};

struct listeners {
	struct listener at[LISTENERS_MAX];
	uint64_t n;
	unsigned ticks;
};

enum tl_err listeners_new(struct listeners **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret == NULL ? TL_ENOMEM : TL_OK;
}

void listeners_free(struct listeners *listeners)
{
	free(listeners);
}

static void say(struct web *web, struct listener *listener, struct bytes text)
{
	if (listener->conn != 0 &&
	    !net_stream(web->server, listener->conn, text)) {
		listener->conn = 0;
	}
}

static void put_event(struct buf *text, const char *event, json_t *json)
{
	char *data = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	buf_put_str(text, "event: ");
	buf_put_str(text, event);
	buf_put_str(text, "\ndata: ");
	buf_put_str(text, data == NULL ? "{}" : data);
	buf_put_str(text, "\n\n");
	free(data);
}

static bool is_supervisors(const struct listener *listener)
{
	return listener->session->role == SESSION_SUPERVISOR;
}

bool api_supervisor_hears(const struct web *web)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		const struct listener *listener = &web->listeners->at[i];

		if (listener->conn != 0 && is_supervisors(listener)) {
			return true;
		}
	}
	return false;
}

enum whom { ALL, SUPERVISORS, OTHERS };

static bool is_meant(const struct listener *listener, enum whom whom)
{
	return listener->conn != 0 &&
	    (whom == ALL || is_supervisors(listener) == (whom == SUPERVISORS));
}

static bool somebody_listens(const struct web *web, enum whom whom)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		if (is_meant(&web->listeners->at[i], whom)) {
			return true;
		}
	}
	return false;
}

static void tell(
    struct web *web, enum whom whom, const char *event, json_t *json)
{
	struct buf text;

	if (!somebody_listens(web, whom)) {
		json_decref(json);
		return;
	}
	buf_init(&text, EVENT_BYTES);
	put_event(&text, event, json);
	for (size_t i = 0; buf_err(&text) == TL_OK && i < LISTENERS_MAX; i++) {
		if (is_meant(&web->listeners->at[i], whom)) {
			say(web, &web->listeners->at[i],
			    bytes_of(text.data, text.len));
		}
	}
	buf_free(&text);
}

void api_tell(struct web *web, const char *event, json_t *json)
{
	tell(web, ALL, event, json);
}

void api_tell_to(
    struct web *web, bool supervisors, const char *event, json_t *json)
{
	tell(web, supervisors ? SUPERVISORS : OTHERS, event, json);
}

void listeners_tick(struct web *web)
{
	if (web->listeners->ticks++ % BEAT_TICKS != 0) {
		return;
	}
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		say(web, &web->listeners->at[i], bytes_str(": beat\n\n"));
	}
}

void listeners_end(struct web *web, const struct session *session)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		struct listener *listener = &web->listeners->at[i];

		if (listener->conn != 0 && listener->session == session) {
			say(web, listener,
			    bytes_str("event: lock\ndata: {}\n\n"));
			net_stream_end(web->server, listener->conn);
			listener->conn = 0;
		}
	}
}

/* A place for one more of this session; its own oldest, if it has enough. */
static struct listener *take_place(
    struct web *web, const struct session *session)
{
	struct listener *free_one = NULL, *oldest = NULL;
	unsigned own = 0;

	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		struct listener *listener = &web->listeners->at[i];

		if (listener->conn == 0) {
			free_one = listener;
		} else if (listener->session == session) {
			own++;
			oldest =
			    oldest == NULL || listener->since < oldest->since
			    ? listener
			    : oldest;
		}
	}
	if (own < OF_ONE_MAX) {
		return free_one;
	}
	net_stream_end(web->server, oldest->conn);
	return oldest;
}

static void listen_on(struct api_call *call)
{
	static const struct net_header headers[] = {
		{ "X-Accel-Buffering", { (const uint8_t *)"no", 2 } },
	};
	struct net_reply reply = { .status = 200,
		.type = "text/event-stream",
		.headers = headers,
		.n_headers = 1,
		.stream = true };
	struct listener *place = take_place(call->web, call->session);
	struct buf welcome;

	if (place == NULL) {
		api_refuse(call->web, call->conn, 503, "crowded",
		    "Too many consoles are open.");
		return;
	}
	web_ring(call->web); /* the others hear as much */
	buf_init(&welcome, EVENT_BYTES);
	put_event(&welcome, "waiting",
	    web_ringing(call->web, call->session->role == SESSION_SUPERVISOR));
	reply.body = bytes_of(welcome.data, welcome.len);
	net_answer(call->web->server, call->conn, &reply);
	buf_free(&welcome);
	*place = (struct listener){ call->conn, call->session,
		++call->web->listeners->n };
}

const struct api_route api_events_routes[] = {
	{ HTTP_GET, "/api/events", API_ANY_SESSION, NULL, listen_on, true, 0 },
	{ 0 },
};
