/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/stream.h - bytes over one non-blocking socket, plain or TLS.
 *
 * Promise:   never waits, keeps no plaintext between calls, and can say
 *            whether bytes are there without taking them.
 * Knows not: HTTP, states, deadlines.
 * Runs in:   server/net/conn*.c.
 * Disk:      none.
 *
 * Not a bufferevent: libevent's TLS one stops writing when the other side
 * has closed its half, cannot be peeked into, and costs an idle connection
 * more than the whole bar allows.
 */
#ifndef TL_NET_STREAM_H
#define TL_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct ssl_st;
struct ssl_ctx_st;
struct net_tls;

/* Why a handshake failed, for counters. */
enum stream_fault {
	STREAM_FAULT_NONE,
	STREAM_FAULT_NO_CIPHER, /* no version, suite or group in common */
	STREAM_FAULT_NO_ALPN,
	STREAM_FAULT_NOT_TLS,
	STREAM_FAULT_ALERT, /* the client refused us */
	STREAM_FAULT_LEFT,
	STREAM_FAULT_OTHER,
};

enum stream_ahead {
	STREAM_NOTHING, /* no byte is waiting */
	STREAM_BYTES,   /* under TLS perhaps only an alert */
	STREAM_END,     /* the other side has closed its half, or failed */
};

struct stream {
	int fd;             /* owned */
	struct ssl_st *ssl; /* NULL: plain */
	/* What a call that returned TL_EAGAIN waits for: EV_READ or EV_WRITE.
	 * Under TLS a read may wait for room to write. */
	short read_wants;
	short write_wants;
	bool shaken; /* the handshake is done (plain: always) */
	bool broken; /* TLS failed: nothing more may be said */
	enum stream_fault fault;
};

/* Speak over fd, which becomes the stream's on TL_OK. tls NULL: plain. */
TL_MUST_CHECK enum tl_err stream_open(
    struct stream *stream, int fd, struct net_tls *tls);

/* TL_OK when the handshake is done, TL_EAGAIN (see read_wants), TL_EIO (see
 * fault). */
TL_MUST_CHECK enum tl_err stream_handshake(struct stream *stream);

/* TL_OK with 1 to len bytes; TL_EAGAIN; TL_ECLOSED: no more will come; TL_EIO.
 * len must be at least 16 KiB, so that a TLS record never stays half read. */
TL_MUST_CHECK enum tl_err stream_read(
    struct stream *stream, uint8_t *to, size_t len, size_t *ret_got);

/* TL_OK with 1 to len bytes gone; TL_EAGAIN; TL_EIO. */
TL_MUST_CHECK enum tl_err stream_write(
    struct stream *stream, const uint8_t *from, size_t len, size_t *ret_put);

enum stream_ahead stream_look(struct stream *stream);

/* Say that we are done: close_notify and the end of our half. TL_EAGAIN: call
 * again when write_wants holds. The rest may still be discarded. */
TL_MUST_CHECK enum tl_err stream_finish(struct stream *stream);

/* Throw away what has come, undecrypted. As stream_read(). */
TL_MUST_CHECK enum tl_err stream_discard(
    struct stream *stream, uint8_t *to, size_t len, size_t *ret_got);

/* Close; with_reset: without close_notify, and TCP sends RST. */
void stream_close(struct stream *stream, bool with_reset);

/* The context of tls.h. */
struct ssl_ctx_st *net_tls_context(struct net_tls *tls);

#endif
