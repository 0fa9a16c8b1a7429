/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/load.c - requests over TLS to a port of this machine, many at
 * a time, for a while; then what came of it, as one JSON object.
 *
 *   load PORT MODE CONNECTIONS SECONDS RATE REQUEST [PID...]
 *
 * MODE keep sends on kept connections, fresh makes one (and a full TLS 1.3
 * handshake) for each request, idle opens them, sends one request on each,
 * says so and holds them until standard input ends. RATE 0 is as many as go,
 * else so many a second. REQUEST is a file: a whole request, in which 32
 * times "@" is replaced by digits that never come again, and then 64 times "#"
 * by HMAC-SHA256 over the body and LOAD_TIME under LOAD_KEY, both of the
 * environment, as SMS Gateway for Android signs. The CPU time of the
 * processes PID is read when counting begins and when it ends, so it belongs
 * to the requests that were counted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <openssl/ssl.h>

#include "tests/bench/load/must.h"
#include "tests/bench/load/request.h"
#include "tests/bench/load/tally.h"

#define CONNS_MAX    4096u
#define HEAD_MAX     4096u
#define IDLE_AT_ONCE 8u
#define WARM_UP_S    0.3

enum mode { KEEP, FRESH, IDLE };
enum phase { SHAKING, WRITING, READING, RESTING };

struct client {
	int fd;
	SSL *ssl;
	struct event *readable;
	struct event *writable;
	enum phase phase;
	char request[REQUEST_MAX];
	size_t request_len;
	size_t sent;
	char head[HEAD_MAX + 1];
	size_t head_len;
	bool head_done;
	bool close;
	size_t body_left;
	double began_s;
};

static struct {
	unsigned port;
	enum mode mode;
	size_t n_clients;
	double seconds;
	double rate;
	long pids[TALLY_PIDS_MAX];
	int n_pids;
} opts;

static struct event_base *base;
static SSL_CTX *tls;
static struct client *clients;
static struct client *resting[CONNS_MAX];
static size_t n_resting;

static void start_request(struct client *c);
static void begin(struct client *c);
static void begin_next(void);

/* ---- the end of a connection, and of a request --------------------------- */

static void hang_up(struct client *c)
{
	if (c->ssl != NULL) {
		(void)SSL_shutdown(c->ssl);
		SSL_free(c->ssl);
		c->ssl = NULL;
	}
	if (c->readable != NULL) {
		event_free(c->readable);
		event_free(c->writable);
		c->readable = NULL;
		c->writable = NULL;
	}
	if (c->fd >= 0) {
		(void)close(c->fd);
		c->fd = -1;
	}
}

static void rest(struct client *c)
{
	c->phase = RESTING;
	resting[n_resting++] = c;
}

static void go_on(struct client *c)
{
	if (opts.mode == IDLE) {
		must(c->fd >= 0, "holding a connection");
		rest(c);
		begin_next();
	} else if (opts.rate > 0) {
		rest(c);
	} else {
		begin(c);
	}
}

/* A connection that ends in the middle is counted and made anew. */
static void lose(struct client *c)
{
	tally_cut();
	hang_up(c);
	go_on(c);
}

static void finish(struct client *c)
{
	if (strncmp(c->head, "HTTP/1.1 200", 12) == 0) {
		tally_good(c->began_s);
	} else {
		tally_bad();
	}
	if (opts.mode == FRESH || c->close) {
		hang_up(c);
	}
	go_on(c);
}

/* ---- bytes --------------------------------------------------------------- */

static bool field_is(const char *head, const char *name, const char **ret)
{
	const char *line = strcasestr(head, name);

	if (line != NULL) {
		*ret = line + strlen(name);
	}
	return line != NULL;
}

static void read_head(struct client *c)
{
	const char *value;

	c->head_done = true;
	c->body_left = 0;
	c->close = false;
	if (field_is(c->head, "\r\nContent-Length: ", &value)) {
		c->body_left = strtoul(value, NULL, 10);
	}
	if (field_is(c->head, "\r\nConnection: close", &value)) {
		c->close = true;
	}
}

/* Take len bytes of an answer; true when it is whole. */
static bool take(struct client *c, const char *bytes, size_t len)
{
	size_t before = c->head_len;
	size_t part;
	const char *end;

	if (!c->head_done) {
		part = len < HEAD_MAX - before ? len : HEAD_MAX - before;
		memcpy(c->head + before, bytes, part);
		c->head_len += part;
		c->head[c->head_len] = '\0';
		end = strstr(c->head, "\r\n\r\n");
		if (end == NULL) {
			must(c->head_len < HEAD_MAX, "a head too long");
			return false;
		}
		part = (size_t)(end + 4 - c->head) - before;
		c->head[before + part] = '\0';
		read_head(c);
		len -= part;
	}
	must(len <= c->body_left, "more bytes than the answer has");
	c->body_left -= len;
	return c->body_left == 0;
}

static void wait_for(struct client *c, int ret)
{
	switch (SSL_get_error(c->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		(void)event_del(c->writable);
		break;
	case SSL_ERROR_WANT_WRITE:
		(void)event_add(c->writable, NULL);
		break;
	default:
		lose(c);
	}
}

static void read_some(struct client *c)
{
	char bytes[16384];
	int got;

	for (;;) {
		got = SSL_read(c->ssl, bytes, sizeof(bytes));
		if (got <= 0) {
			wait_for(c, got);
			return;
		}
		if (c->phase != READING || take(c, bytes, (size_t)got)) {
			break;
		}
	}
	if (c->phase == READING) {
		finish(c);
	}
}

static void write_some(struct client *c)
{
	int put = SSL_write(
	    c->ssl, c->request + c->sent, (int)(c->request_len - c->sent));

	if (put <= 0) {
		wait_for(c, put);
		return;
	}
	c->sent += (size_t)put;
	if (c->sent == c->request_len) {
		c->phase = READING;
	}
}

static void shake(struct client *c)
{
	int ret = SSL_connect(c->ssl);

	if (ret == 1) {
		start_request(c);
	} else {
		wait_for(c, ret);
	}
}

static void event_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	switch (c->phase) {
	case SHAKING:
		shake(c);
		break;
	case WRITING:
		write_some(c);
		break;
	case READING:
		read_some(c);
		break;
	case RESTING: /* the other side has had enough of waiting */
		if (opts.mode == KEEP) {
			(void)event_del(c->readable);
		}
		break;
	}
}

/* ---- the beginning ------------------------------------------------------- */

static void dial(struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int on = 1;

	to.sin_port = htons((uint16_t)opts.port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(c->fd >= 0, "socket");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	must(connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == 0 ||
		errno == EINPROGRESS,
	    "connect");
	c->ssl = SSL_new(tls);
	must(c->ssl != NULL && SSL_set_fd(c->ssl, c->fd) == 1, "SSL_new");
	SSL_set_connect_state(c->ssl);
	c->readable = event_new(base, c->fd, EV_READ | EV_PERSIST, event_cb, c);
	c->writable = event_new(base, c->fd, EV_WRITE, event_cb, c);
	must(event_add(c->readable, NULL) == 0 &&
		event_add(c->writable, NULL) == 0,
	    "events");
	c->phase = SHAKING;
}

static void start_request(struct client *c)
{
	c->request_len = request_next(c->request);
	c->sent = 0;
	c->head_len = 0;
	c->head_done = false;
	c->phase = WRITING;
	write_some(c);
}

static void begin(struct client *c)
{
	c->began_s = tally_now_s();
	if (c->fd < 0) {
		dial(c);
	} else {
		start_request(c);
	}
}

/* Connections that are to be held come a few at a time: what many handshakes
 * at once need is another question. */
static void begin_next(void)
{
	static size_t next;

	if (next < opts.n_clients) {
		begin(&clients[next++]);
	}
}

static void pace_cb(int fd, short what, void *arg)
{
	static double next_s;
	struct event *timer = *(struct event **)arg;
	double now = tally_now_s();
	double wait_s;
	struct timeval wait;

	(void)fd;
	(void)what;
	next_s = next_s == 0 ? now : next_s;
	while (next_s <= now) {
		if (n_resting > 0) {
			begin(resting[--n_resting]);
		}
		next_s += 1.0 / opts.rate;
	}
	wait_s = next_s - tally_now_s();
	wait_s = wait_s > 0 ? wait_s : 0;
	wait.tv_sec = 0;
	wait.tv_usec = (suseconds_t)(wait_s * 1e6);
	(void)event_add(timer, &wait);
}

/* ---- all of it ----------------------------------------------------------- */

static void turn_for(double seconds)
{
	struct timeval wait = { (time_t)seconds,
		(suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

	must(event_base_loopexit(base, &wait) == 0, "loopexit");
	(void)event_base_dispatch(base);
}

static void count_for_a_while(void)
{
	turn_for(WARM_UP_S);
	tally_begin(opts.pids, opts.n_pids);
	turn_for(opts.seconds);
	tally_end();
}

/* Until all rest, then until nobody needs them any more. */
static void hold(void)
{
	char byte;

	while (n_resting < opts.n_clients) {
		(void)event_base_loop(base, EVLOOP_ONCE);
	}
	(void)printf("holding\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
	}
}

static void read_options(int argc, char **argv)
{
	must(argc >= 7 && argc - 7 <= TALLY_PIDS_MAX,
	    "usage: load PORT keep|fresh|idle CONNECTIONS SECONDS RATE"
	    " REQUEST [PID...]");
	opts.port = (unsigned)strtoul(argv[1], NULL, 10);
	opts.mode = argv[2][0] == 'k' ? KEEP : argv[2][0] == 'f' ? FRESH : IDLE;
	opts.n_clients = strtoul(argv[3], NULL, 10);
	opts.seconds = strtod(argv[4], NULL);
	opts.rate = strtod(argv[5], NULL);
	must(opts.n_clients > 0 && opts.n_clients <= CONNS_MAX &&
		opts.seconds < 60,
	    "too many connections, or too long");
	request_read(argv[6]);
	for (int i = 7; i < argc; i++) {
		opts.pids[opts.n_pids++] = strtol(argv[i], NULL, 10);
	}
}

static void make_tls(void)
{
	tls = SSL_CTX_new(TLS_client_method());
	must(tls != NULL &&
		SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) == 1 &&
		SSL_CTX_set1_groups_list(tls, "X25519") == 1 &&
		SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256") == 1,
	    "TLS");
	(void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
}

static void make_loop(void)
{
	struct event_config *config = event_config_new();

	must(config != NULL, "libevent");
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	must(base != NULL, "libevent");
}

int main(int argc, char **argv)
{
	static struct event *pace;
	struct rlimit files;

	read_options(argc, argv);
	must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	make_tls();
	make_loop();
	clients = calloc(opts.n_clients, sizeof(*clients));
	must(clients != NULL, "memory");
	for (size_t i = 0; i < opts.n_clients; i++) {
		clients[i].fd = -1;
		if (opts.rate > 0) {
			rest(&clients[i]);
		} else if (opts.mode != IDLE) {
			begin(&clients[i]);
		} else if (i < IDLE_AT_ONCE) {
			begin_next();
		}
	}
	if (opts.rate > 0) {
		pace = event_new(base, -1, 0, pace_cb, &pace);
		pace_cb(-1, 0, &pace);
	}
	if (opts.mode == IDLE) {
		hold();
	} else {
		count_for_a_while();
	}
	return 0;
}
