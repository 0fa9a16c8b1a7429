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

#endif
