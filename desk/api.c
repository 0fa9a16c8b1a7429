/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/api.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/wipe.h"

#define QUERY_BYTES 1024u

/* Nothing but our own files, and what they ask of us. */
#define PAGE_POLICY \
	"default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self' data: blob:; media-src 'self' blob:; " \
	"font-src 'self'; connect-src 'self'; form-action 'none'; " \
	"frame-ancestors 'none'; base-uri 'none'"

#define API_ROOM(name) api_##name##_routes,
static const struct api_route *const rooms[] = { API_ROOMS(API_ROOM) };
#undef API_ROOM

/* ---- answers ------------------------------------------------------------ */

void api_answer_headers(struct web *web, net_token conn, int status,
    json_t *json, const struct net_header *headers, size_t n_headers)
{
	char *text = json_dumps(json, JSON_COMPACT);
	struct net_reply reply = { .status = status,
		.type = "application/json",
		.body = bytes_str(text),
		.headers = headers,
		.n_headers = n_headers };

	if (text == NULL) {
		reply = (struct net_reply){ .status = 500 };
	}
	net_answer(web->server, conn, &reply);
	if (text != NULL) {
		wipe(text, strlen(text));
	}
	free(text);
	json_decref(json);
}

void api_answer_with(struct web *web, net_token conn, int status, json_t *json,
    const char *name, const char *value)
{
	const struct net_header header = { name, bytes_str(value) };

	api_answer_headers(web, conn, status, json, &header, 1);
}

void api_answer(struct web *web, net_token conn, int status, json_t *json)
{
	api_answer_headers(web, conn, status, json, NULL, 0);
}

void api_refuse(struct web *web, net_token conn, int status, const char *word,
    const char *sentence)
{
	api_answer(web, conn, status,
	    json_pack("{s:s,s:s}", "error", word, "text", sentence));
}

static void refuse_call(
    struct api_call *call, int status, const char *word, const char *sentence)
{
	api_refuse(call->web, call->conn, status, word, sentence);
}

/* ---- what a call says ---------------------------------------------------- */

struct bytes api_string(const struct api_call *call, const char *name)
{
	const json_t *value = json_object_get(call->body, name);

	return bytes_of(json_string_value(value), json_string_length(value));
}

static bool decode(struct bytes text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.at[i];

		if (byte == '%') {
			int high = i + 2 < text.len
			    ? dec_hex_digit(text.at[i + 1])
			    : -1;
			int low = i + 2 < text.len
			    ? dec_hex_digit(text.at[i + 2])
			    : -1;

			if (high < 0 || low < 0) {
				return false;
			}
			byte = (uint8_t)(high * 16 + low);
			i += 2;
		} else if (byte == '+') {
			byte = ' ';
		}
		buf_put_u8(out, byte);
	}
	return buf_err(out) == TL_OK;
}

bool api_query(const struct api_call *call, const char *name, struct buf *out)
{
	struct bytes rest = call->req->query;
	size_t name_len = strlen(name);

	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '&', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);

		if (len > name_len && rest.at[name_len] == '=' &&
		    memcmp(rest.at, name, name_len) == 0) {
			return decode(bytes_of(rest.at + name_len + 1,
					  len - name_len - 1),
			    out);
		}
		len += end == NULL ? 0 : 1;
		rest = bytes_of(rest.at + len, rest.len - len);
	}
	return false;
}

struct tip *api_tip(struct api_call *call)
{
	struct tip *tip = api_tip_of(call->web, call->args[0]);

	if (tip == NULL) {
		refuse_call(
		    call, 404, "none", "There is no tip of this number.");
		return NULL;
	}
	if (api_is_sealed(tip)) {
		refuse_call(call, 410, API_WITHDRAWN, API_WITHDRAWN_TEXT);
		return NULL;
	}
	return tip;
}

bool api_is_sealed(const struct tip *tip)
{
	return (tip->now.version > 0 && tip->now.state == CASE_WITHDRAWN) ||
	    (tip->is_twin && tip->is_hollow);
}

/* ---- whose call it is ---------------------------------------------------- */

static bool may(const struct api_route *route, const struct session *session)
{
	switch (route->who) {
	case API_ANYBODY:
	case API_ANY_SESSION:
		return true;
	case API_OFFICER:
		return session->role != SESSION_ADMINISTRATOR;
	case API_SUPERVISOR:
		return session->role == SESSION_SUPERVISOR;
	case API_ADMINISTRATOR:
		return session->role == SESSION_ADMINISTRATOR;
	}
	return false;
}

/* False: it was answered. */
static bool is_allowed(struct api_call *call, const struct api_route *route)
{
	enum session_fault fault =
	    session_check(call->web->sessions, call->req, clock_mono_ms(),
		route->quiet || route->who == API_ANYBODY, &call->session);

	if (fault == SESSION_FOREIGN) {
		refuse_call(call, 403, "foreign",
		    "This call came from a page that is not the desk's.");
		return false;
	}
	if (route->who == API_ANYBODY) {
		call->session = NULL;
		return true;
	}
	if (fault != SESSION_FINE) {
		refuse_call(call, 401,
		    fault == SESSION_LOCKED ? "locked" : "login",
		    fault == SESSION_LOCKED ? "The desk is locked."
					    : "Nobody is logged in here.");
		return false;
	}
	if (!may(route, call->session)) {
		refuse_call(call, 403, "role", "Your role may not do this.");
		return false;
	}
	return true;
}

/* False: it was answered. */
static bool read_body(struct api_call *call, const struct api_route *route)
{
	const struct api_refusal *refusal = api_body_read(
	    route, call->req->content_type, call->req->body, &call->body);

	if (refusal != NULL) {
		refuse_call(
		    call, refusal->status, refusal->word, refusal->text);
	}
	return refusal == NULL;
}

const struct api_route *api_route_at(size_t i)
{
	for (size_t room = 0; room < sizeof(rooms) / sizeof(rooms[0]); room++) {
		for (const struct api_route *route = rooms[room];
		     route->path != NULL; route++) {
			if (i-- == 0) {
				return route;
			}
		}
	}
	return NULL;
}

/* ---- paths --------------------------------------------------------------- */

/* A star stands for one segment that is not empty. */
static bool fits(const char *pattern, struct bytes path,
    struct bytes ret_args[static API_ARGS])
{
	size_t n = 0;

	while (*pattern != '\0') {
		size_t len = 0;

		if (*pattern != '*') {
			if (path.len == 0 || path.at[0] != *pattern) {
				return false;
			}
			pattern++;
			path = bytes_of(path.at + 1, path.len - 1);
			continue;
		}
		while (len < path.len && path.at[len] != '/') {
			len++;
		}
		if (len == 0 || n == API_ARGS) {
			return false;
		}
		ret_args[n++] = bytes_of(path.at, len);
		path = bytes_of(path.at + len, path.len - len);
		pattern++;
	}
	return path.len == 0;
}

static const struct api_route *find_route(
    struct api_call *call, bool *ret_other)
{
	enum http_method method =
	    call->req->method == HTTP_HEAD ? HTTP_GET : call->req->method;

	*ret_other = false;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		const struct api_route *route = rooms[i];

		for (; route->path != NULL; route++) {
			if (!fits(route->path, call->req->path, call->args)) {
				continue;
			}
			if (route->method == method) {
				return route;
			}
			*ret_other = true;
		}
	}
	return NULL;
}

static void give_file(struct api_call *call)
{
	const struct net_header policy = { "Content-Security-Policy",
		bytes_str(PAGE_POLICY) };
	struct net_reply reply = { .status = 404 };
	struct ui_file file;

	if ((call->req->method & (HTTP_GET | HTTP_HEAD)) == 0) {
		reply.status = 405;
	} else if (ui_find(call->web->ui, call->req->path, &file)) {
		reply = (struct net_reply){ .status = 200,
			.type = file.type,
			.body = file.bytes,
			.headers = &policy,
			.n_headers = 1 };
	}
	net_answer(call->web->server, call->conn, &reply);
}

void api_handle(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct api_call call = { .web = arg, .conn = conn, .req = req };
	const struct api_route *route;
	bool other = false;

	(void)server;
	if (req->path.len < 5 || memcmp(req->path.at, "/api/", 5) != 0) {
		give_file(&call);
		return;
	}
	route = find_route(&call, &other);
	if (route == NULL) {
		refuse_call(&call, other ? 405 : 404, "none",
		    "The desk has no such call.");
	} else if (is_allowed(&call, route) && read_body(&call, route)) {
		route->handle(&call);
	}
	json_decref(call.body);
}
