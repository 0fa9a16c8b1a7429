/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/http_say.h - what the HTTP parser made of some bytes, in words
 * that can be compared.
 */
#ifndef TL_TESTS_LIB_HTTP_SAY_H
#define TL_TESTS_LIB_HTTP_SAY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "server/net/http.h"

/* Limits in which whatever the default ones let through fits when it is
 * written in another way. */
extern const struct http_limits http_say_wide;

/*
 * Feed bytes in pieces: the first of first_len, the others of piece_len (at
 * least 1), each an exact heap copy so that ASan sees one byte too many.
 * Append to out
 *   the request, written as HTTP with Content-Length, if one was delivered;
 *   "refused STATUS CLASS" or "waits" otherwise.
 * Returns the event that it ended with.
 */
enum http_event http_say(const struct http_limits *limits, struct bytes bytes,
    size_t first_len, size_t piece_len, struct buf *out);

/* The same as text, in a buffer of this module that the next call reuses. */
const char *http_said_in(const struct http_limits *limits, struct bytes bytes,
    size_t first_len, size_t piece_len);

/* The same with the default limits, after it was found to be the same in one
 * piece, in single bytes and cut in two at every place. */
const char *http_said(struct bytes bytes);

/* http_said() as a status: 0 if it was not refused. */
int http_said_status(struct bytes bytes);

/* Free the buffer. */
void http_said_end(void);

#endif
