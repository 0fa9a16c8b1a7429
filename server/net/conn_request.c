/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/conn.h"

#include <ctype.h>
#include <string.h>

#include "server/net/multipart.h"

/* ---- routes -------------------------------------------------------------- */

static bool path_fits(const char *pattern, struct bytes path)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*') {
		return path.len >= len - 1 &&
		    memcmp(path.at, pattern, len - 1) == 0;
	}
	return path.len == len && memcmp(path.at, pattern, len) == 0;
}

static unsigned methods_of(const struct net_route *route)
{
	unsigned methods = route->methods;

	if ((methods & HTTP_GET) != 0 && route->class != NET_GATEWAY) {
		methods |= HTTP_HEAD;
	}
	return methods;
}

/* The route for path; *ret_methods is what any route takes there. */
static const struct net_route *find_route(struct conn *conn, struct bytes path,
    unsigned method, unsigned *ret_methods)
{
	const struct net_opts *opts = &conn->server->opts;
	bool by_admin = conn->door == NET_DOOR_ADMIN;
	/* A "*" of the pages is not for a gateway's path. */
	bool by_gateway = !by_admin &&
	    http_class(&conn->exchange->parser) == HTTP_CLASS_GATEWAY;

	*ret_methods = 0;
	for (size_t i = 0; i < opts->n_routes; i++) {
		const struct net_route *route = &opts->routes[i];

		if ((route->class == NET_ADMIN) != by_admin ||
		    (route->class == NET_GATEWAY) != by_gateway ||
		    !path_fits(route->path, path)) {
			continue;
		}
		*ret_methods |= methods_of(route);
		if ((methods_of(route) & method) != 0) {
			return route;
		}
	}
	return NULL;
}

/* Host without its port, against the names of the door. */
static bool host_fits(const char *const *hosts, struct bytes host)
{
	size_t len = host.len;

	if (hosts == NULL || host.at == NULL) {
		return true;
	}
	while (len > 0 && isdigit(host.at[len - 1])) {
		len--;
	}
	if (len > 0 && host.at[len - 1] == ':') {
		len--;
	} else {
		len = host.len;
	}
	for (; *hosts != NULL; hosts++) {
		if (strlen(*hosts) == len &&
		    strncasecmp(*hosts, (const char *)host.at, len) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_multipart(struct bytes type)
{
	return type.at != NULL && content_type_is(type, "multipart/form-data");
}

static size_t body_max(const struct net_route *route, bool multipart)
{
	if (multipart && route->upload != NULL) {
		/* what is too much is seen when it comes: the text before it
		 * is not to be lost */
		return SIZE_MAX / 2;
	}
	return multipart && route->multipart_max_bytes > 0
	    ? route->multipart_max_bytes
	    : route->body_max_bytes;
}

/* The head is read: whose request is it? */
static void route_request(struct conn *conn)
{
	struct exchange *ex = conn->exchange;
	struct http_parser *p = &ex->parser;
	unsigned method = http_method(p);
	unsigned methods;

	ex->is_head = method == HTTP_HEAD;
	ex->route = find_route(conn, http_path(p), method, &methods);
	if (!host_fits(conn->hosts, http_host(p))) {
		http_refuse(p, 421);
	} else if (ex->route != NULL) {
		bool multipart = is_multipart(http_field(p, "content-type"));
		size_t max = body_max(ex->route, multipart);

		ex->is_streamed = multipart && ex->route->upload != NULL;
		ex->body.max = max;
		http_set_body_max(p, max);
	} else {
		http_refuse(p, methods != 0 ? 405 : 404);
	}
}

/* ---- refusals ------------------------------------------------------------ */

/* Once the head is read: is such a route at its path? Before: anywhere? */
static bool may_be_for_one_that_drops(const struct conn *conn)
{
	const struct net_opts *opts = &conn->server->opts;
	const struct http_parser *p = &conn->exchange->parser;

	for (size_t i = 0; i < opts->n_routes; i++) {
		const struct net_route *route = &opts->routes[i];

		if (route->drop_errors &&
		    (http_in_head(p) || path_fits(route->path, http_path(p)))) {
			return true;
		}
	}
	return false;
}

/* A head that broke off in a gateway's path may be one for which any status
 * means "delivered": then silence is right for all of them. */
static bool must_be_silent(const struct conn *conn)
{
	const struct exchange *ex = conn->exchange;

	if (ex->route != NULL) {
		return ex->route->drop_errors;
	}
	return http_class(&ex->parser) == HTTP_CLASS_GATEWAY &&
	    may_be_for_one_that_drops(conn);
}

/*
 * Nobody types a form's address by hand and posts to it, and no page has
 * "sms" in its path: where there is no route, that is a gateway whose address
 * was entered wrong, and it might text a page to a phone.
 */
static bool is_astray(const struct conn *conn)
{
	const struct exchange *ex = conn->exchange;
	struct bytes path;

	if (ex->route != NULL) {
		return false;
	}
	path = http_path_so_far(&ex->parser);
	for (size_t i = 0; i + 3 <= path.len; i++) {
		if (strncasecmp((const char *)path.at + i, "sms", 3) == 0) {
			return true;
		}
	}
	/* a head that breaks off may be a person's form */
	return !http_in_head(&ex->parser) &&
	    http_method(&ex->parser) == HTTP_POST;
}

static bool has_page(const struct conn *conn)
{
	return conn->server->opts.error_page != NULL &&
	    conn->door != NET_DOOR_ADMIN &&
	    http_class(&conn->exchange->parser) == HTTP_CLASS_REPORTER &&
	    !is_astray(conn);
}

/* Room for all of them. */
#define ALLOW_BYTES 40u

static struct bytes allow_text(unsigned methods, char ret[static ALLOW_BYTES])
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {
		{ HTTP_GET, "GET" },
		{ HTTP_HEAD, "HEAD" },
		{ HTTP_POST, "POST" },
		{ HTTP_PUT, "PUT" },
		{ HTTP_DELETE, "DELETE" },
	};
	struct buf text;
	size_t len;

	buf_init(&text, ALLOW_BYTES);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((methods & names[i].method) != 0) {
			buf_put_str(&text, text.len > 0 ? ", " : "");
			buf_put_str(&text, names[i].name);
		}
	}
	len = text.len;
	memcpy(ret, len > 0 ? text.data : (const uint8_t *)"", len);
	buf_free(&text);
	return bytes_of(ret, len);
}

static void fill_page(struct conn *conn, int status, struct net_reply *reply)
{
	const struct net_opts *opts = &conn->server->opts;
	const struct http_parser *p = &conn->exchange->parser;
	struct bytes path = { 0 };
	struct bytes lang = { 0 };

	if (!http_in_head(p)) {
		path = http_path(p);
		lang = http_field(p, "accept-language");
	}
	opts->error_page(status, path, lang, reply, opts->arg);
	reply->status = status;
}

/* As many fields as the application's page brings, and one more. */
#define PAGE_HEADERS 8u

static void add_header(struct net_reply *reply,
    struct net_header headers[static PAGE_HEADERS + 1], const char *name,
    struct bytes value)
{
	size_t n =
	    reply->n_headers < PAGE_HEADERS ? reply->n_headers : PAGE_HEADERS;

	if (n > 0) {
		memcpy(headers, reply->headers, n * sizeof(*headers));
	}
	headers[n++] = (struct net_header){ name, value };
	reply->headers = headers;
	reply->n_headers = n;
}

static struct bytes allowed(struct conn *conn, char allow[static ALLOW_BYTES])
{
	unsigned methods;

	(void)find_route(conn, http_path(&conn->exchange->parser), 0, &methods);
	return allow_text(methods, allow);
}

void conn_refuse(struct conn *conn, int status)
{
	struct net_reply reply = { .status = status, .close = true };
	struct net_header headers[PAGE_HEADERS + 1];
	struct bytes bare = http_bare_path(&conn->exchange->parser);
	char allow[ALLOW_BYTES];

	conn_upload_cut(conn);
	if (must_be_silent(conn)) {
		conn->server->counts.dropped++;
		conn->with_reset = true;
		conn_go(conn, CONN_DYING);
		return;
	}
	if (has_page(conn) && bare.len > 0) {
		/* no word of the query is read: the page is asked for anew */
		reply.status = 303;
		add_header(&reply, headers, "Location", bare);
	} else if (has_page(conn)) {
		fill_page(conn, status, &reply);
		reply.close = true;
	}
	if (status == 405) {
		add_header(&reply, headers, "Allow", allowed(conn, allow));
	}
	conn_answer(conn, &reply, true);
}

void conn_overdue_answer(struct conn *conn)
{
	struct exchange *ex = conn->exchange;
	const struct net_route *route = ex->route;

	if (route->overdue != NULL) {
		conn->server->want_turn_end = true;
		ex->in_handler = true;
		route->overdue(conn->server, conn_token(conn), route->arg);
		ex->in_handler = false;
	}
	if (conn->place.state == CONN_WRITE) {
		conn_flush(conn);
	} else if (conn->place.state == CONN_WAITING) {
		conn_refuse(conn, 503);
	}
}

/* ---- delivery ------------------------------------------------------------ */

net_token conn_token(const struct conn *conn)
{
	const struct slot *slot = &conn->server->slots[conn->slot];

	return (net_token)slot->generation << 32 | (conn->slot + 1u);
}

void conn_request(struct conn *conn, struct net_request *ret_req)
{
	struct net_server *server = conn->server;
	const struct exchange *ex = conn->exchange;
	const struct http_parser *p = &ex->parser;

	*ret_req = (struct net_request){
		.method = http_method(p),
		.door = conn->door,
		.bucket = conn->bucket,
		.path = http_path(p),
		.query = http_query(p),
		.content_type = http_field(p, "content-type"),
		.accept_language = http_field(p, "accept-language"),
		.user_agent = http_field(p, "user-agent"),
		.host = http_host(p),
		.fields = server->fields,
		.n_fields = http_fields(p, server->fields),
		.body = bytes_of(ex->body.data, ex->body.len),
	};
}

/* Each request has a token of its own, so that a late answer to one cannot
 * become the answer to the next. */
static void deliver(struct conn *conn)
{
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;
	struct net_request req;

	if (ex->is_streamed) {
		conn_upload_done(conn);
		return;
	}
	conn->requests++;
	server->slots[conn->slot].generation++;
	server->counts.delivered[ex->route->class]++;
	server->want_turn_end = true;
	conn_go(conn, CONN_WAITING);
	conn_request(conn, &req);
	ex->in_handler = true;
	ex->route->handle(server, conn_token(conn), &req, ex->route->arg);
	ex->in_handler = false;
	if (conn->place.state == CONN_WRITE) {
		conn_flush(conn);
	}
}

/* ---- bytes --------------------------------------------------------------- */

/* False: the request had to be refused. */
static bool take_piece(struct conn *conn, struct bytes piece)
{
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;

	if (ex->is_streamed) {
		return conn_upload_take(conn, piece);
	}
	if (!conn_may_hold(conn, piece.len)) {
		conn_refuse(conn, 503);
		return false;
	}
	server->bodies_bytes -= ex->body.len;
	buf_put(&ex->body, piece.at, piece.len);
	server->bodies_bytes += ex->body.len;
	if (buf_err(&ex->body) != TL_OK) {
		conn_refuse(conn, 503);
		return false;
	}
	return true;
}

/* All bytes are taken and the request is not complete. */
static void wait_for_more(struct conn *conn, size_t len)
{
	struct net_server *server = conn->server;
	struct exchange *ex = conn->exchange;

	if (http_class(&ex->parser) == HTTP_CLASS_GATEWAY) {
		conn_set_gateway(
		    &server->table, &conn->place, net_now_ms(server));
	}
	if (http_in_head(&ex->parser)) {
		return;
	}
	if (conn->place.state == CONN_READ_HEAD) {
		conn_go(conn, CONN_READ_BODY);
	} else {
		ex->received += len;
		conn_grow(&server->table, &conn->place, ex->received);
	}
	if (http_take_continue(&ex->parser)) {
		buf_put_str(&ex->out, ANSWER_CONTINUE);
		conn_flush(conn);
	}
}

void conn_feed(struct conn *conn, const uint8_t *bytes, size_t len)
{
	struct exchange *ex = conn->exchange;
	const uint8_t *at = bytes;
	size_t left = len;

	for (;;) {
		size_t used = 0;
		struct bytes piece = { 0 };
		enum http_event event =
		    http_feed(&ex->parser, at, left, &used, &piece);

		at += used;
		left -= used;
		switch (event) {
		case HTTP_MORE:
			wait_for_more(conn, len);
			return;
		case HTTP_GOT_HEAD:
			route_request(conn);
			break;
		case HTTP_GOT_BODY:
			if (!take_piece(conn, piece)) {
				return;
			}
			break;
		case HTTP_DONE:
			ex->early = left > 0;
			if (http_class(&ex->parser) == HTTP_CLASS_GATEWAY) {
				conn_set_gateway(&conn->server->table,
				    &conn->place, net_now_ms(conn->server));
			}
			deliver(conn);
			return;
		case HTTP_REFUSED:
			conn_refuse(conn, http_status(&ex->parser));
			return;
		}
	}
}
