/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/net_client.h - a client of the engine that can misbehave.
 * Blocking, with a limit of CLIENT_PATIENCE_MS on everything.
 */
#ifndef TL_TESTS_LIB_NET_CLIENT_H
#define TL_TESTS_LIB_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/server.h"
#include "tests/lib/net_stub.h"

struct ssl_st;

/* For a busy machine: a deadline that is not held is never. */
#define CLIENT_PATIENCE_MS 30000u
#define CLIENT_SAID_BYTES  ((size_t)256u * 1024u)

struct client {
	int fd;
	struct ssl_st *ssl;
	bool was_reset;   /* the end was RST, not FIN */
	bool had_goodbye; /* TLS: a close_notify came */
	size_t said_len;
	char said[CLIENT_SAID_BYTES + 1]; /* what the engine wrote */
};

/* What a TLS client offers; zeroed: whatever OpenSSL does. */
struct client_tls {
	int min_version;
	int max_version;
	const char *groups;
	const char *ciphers; /* TLS 1.2 */
	const char *sigalgs;
	const uint8_t *alpn;
	size_t alpn_len;
};

/* Connect; over HTTPS with the handshake done. Fails the test if not. */
struct client *client_open(const struct stub *stub, enum net_door door);

/* Connect to the HTTPS port and shake hands as tls says. NULL: refused. */
struct client *client_open_tls(
    const struct stub *stub, const struct client_tls *tls);

/* TCP to the HTTPS port, no handshake. */
struct client *client_open_tcp(const struct stub *stub);

/* False: the engine does not take it any more. */
bool client_send(struct client *client, const void *bytes, size_t len);
bool client_say(struct client *client, const char *text);

/* Close our half: with TLS a close_notify, then FIN. */
void client_half_close(struct client *client);

/* Read until the end or the limit; true if the end came within limit_ms.
 * Everything stands in said, with a zero behind it. */
bool client_read_end(struct client *client, unsigned limit_ms);

/* Read until an answer with Content-Length is whole; its status, 0 if the
 * end came first. said starts with it. */
int client_read_answer(struct client *client);

/* The status of the first answer in said that is not 100; 0: none. */
int client_status(const struct client *client);

/* How many answers stand in said, 100 Continue left out. */
unsigned client_answers(const struct client *client);

/* The body of the first answer. */
const char *client_body(const struct client *client);

void client_close(struct client *client);

/* Milliseconds of a clock that never goes back. */
uint64_t client_now_ms(void);
void client_sleep_ms(unsigned ms);

#endif
