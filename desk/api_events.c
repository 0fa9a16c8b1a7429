/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /api/events: what has happened, told at once. No content in it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "desk/api.h"

#define LISTENERS_MAX 128u
#define BEAT_TICKS    15u
#define EVENT_BYTES   8192u

struct listener {
	net_token conn; /* 0: nobody */
	const struct session *session;
};

struct listeners {
	struct listener at[LISTENERS_MAX];
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

void api_tell(struct web *web, const char *event, json_t *json)
{
	char *data = json_dumps(json, JSON_COMPACT);
	struct buf text;

	json_decref(json);
	buf_init(&text, EVENT_BYTES);
	buf_put_str(&text, "event: ");
	buf_put_str(&text, event);
	buf_put_str(&text, "\ndata: ");
	buf_put_str(&text, data == NULL ? "{}" : data);
	buf_put_str(&text, "\n\n");
	free(data);
	for (size_t i = 0; buf_err(&text) == TL_OK && i < LISTENERS_MAX; i++) {
		say(web, &web->listeners->at[i], bytes_of(text.data, text.len));
	}
	buf_free(&text);
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

static void listen_on(struct api_call *call)
{
	static const struct net_header headers[] = {
		{ "X-Accel-Buffering", { (const uint8_t *)"no", 2 } },
	};
	const struct net_reply reply = { .status = 200,
		.type = "text/event-stream",
		.body = bytes_str(": welcome\n\n"),
		.headers = headers,
		.n_headers = 1,
		.stream = true };
	struct listener *free_one = NULL;

	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		if (call->web->listeners->at[i].conn == 0) {
			free_one = &call->web->listeners->at[i];
		}
	}
	if (free_one == NULL) {
		api_refuse(call->web, call->conn, 503, "crowded",
		    "Too many consoles are open.");
		return;
	}
	net_answer(call->web->server, call->conn, &reply);
	*free_one = (struct listener){ call->conn, call->session };
}

const struct api_route api_events_routes[] = {
	{ HTTP_GET, "/api/events", API_ANY_SESSION, NULL, listen_on, true, 0 },
	{ 0 },
};
