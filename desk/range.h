/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/range.h - which bytes of a file a request asks for: RFC 9110, section
 * 14, as far as one range of bytes goes.
 *
 * Promise:   what is no such range is answered as if nothing had been asked:
 *            with the whole, which every client of HTTP takes.
 * Knows not: files, connections.
 * Runs in:   the desk's web process. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_RANGE_H
#define TL_DESK_RANGE_H

#include <stddef.h>

#include "base/bytes.h"

enum range {
	RANGE_WHOLE,
	RANGE_PART,   /* 206 */
	RANGE_BEYOND, /* 416: nothing of it is there */
};

/* What the value of a Range field asks of a file of len bytes; empty: there is
 * none. RANGE_PART: *ret_at and *ret_len, which is not 0. */
enum range range_read(
    struct bytes value, size_t len, size_t *ret_at, size_t *ret_len);

#endif
