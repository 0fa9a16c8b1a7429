/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http_chunk.h - the body of "Transfer-Encoding: chunked".
 *
 * Promise:   sizes of 1 to 8 hexadecimal digits and nothing else on their
 *            line, no trailer fields, every size held against the limit
 *            before a byte of its data is taken. Nothing behind the end is
 *            touched.
 * Knows not: heads, routes, sockets.
 * Runs in:   inside http.h.
 * Disk:      none.
 *
 *	body  = *chunk last CRLF
 *	chunk = size CRLF data CRLF     size = 1*8HEXDIG, not 0
 *	last  = 1*8"0" CRLF
 */
#ifndef TL_SERVER_NET_HTTP_CHUNK_H
#define TL_SERVER_NET_HTTP_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* One byte of data costs at most six: more chunks than this are an attack. */
#define HTTP_CHUNKS_MAX 16384u

enum http_chunk_event {
	HTTP_CHUNK_MORE, /* all bytes are taken, more are needed */
	HTTP_CHUNK_DATA, /* a piece of the body */
	HTTP_CHUNK_END,  /* the body is complete */
	HTTP_CHUNK_BAD,  /* not chunked coding: 400 */
	HTTP_CHUNK_BIG,  /* over a limit: 413 */
};

/* Open only so that struct http_parser can embed it. Zeroed: at the start. */
struct http_chunk {
	uint64_t total;  /* data bytes in all chunks announced so far */
	uint32_t left;   /* data bytes to come in this chunk */
	uint16_t chunks; /* announced so far */
	uint8_t state;
	uint8_t digits; /* of the size being read */
};

/*
 * Take bytes up to the next event; *ret_used says how many. *ret_piece
 * borrows the input and is empty on other events than HTTP_CHUNK_DATA. The
 * data of all chunks may be at most max_bytes. After END, BAD and BIG the
 * same event comes back and takes nothing.
 */
enum http_chunk_event http_chunk_feed(struct http_chunk *chunk,
    uint64_t max_bytes, const uint8_t *bytes, size_t len, size_t *ret_used,
    struct bytes *ret_piece);

#endif
