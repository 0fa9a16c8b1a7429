/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/net_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/lib/tempdir.h"

uint64_t client_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void client_sleep_ms(unsigned ms)
{
	(void)poll(NULL, 0, (int)ms);
}

static struct client *new_client(int family)
{
	const struct timeval limit = { .tv_sec = CLIENT_PATIENCE_MS / 1000 };
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	(void)sigaction(
	    SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	client->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	(void)setsockopt(
	    client->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(
	    client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return client;
}

struct client *client_open_tcp(const struct stub *stub)
{
	struct client *client = new_client(AF_INET);
	const int on = 1;
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)stub->https_port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	/* as browsers do: the request follows Finished at once */
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	assert_int_equal(
	    connect(client->fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return client;
}

static struct client *open_unix(const struct stub *stub, const char *name)
{
	struct client *client = new_client(AF_UNIX);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = tempdir_path(stub->dir, name);

	assert_true(strlen(path) < sizeof(at.sun_path));
	memcpy(at.sun_path, path, strlen(path) + 1);
	assert_int_equal(
	    connect(client->fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return client;
}

static void offer(SSL_CTX *ctx, const struct client_tls *tls)
{
	if (tls->min_version != 0 || tls->max_version != 0) {
		/* else OpenSSL itself would refuse what is old */
		SSL_CTX_set_security_level(ctx, 0);
		assert_int_equal(
		    SSL_CTX_set_min_proto_version(ctx, tls->min_version), 1);
		assert_int_equal(
		    SSL_CTX_set_max_proto_version(ctx, tls->max_version), 1);
	}
	if (tls->ciphers != NULL) {
		assert_int_equal(SSL_CTX_set_cipher_list(ctx, tls->ciphers), 1);
	}
	if (tls->groups != NULL) {
		assert_int_equal(SSL_CTX_set1_groups_list(
				     ctx, (char *)(uintptr_t)tls->groups),
		    1);
	}
	if (tls->sigalgs != NULL) {
		assert_int_equal(SSL_CTX_set1_sigalgs_list(
				     ctx, (char *)(uintptr_t)tls->sigalgs),
		    1);
	}
	if (tls->alpn != NULL) {
		assert_int_equal(SSL_CTX_set_alpn_protos(
				     ctx, tls->alpn, (unsigned)tls->alpn_len),
		    0);
	}
}

struct client *client_open_tls(
    const struct stub *stub, const struct client_tls *tls)
{
	struct client *client = client_open_tcp(stub);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	assert_non_null(ctx);
	offer(ctx, tls);
	client->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	assert_non_null(client->ssl);
	assert_int_equal(SSL_set_fd(client->ssl, client->fd), 1);
	if (SSL_connect(client->ssl) != 1) {
		ERR_clear_error();
		client_close(client);
		return NULL;
	}
	return client;
}

struct client *client_open(const struct stub *stub, enum net_door door)
{
	static const struct client_tls plain_offer = { 0 };
	struct client *client;

	if (door == NET_DOOR_ONION) {
		return open_unix(stub, "onion");
	}
	if (door == NET_DOOR_ADMIN) {
		return open_unix(stub, "admin");
	}
	client = client_open_tls(stub, &plain_offer);
	assert_non_null(client);
	return client;
}

bool client_send(struct client *client, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		ssize_t put;

		if (client->ssl != NULL) {
			int most = len > 16384 ? 16384 : (int)len;

			ERR_clear_error();
			put = SSL_write(client->ssl, at, most);
		} else {
			put = send(client->fd, at, len, MSG_NOSIGNAL);
		}
		if (put <= 0) {
			return false;
		}
		at += put;
		len -= (size_t)put;
	}
	return true;
}

bool client_say(struct client *client, const char *text)
{
	return client_send(client, text, strlen(text));
}

void client_half_close(struct client *client)
{
	if (client->ssl != NULL) {
		(void)SSL_shutdown(client->ssl);
		ERR_clear_error();
	}
	(void)shutdown(client->fd, SHUT_WR);
}

/* More of what the engine says; false at the end. */
static bool read_some(struct client *client)
{
	size_t room = CLIENT_SAID_BYTES - client->said_len;
	char *to = client->said + client->said_len;
	ssize_t got;

	errno = 0;
	if (client->ssl != NULL) {
		ERR_clear_error();
		got = SSL_read(client->ssl, to, (int)room);
		client->had_goodbye = got <= 0 &&
		    SSL_get_error(client->ssl, (int)got) ==
			SSL_ERROR_ZERO_RETURN;
		ERR_clear_error();
	} else {
		got = recv(client->fd, to, room, 0);
	}
	client->was_reset = got <= 0 && errno == ECONNRESET;
	if (got > 0) {
		client->said_len += (size_t)got;
		client->said[client->said_len] = '\0';
	}
	return got > 0;
}

bool client_read_end(struct client *client, unsigned limit_ms)
{
	uint64_t end_ms = client_now_ms() + limit_ms;

	for (;;) {
		struct pollfd wait = { .fd = client->fd, .events = POLLIN };
		uint64_t now_ms = client_now_ms();
		bool pending =
		    client->ssl != NULL && SSL_has_pending(client->ssl);

		if (now_ms >= end_ms) {
			return false;
		}
		if (!pending && poll(&wait, 1, (int)(end_ms - now_ms)) == 0) {
			return false;
		}
		if (!read_some(client)) {
			return true;
		}
	}
}

static const char *head_end(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");

	return end == NULL ? NULL : end + 4;
}

/* The first answer that is not "100 Continue". */
static const char *first_answer(const struct client *client)
{
	const char *at = client->said;

	while (strncmp(at, "HTTP/1.1 100", 12) == 0) {
		at = head_end(at);
		if (at == NULL) {
			return "";
		}
	}
	return at;
}

int client_status(const struct client *client)
{
	const char *at = first_answer(client);

	return strncmp(at, "HTTP/1.1 ", 9) == 0 ? (int)strtol(at + 9, NULL, 10)
						: 0;
}

unsigned client_answers(const struct client *client)
{
	unsigned n = 0;

	for (const char *at = first_answer(client);
	     (at = strstr(at, "HTTP/1.1 ")) != NULL; at += 9) {
		n++;
	}
	return n;
}

const char *client_body(const struct client *client)
{
	const char *end = head_end(first_answer(client));

	return end == NULL ? "" : end;
}

static bool is_whole(const struct client *client)
{
	const char *at = first_answer(client);
	const char *end = head_end(at);
	const char *length = strstr(at, "Content-Length: ");

	if (end == NULL || length == NULL) {
		return false;
	}
	return client->said + client->said_len - end >=
	    strtol(length + 16, NULL, 10);
}

int client_read_answer(struct client *client)
{
	client->said_len = 0;
	client->said[0] = '\0';
	while (!is_whole(client)) {
		if (!read_some(client)) {
			return 0;
		}
	}
	return client_status(client);
}

void client_close(struct client *client)
{
	SSL_free(client->ssl);
	(void)close(client->fd);
	free(client);
}
