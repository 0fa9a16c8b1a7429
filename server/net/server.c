/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "server/net/conn.h"
#include "server/net/tls.h"

#define MINUTE_MS     60000u
#define ADMIN_HEAD    4096u
#define ADMIN_TARGET  256u
#define LONG_WAIT_MS  60000u
#define IDLE_GRACE_MS 1000u

const struct net_limits net_limits_default = {
	.connections = 8192,
	.handshakes = 512,
	.uploads = 512,
	.bodies_max_bytes = (size_t)256u * 1024u * 1024u,
	.requests_per_connection = 100,
	/* A page that gives 64 KiB of text back, escaped, and still less
	 * than 256 KiB for one connection. */
	.answer_max_bytes = (size_t)192u * 1024u,
};

/* ---- life ---------------------------------------------------------------- */

static bool starts(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* The parser knows gateways by their path before it knows the route. */
static bool routes_fit(const struct net_opts *opts)
{
	for (size_t i = 0; i < opts->n_routes; i++) {
		const struct net_route *route = &opts->routes[i];
		bool machine = starts(route->path, "/sms/") ||
		    starts(route->path, "/api/");

		bool fits = opts->of_officers ? route->class == NET_OFFICER
					      : route->class != NET_OFFICER &&
			machine == (route->class == NET_GATEWAY);

		if (route->path[0] != '/' || route->handle == NULL || !fits) {
			return false;
		}
	}
	return true;
}

static enum tl_err make_slots(struct net_server *server)
{
	server->n_slots = server->limits.connections + ADMIN_SPARE;
	server->slots = calloc(server->n_slots, sizeof(*server->slots));
	if (server->slots == NULL) {
		return TL_ENOMEM;
	}
	for (uint32_t i = 0; i < server->n_slots; i++) {
		server->slots[i].next_free =
		    i + 1 < server->n_slots ? i + 1 : UINT32_MAX;
	}
	server->free_slot = 0;
	return TL_OK;
}

/* It only ends the wait; what is due is seen to at the end of the turn. */
static void timer_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static enum tl_err make_loop(struct net_server *server)
{
	server->base = event_base_new();
	if (server->base == NULL) {
		return TL_ENOMEM;
	}
	server->timer = evtimer_new(server->base, timer_cb, NULL);
	return server->timer == NULL ? TL_ENOMEM : TL_OK;
}

static void init_admin_limits(struct http_limits *limits)
{
	*limits = http_limits_default;
	limits->only = HTTP_CLASS_REPORTER;
	limits->reporter.head_get_max_bytes = ADMIN_HEAD;
	limits->reporter.head_post_max_bytes = ADMIN_HEAD;
	limits->reporter.target_max_bytes = ADMIN_TARGET;
	limits->reporter.body_max_bytes = 0;
}

enum tl_err net_server_new(
    const struct net_opts *opts, struct net_server **ret_server)
{
	struct net_server *server = NULL;
	enum tl_err err = TL_EINVAL;

	if (!routes_fit(opts)) {
		goto out;
	}
	err = TL_ENOMEM;
	server = calloc(1, sizeof(*server));
	if (server == NULL) {
		goto out;
	}
	server->opts = *opts;
	server->limits =
	    opts->limits != NULL ? *opts->limits : net_limits_default;
	init_admin_limits(&server->admin_limits);
	conn_table_init(&server->table,
	    opts->deadlines != NULL ? opts->deadlines : &net_deadlines_default);
	server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	server->minute_ms = clock_mono_ms() + MINUTE_MS;
	err = make_slots(server);
	if (err != TL_OK) {
		goto out;
	}
	err = make_loop(server);
	if (err != TL_OK) {
		goto out;
	}
	/* OpenSSL writes with write(2). */
	(void)sigaction(
	    SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);

	*ret_server = server;
	server = NULL;
out:
	net_server_free(server);
	return err;
}

static void end_all(struct net_server *server)
{
	for (uint32_t i = 0; server->slots != NULL && i < server->n_slots;
	     i++) {
		if (server->slots[i].conn != NULL) {
			conn_go(server->slots[i].conn, CONN_DYING);
		}
	}
	conn_reap(server);
}

void net_server_free(struct net_server *server)
{
	if (server == NULL) {
		return;
	}
	end_all(server);
	doors_close(server);
	if (server->timer != NULL) {
		event_free(server->timer);
	}
	if (server->base != NULL) {
		event_base_free(server->base);
	}
	if (server->spare_fd >= 0) {
		(void)close(server->spare_fd);
	}
	net_tls_free(server->tls);
	free(server->slots);
	wipe(server, sizeof(*server));
	free(server);
}

void net_set_tls(struct net_server *server, struct net_tls *tls)
{
	net_tls_free(server->tls);
	server->tls = tls;
}

/* ---- the loop ------------------------------------------------------------ */

static uint64_t sum(const uint64_t counts[static 6])
{
	uint64_t all = 0;

	for (size_t i = 0; i < 6; i++) {
		all += counts[i];
	}
	return all;
}

static void log_minute(struct net_server *server)
{
	const struct net_counts *counts = &server->counts;
	uint64_t refused = sum(counts->refused);

	if (net_now_ms(server) < server->minute_ms) {
		return;
	}
	server->minute_ms = net_now_ms(server) + MINUTE_MS;
	if (counts->turned_away != server->logged_away) {
		log_event(LOG_FD_LIMIT,
		    (long long)(counts->turned_away - server->logged_away), 0);
		server->logged_away = counts->turned_away;
	}
	if (refused != server->logged_refused) {
		log_event(LOG_REFUSED_MINUTE,
		    (long long)(refused - server->logged_refused), 0);
		server->logged_refused = refused;
	}
}

static void set_timer(struct net_server *server, uint32_t wait_ms)
{
	uint64_t now_ms = net_now_ms(server);
	uint64_t due_ms = now_ms + wait_ms;
	uint64_t look_ms = conn_next_look_ms(&server->table);
	uint64_t doors_ms = doors_next_ms(server);
	struct timeval wait;

	due_ms = look_ms < due_ms ? look_ms : due_ms;
	due_ms = doors_ms < due_ms ? doors_ms : due_ms;
	due_ms = server->minute_ms < due_ms ? server->minute_ms : due_ms;
	if (server->draining && server->idle_end_ms > now_ms &&
	    server->idle_end_ms < due_ms) {
		due_ms = server->idle_end_ms;
	}
	wait_ms = due_ms > now_ms ? (uint32_t)(due_ms - now_ms) : 0;
	wait.tv_sec = (time_t)(wait_ms / 1000u);
	wait.tv_usec = (suseconds_t)(wait_ms % 1000u) * 1000;
	(void)evtimer_add(server->timer, &wait);
}

static void expire(struct net_server *server)
{
	struct conn_place *place;

	while ((place = conn_overdue(&server->table, net_now_ms(server))) !=
	    NULL) {
		conn_expire((struct conn *)place);
	}
}

static void close_idle(struct net_server *server)
{
	struct conn_place *place;
	struct conn_list *idle = &server->table.lists[CONN_IDLE][0];

	while ((place = TAILQ_FIRST(idle)) != NULL) {
		struct conn *conn = (struct conn *)place;

		conn_step(conn); /* what has come this moment is answered */
		if (conn->place.state != CONN_IDLE) {
			continue;
		}
		conn_finish(conn);
		if (conn->place.state == CONN_IDLE) {
			conn_go(conn, CONN_DYING);
		}
		conn_arm(conn);
	}
}

static void end_turn(struct net_server *server)
{
	expire(server);
	if (server->draining && net_now_ms(server) >= server->idle_end_ms) {
		close_idle(server);
	}
	if (server->want_turn_end) {
		server->want_turn_end = false;
		if (server->opts.turn_end != NULL) {
			server->opts.turn_end(server, server->opts.arg);
		}
	}
	conn_reap(server);
	doors_resume(server);
	log_minute(server);
	if (server->touched) {
		server->touched = false;
		wipe_stack();
	}
}

static bool is_drained(const struct net_server *server)
{
	return server->draining && server->open == 0 &&
	    (server->opts.is_busy == NULL ||
		!server->opts.is_busy(server->opts.arg));
}

void net_turn(struct net_server *server, uint32_t wait_ms)
{
	server->now_known = false;
	set_timer(server, wait_ms);
	server->now_known = false; /* the wait may be long */
	(void)event_base_loop(server->base, EVLOOP_ONCE);
	end_turn(server);
}

enum tl_err net_run(struct net_server *server)
{
	server->stopped = false;
	while (!server->stopped && !is_drained(server)) {
		net_turn(server, LONG_WAIT_MS);
	}
	if (is_drained(server) && server->opts.drained != NULL) {
		server->opts.drained(server, server->opts.arg);
	}
	return TL_OK;
}

void net_stop(struct net_server *server)
{
	server->stopped = true;
}

/*
 * Not at once: a client may have sent its next request and not have heard that
 * nobody waits for it. In the time that is left each gets an answer that ends
 * the connection.
 */
void net_drain(struct net_server *server)
{
	server->draining = true;
	server->idle_end_ms = net_now_ms(server) + IDLE_GRACE_MS;
	doors_close(server);
}

/* ---- answers ------------------------------------------------------------- */

static struct conn *conn_of(struct net_server *server, net_token token)
{
	uint32_t number = (uint32_t)token;
	struct conn *conn;

	if (number == 0 || number > server->n_slots) {
		return NULL;
	}
	conn = server->slots[number - 1].conn;
	return conn != NULL && conn_token(conn) == token ? conn : NULL;
}

/* The one that waits for an answer. */
static struct conn *find_conn(struct net_server *server, net_token token)
{
	struct conn *conn = conn_of(server, token);

	return conn != NULL && conn->place.state == CONN_WAITING ? conn : NULL;
}

void net_answer(
    struct net_server *server, net_token token, const struct net_reply *reply)
{
	struct conn *conn = find_conn(server, token);

	if (conn == NULL) {
		server->counts.late_answers++;
		return;
	}
	conn_answer(conn, reply, false);
	conn_arm(conn);
}

/* The one that was answered with the beginning of a stream. */
static struct conn *find_listener(struct net_server *server, net_token token)
{
	struct conn *conn = conn_of(server, token);

	return conn != NULL &&
		(conn->place.state == CONN_STREAM ||
		    conn->place.state == CONN_WRITE) &&
		conn->exchange != NULL && conn->exchange->streams
	    ? conn
	    : NULL;
}

bool net_stream(struct net_server *server, net_token token, struct bytes bytes)
{
	struct conn *conn = find_listener(server, token);

	if (conn == NULL) {
		return false;
	}
	conn_stream(conn, bytes);
	conn_arm(conn);
	return conn->place.state != CONN_DYING;
}

void net_stream_end(struct net_server *server, net_token token)
{
	struct conn *conn = find_listener(server, token);

	if (conn != NULL) {
		conn_stream_end(conn);
		conn_arm(conn);
	}
}

void net_drop(struct net_server *server, net_token token)
{
	struct conn *conn = find_conn(server, token);

	if (conn != NULL) {
		server->counts.dropped++;
		conn->with_reset = true;
		conn_go(conn, CONN_DYING);
		conn_arm(conn);
	}
}

void net_more(struct net_server *server, net_token token)
{
	struct conn *conn = conn_of(server, token);

	if (conn != NULL && conn->exchange != NULL) {
		conn->exchange->is_paused = false;
		conn_arm(conn);
	}
}

bool net_request_again(
    struct net_server *server, net_token token, struct net_request *ret_req)
{
	struct conn *conn = find_conn(server, token);

	if (conn == NULL) {
		return false;
	}
	conn_request(conn, ret_req);
	return true;
}

void net_forget(struct net_server *server, net_token token)
{
	struct conn *conn = find_conn(server, token);

	if (conn != NULL) {
		conn_forget_body(conn);
	}
}

/* ---- beside -------------------------------------------------------------- */

struct event_base *net_base(struct net_server *server)
{
	return server->base;
}

void net_want_turn_end(struct net_server *server)
{
	server->want_turn_end = true;
}

void net_touched(struct net_server *server)
{
	server->touched = true;
}

uint64_t net_now_ms(struct net_server *server)
{
	if (!server->now_known) {
		server->now_ms = clock_mono_ms();
		server->now_known = true;
	}
	return server->now_ms;
}

const struct net_counts *net_counts(const struct net_server *server)
{
	return &server->counts;
}

size_t net_open(const struct net_server *server)
{
	return server->open;
}

size_t net_held(const struct net_server *server)
{
	return server->bodies_bytes;
}
