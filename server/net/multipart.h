/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/multipart.h - multipart/form-data as browsers send it, streamed.
 *
 * Promise:   cut at any byte, the parts are the same. Linear, no memory but
 *            this struct; at most a delimiter is kept back. A part that has
 *            ended is complete whatever follows it.
 * Knows not: field names, limits of fields, what a file is.
 * Runs in:   the intake's workers, tests.
 * Disk:      none; a file is handed on piece by piece.
 *
 *	body = "--" b CRLF part *( CRLF "--" b CRLF part ) CRLF "--" b "--"
 *[CRLF] part = head CRLF data
 *
 *	multipart_init(&m, boundary);
 *	while ((event = multipart_feed(&m, at, len, &used, &piece)) !=
 *	    MULTIPART_MORE) ...
 *	multipart_finish(&m) once the body is complete
 */
#ifndef TL_SERVER_NET_MULTIPART_H
#define TL_SERVER_NET_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define MULTIPART_BOUNDARY_MAX 70u
#define MULTIPART_PARTS_MAX    32u
#define MULTIPART_HEAD_MAX     2048u
#define MULTIPART_FILENAME_MAX 1024u

enum multipart_event {
	MULTIPART_MORE, /* all bytes are taken, more are needed */
	MULTIPART_PART, /* a part begins: multipart_name() and the others */
	MULTIPART_DATA, /* a piece of its data */
	MULTIPART_END,  /* the part is complete */
	MULTIPART_BAD,  /* not this format: 400; no further byte is taken */
};

/* Open only so that a request can embed it. */
struct multipart {
	uint8_t delimiter[4 + MULTIPART_BOUNDARY_MAX]; /* CRLF "--" boundary */
	uint8_t delimiter_len;
	uint8_t state;
	uint8_t matched; /* bytes of the delimiter that are kept back */
	uint8_t parts;
	uint8_t seen; /* fields of the part's head */
	bool is_closed;
	uint16_t line_at;
	uint16_t head_len;
	uint16_t name_at, name_len;
	uint16_t filename_at, filename_len;
	uint16_t type_at, type_len;
	uint8_t head[MULTIPART_HEAD_MAX];
};

/*
 * Read the value of a Content-Type field. TL_OK: it is multipart/form-data
 * with one parameter, a boundary of 1 to 70 allowed bytes; *ret_boundary
 * borrows it. TL_ENOENT: it is another type (415, or another decoder).
 * TL_EFORMAT: it is this type, but wrong (400).
 */
TL_MUST_CHECK enum tl_err multipart_boundary(
    struct bytes content_type, struct bytes *ret_boundary);

/*
 * True if value is this media type (lower case), alone or followed by
 * parameters, which are not looked at.
 */
bool content_type_is(struct bytes value, const char *type);

/* Begin. Borrows boundary for the call: what multipart_boundary() gave. */
void multipart_init(struct multipart *m, struct bytes boundary);

/*
 * Take bytes up to the next event. *ret_used says how many were taken: all
 * on MULTIPART_MORE. *ret_piece is set on MULTIPART_DATA; it borrows the
 * input or m, until the next call. After MULTIPART_BAD nothing is taken.
 */
enum multipart_event multipart_feed(struct multipart *m, const void *bytes,
    size_t len, size_t *ret_used, struct bytes *ret_piece);

/* The body is complete: TL_OK, or TL_EFORMAT if its closing delimiter is
 * missing or broken. */
TL_MUST_CHECK enum tl_err multipart_finish(const struct multipart *m);

/* The closing delimiter has come, whatever stands behind it. */
bool multipart_is_closed(const struct multipart *m);

/* Of the part that began last; until the next one begins. A part without a
 * filename is a text field: at == NULL. All are bytes as sent. */
struct bytes multipart_name(const struct multipart *m);
struct bytes multipart_filename(const struct multipart *m);
struct bytes multipart_type(const struct multipart *m);

/* Wipe: heads hold file names. */
void multipart_wipe(struct multipart *m);

#endif
