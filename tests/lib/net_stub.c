/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/net_stub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/buf.h"
#include "server/net/listener.h"
#include "server/net/tls.h"
#include "tests/lib/net_client.h"
#include "tests/lib/net_stub_upload.h"
#include "tests/lib/tempdir.h"

#define BIG_BYTES ((size_t)64u * 1024u)

/* The application's own count: what the engine handed to it. */
static uint64_t delivered;
static uint64_t turns_ended;
static uint8_t big[BIG_BYTES];

static void say_ok(struct net_server *server, net_token conn)
{
	const struct net_reply reply = {
		.status = 200,
		.type = "text/plain; charset=utf-8",
		.body = bytes_str("ok\n"),
	};

	net_answer(server, conn, &reply);
}

static void handle_ok(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	(void)req;
	(void)arg;
	delivered++;
	say_ok(server, conn);
}

static void handle_twice(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	handle_ok(server, conn, req, arg);
	say_ok(server, conn);
}

static void handle_echo(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct net_reply reply = { .status = 200, .body = req->body };

	(void)arg;
	delivered++;
	net_answer(server, conn, &reply);
}

static void handle_big(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct net_reply reply = {
		.status = 200,
		.body = bytes_of(big, sizeof(big)),
	};

	(void)req;
	(void)arg;
	delivered++;
	net_answer(server, conn, &reply);
}

static void handle_drop(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	(void)req;
	(void)arg;
	delivered++;
	net_drop(server, conn);
}

static void handle_never(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	(void)server;
	(void)conn;
	(void)req;
	(void)arg;
	delivered++;
}

static void overdue(struct net_server *server, net_token conn, void *arg)
{
	struct net_request req;
	const struct net_reply reply = { .status = 503 };

	(void)arg;
	if (net_request_again(server, conn, &req)) {
		net_answer(server, conn, &reply);
	}
}

struct late {
	struct net_server *server;
	net_token conn;
};

static void late_cb(int fd, short what, void *arg)
{
	struct late *late = arg;

	(void)fd;
	(void)what;
	say_ok(late->server, late->conn);
	free(late);
}

static void handle_late(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct timeval wait = { .tv_usec = STUB_LATE_MS * 1000 };
	struct late *late = malloc(sizeof(*late));

	(void)req;
	(void)arg;
	delivered++;
	late->server = server;
	late->conn = conn;
	(void)event_base_once(
	    net_base(server), -1, EV_TIMEOUT, late_cb, late, &wait);
}

static void put_stat(struct buf *out, const char *name, uint64_t value)
{
	buf_put_str(out, name);
	buf_put_u8(out, ' ');
	buf_put_dec(out, value);
	buf_put_u8(out, '\n');
}

static void handle_stats(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct net_counts *c = net_counts(server);
	struct net_reply reply = { .status = 200, .close = true };
	struct buf out;

	(void)req;
	(void)arg;
	buf_init(&out, 4096);
	put_stat(&out, "delivered", delivered);
	put_stat(&out, "turns", turns_ended);
	put_stat(&out, "open", net_open(server));
	put_stat(&out, "bodies", net_held(server));
	put_stat(&out, "https", c->accepted[NET_DOOR_HTTPS]);
	put_stat(&out, "onion", c->accepted[NET_DOOR_ONION]);
	put_stat(&out, "early", c->early);
	put_stat(&out, "cut", c->cut);
	put_stat(&out, "late", c->late_answers);
	put_stat(&out, "dropped", c->dropped);
	put_stat(&out, "made_room", c->made_room);
	put_stat(&out, "turned_away", c->turned_away);
	put_stat(&out, "overdue_handshake", c->overdue_handshake);
	put_stat(&out, "overdue_head", c->overdue_head);
	put_stat(&out, "overdue_body", c->overdue_body);
	put_stat(&out, "overdue_waiting", c->overdue_waiting);
	put_stat(&out, "overdue_write", c->overdue_write);
	put_stat(&out, "tls_done", c->tls_done);
	put_stat(&out, "tls_no_cipher", c->tls_no_cipher);
	put_stat(&out, "tls_no_alpn", c->tls_no_alpn);
	put_stat(&out, "tls_not_tls", c->tls_not_tls);
	put_stat(&out, "tls_left", c->tls_left);
	put_stat(&out, "upload_bytes", stub_uploads.bytes);
	put_stat(&out, "upload_open", stub_uploads.open);
	put_stat(&out, "upload_cut", stub_uploads.cut);
	reply.body = bytes_of(out.data, out.len);
	net_answer(server, conn, &reply);
	buf_free(&out);
}

static const struct net_route routes[] = {
	{ "/stats", HTTP_GET, NET_ADMIN, 0, 0, false, handle_stats, NULL, NULL,
	    NULL },
	{ "/late", HTTP_GET | HTTP_POST, NET_REPORTER, 1024, 0, false,
	    handle_late, NULL, NULL, NULL },
	{ "/never", HTTP_GET | HTTP_POST, NET_REPORTER, 1024, 0, false,
	    handle_never, NULL, NULL, NULL },
	{ "/big", HTTP_GET, NET_REPORTER, 0, 0, false, handle_big, NULL, NULL,
	    NULL },
	{ "/echo", HTTP_POST, NET_REPORTER, 1024 * 1024, 0, false, handle_echo,
	    NULL, NULL, NULL },
	{ "/long", HTTP_POST, NET_REPORTER, 1024 * 1024, 0, false, handle_ok,
	    NULL, NULL, NULL },
	{ "/drop", HTTP_POST, NET_REPORTER, 1024, 0, false, handle_drop, NULL,
	    NULL, NULL },
	{ "/twice", HTTP_GET, NET_REPORTER, 0, 0, false, handle_twice, NULL,
	    NULL, NULL },
	{ "/small", HTTP_POST, NET_REPORTER, 8, 64, false, handle_echo, NULL,
	    NULL, NULL },
	{ "/post", HTTP_POST, NET_REPORTER, 1024, 0, false, handle_ok, NULL,
	    NULL, NULL },
	{ "/sms/echo", HTTP_POST, NET_GATEWAY, 1024, 0, false, handle_echo,
	    NULL, NULL, NULL },
	{ "/sms/never", HTTP_POST, NET_GATEWAY, 1024, 0, false, handle_never,
	    overdue, NULL, NULL },
	{ "/sms/mute", HTTP_POST, NET_GATEWAY, 8, 0, true, handle_never, NULL,
	    NULL, NULL },
	{ "/upload", HTTP_POST, NET_REPORTER, 1024, STUB_UPLOAD_MAX_BYTES,
	    false, handle_echo, NULL, &stub_upload, NULL },
	{ "/upload/slow", HTTP_POST, NET_REPORTER, 1024, STUB_UPLOAD_MAX_BYTES,
	    false, handle_echo, NULL, &stub_upload_slow, NULL },
	{ "/upload/none", HTTP_POST, NET_REPORTER, 1024, STUB_UPLOAD_MAX_BYTES,
	    false, handle_echo, NULL, &stub_upload_none, NULL },
	{ "/none", HTTP_GET, NET_ADMIN, 0, 0, false, handle_ok, NULL, NULL,
	    NULL },
};

/* The corpus speaks to many paths. */
static const struct net_route any_route = { "/*", HTTP_GET | HTTP_POST,
	NET_REPORTER, 256 * 1024, 0, false, handle_ok, NULL, NULL, NULL };

static void error_page(int status, struct bytes path, struct bytes lang,
    struct net_reply *ret_reply, void *arg)
{
	static const struct net_header headers[] = {
		{ "Content-Language", { (const uint8_t *)"en", 2 } },
	};

	(void)status;
	(void)path;
	(void)lang;
	(void)arg;
	ret_reply->type = "text/html; charset=utf-8";
	ret_reply->body = bytes_str("<p>error page</p>\n");
	ret_reply->headers = headers;
	ret_reply->n_headers = 1;
}

static void turn_end(struct net_server *server, void *arg)
{
	(void)server;
	(void)arg;
	turns_ended++;
}

/* ---- the child ----------------------------------------------------------- */

static void drain_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	net_drain(arg);
}

static void stop_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	net_stop(arg);
}

struct doors {
	int https;
	int onion;
	int admin;
	struct net_tls *tls;
};

static int serve(const struct stub_opts *stub_opts, struct doors *doors)
{
	struct net_route all[sizeof(routes) / sizeof(routes[0]) + 1];
	struct net_opts opts = {
		.routes = all,
		.n_routes = sizeof(all) / sizeof(all[0]),
		.deadlines = &stub_opts->deadlines,
		.limits = &stub_opts->limits,
		.error_page = error_page,
		.turn_end = turn_end,
	};
	struct net_server *server;
	struct event *drain;
	struct event *stop;

	memcpy(all, routes, sizeof(routes));
	all[opts.n_routes - 1] = any_route;
	if (net_server_new(&opts, &server) != TL_OK) {
		return 2;
	}
	net_set_tls(server, doors->tls);
	if (net_listen(server, doors->https, NET_DOOR_HTTPS,
		stub_opts->hosts) != TL_OK ||
	    net_listen(server, doors->onion, NET_DOOR_ONION, NULL) != TL_OK ||
	    net_listen(server, doors->admin, NET_DOOR_ADMIN, NULL) != TL_OK) {
		return 3;
	}
	drain = evsignal_new(net_base(server), SIGUSR1, drain_cb, server);
	stop = evsignal_new(net_base(server), SIGTERM, stop_cb, server);
	if (evsignal_add(drain, NULL) != 0 || evsignal_add(stop, NULL) != 0 ||
	    net_run(server) != TL_OK) {
		return 4;
	}
	event_free(drain);
	event_free(stop);
	net_server_free(server);
	return 0;
}

static void be_stub(
    const struct stub *stub, const struct stub_opts *opts, struct doors *doors)
{
	int err = open(tempdir_path(stub->dir, "stderr"),
	    O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);

	(void)dup2(err, STDERR_FILENO);
	(void)dup2(err, STDOUT_FILENO);
	(void)close(err);
	/* The listening sockets were inherited; the rest of the table is the
	 * limit's, counted from what is open now. */
	if (opts->descriptors_max > 0) {
		const struct rlimit limit = { opts->descriptors_max,
			opts->descriptors_max };

		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	memset(big, 'b', sizeof(big));
	exit(serve(opts, doors));
}

/* ---- certificates -------------------------------------------------------- */

extern char **environ;

static void make_cert(const char *dir, const char *algorithm,
    const char *option, const char *name)
{
	char key[256];
	char cert[256];
	char *argv[] = { (char *)(uintptr_t) "openssl",
		(char *)(uintptr_t) "req", (char *)(uintptr_t) "-x509",
		(char *)(uintptr_t) "-nodes", (char *)(uintptr_t) "-days",
		(char *)(uintptr_t) "1", (char *)(uintptr_t) "-subj",
		(char *)(uintptr_t) "/CN=localhost",
		(char *)(uintptr_t) "-newkey", (char *)(uintptr_t)algorithm,
		(char *)(uintptr_t) "-pkeyopt", (char *)(uintptr_t)option,
		(char *)(uintptr_t) "-keyout", key, (char *)(uintptr_t) "-out",
		cert, NULL };
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status = -1;

	(void)snprintf(key, sizeof(key), "%s/%s.key", dir, name);
	(void)snprintf(cert, sizeof(cert), "%s/%s.pem", dir, name);
	assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(
			     &quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0),
	    0);
	assert_int_equal(
	    posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ), 0);
	(void)posix_spawn_file_actions_destroy(&quiet);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct net_tls *make_tls(const char *dir)
{
	char *ec_cert = strdup(tempdir_path(dir, "ec.pem"));
	char *ec_key = strdup(tempdir_path(dir, "ec.key"));
	char *rsa_cert = strdup(tempdir_path(dir, "rsa.pem"));
	char *rsa_key = strdup(tempdir_path(dir, "rsa.key"));
	const struct net_tls_files files = { ec_cert, ec_key, rsa_cert,
		rsa_key };
	struct net_tls *tls;

	make_cert(dir, "ec", "ec_paramgen_curve:P-256", "ec");
	make_cert(dir, "rsa", "rsa_keygen_bits:2048", "rsa");
	assert_int_equal(net_tls_new(&files, &tls), TL_OK);
	free(ec_cert);
	free(ec_key);
	free(rsa_cert);
	free(rsa_key);
	return tls;
}

/* ---- the parent ---------------------------------------------------------- */

struct stub_opts stub_quick(void)
{
	return (struct stub_opts){
		.deadlines = {
			.handshake_ms = 10000,
			.idle_ms = 600,
			.head_ms = { 600, 300 },
			.body_ms = { 600, 300 },
			.body_kib_ms = { 1000, 0 },
			.body_most_ms = 60000,
			.waiting_ms = { 600, 300 },
			.write_ms = 600,
			.write_kib_ms = 0,
			.linger_ms = 300,
			.age_ms = 60000,
		},
		.limits = net_limits_default,
	};
}

void stub_start(struct stub *stub, const struct stub_opts *opts)
{
	struct doors doors;

	stub->dir = tempdir_make();
	doors.tls = make_tls(stub->dir);
	assert_int_equal(listener_tcp("127.0.0.1:0", &doors.https), TL_OK);
	stub->https_port = listener_port(doors.https);
	assert_int_equal(
	    listener_unix(tempdir_path(stub->dir, "onion"), &doors.onion),
	    TL_OK);
	assert_int_equal(
	    listener_unix(tempdir_path(stub->dir, "admin"), &doors.admin),
	    TL_OK);
	stub->pid = fork();
	assert_true(stub->pid >= 0);
	if (stub->pid == 0) {
		be_stub(stub, opts, &doors);
	}
	net_tls_free(doors.tls);
	(void)close(doors.https);
	(void)close(doors.onion);
	(void)close(doors.admin);
}

int stub_wait(struct stub *stub)
{
	int status = -1;

	if (waitpid(stub->pid, &status, 0) != stub->pid || !WIFEXITED(status)) {
		return -1;
	}
	stub->pid = -1;
	return WEXITSTATUS(status);
}

static void show_stderr(const struct stub *stub)
{
	char text[4096] = "";
	int fd = open(tempdir_path(stub->dir, "stderr"), O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, text, sizeof(text) - 1);

	(void)close(fd);
	if (got > 0) {
		print_error("%s", text);
	}
}

void stub_stop(struct stub *stub)
{
	int status = 0;

	if (stub->pid > 0) {
		(void)kill(stub->pid, SIGTERM);
		status = stub_wait(stub);
	}
	show_stderr(stub);
	assert_int_equal(stub_said(stub), 0);
	assert_int_equal(status, 0);
	tempdir_remove(stub->dir);
}

void stub_drain(struct stub *stub)
{
	(void)kill(stub->pid, SIGUSR1);
}

size_t stub_said(const struct stub *stub)
{
	struct stat info;

	assert_int_equal(stat(tempdir_path(stub->dir, "stderr"), &info), 0);
	return (size_t)info.st_size;
}

static uint64_t number_after(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *at = text;

	while ((at = strstr(at, name)) != NULL) {
		if ((at == text || at[-1] == '\n') &&
		    (at[len] == ' ' || at[len] == ':')) {
			return strtoull(at + len + 1, NULL, 10);
		}
		at += len;
	}
	fail_msg("no %s in %s", name, text);
	return 0;
}

/* False: it was turned away. */
static bool try_stat(
    const struct stub *stub, const char *name, uint64_t *ret_value)
{
	struct client *admin = client_open(stub, NET_DOOR_ADMIN);
	bool answered;

	(void)client_say(admin, "GET /stats HTTP/1.1\r\nHost: x\r\n\r\n");
	answered = client_read_answer(admin) == 200;
	if (answered) {
		*ret_value = number_after(client_body(admin), name);
	}
	client_close(admin);
	return answered;
}

uint64_t stub_stat(const struct stub *stub, const char *name)
{
	uint64_t value = 0;

	assert_true(try_stat(stub, name, &value));
	return value;
}

void stub_await(const struct stub *stub, const char *name, uint64_t value)
{
	uint64_t end_ms = client_now_ms() + 30000;
	uint64_t last = 0;

	while (client_now_ms() < end_ms) {
		if (try_stat(stub, name, &last) && last == value) {
			return;
		}
		client_sleep_ms(10);
	}
	fail_msg("%s is %" PRIu64 ", not %" PRIu64, name, last, value);
}

static void read_proc(
    const struct stub *stub, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)stub->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	got = read(fd, text, size - 1);
	assert_true(got > 0);
	text[got] = '\0';
	(void)close(fd);
}

uint64_t stub_rss_kib(const struct stub *stub)
{
	char text[4096];

	read_proc(stub, "status", text, sizeof(text));
	return number_after(text, "VmRSS");
}

/* Fields 14 and 15 of stat, in ticks. */
uint64_t stub_cpu_ms(const struct stub *stub)
{
	char text[1024];
	char *at;
	uint64_t ticks = 0;

	read_proc(stub, "stat", text, sizeof(text));
	at = strrchr(text, ')');
	assert_non_null(at);
	for (int field = 2; field < 13; field++) {
		at = strchr(at + 1, ' ');
		assert_non_null(at);
	}
	ticks = strtoull(at, &at, 10);
	ticks += strtoull(at, NULL, 10);
	return ticks * 1000u / (uint64_t)sysconf(_SC_CLK_TCK);
}
