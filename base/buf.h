/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/buf.h - a byte buffer with a maximum from its birth.
 *
 * Writers do not return errors: the first failure sticks, later writes do
 * nothing, and buf_err() is asked once at the end. What it held is wiped
 * whenever the memory is given back, so it may hold plaintext.
 */
#ifndef TL_BASE_BUF_H
#define TL_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
	uint8_t *data;   /* owned; NULL until the first write */
	size_t len;      /* bytes in use */
	size_t cap;      /* bytes allocated */
	size_t max;      /* len never grows beyond it */
	enum tl_err err; /* TL_OK, TL_ETOOBIG or TL_ENOMEM */
};

/* Make an empty buffer of at most max bytes. Allocates nothing. */
void buf_init(struct buf *buf, size_t max);

/* Wipe and free the bytes, keep the maximum: the buffer is empty and usable.
 * A zeroed struct is fine. */
void buf_free(struct buf *buf);

/* Wipe the bytes and the error, keep the memory. */
void buf_reset(struct buf *buf);

/* TL_OK, or the first failure since buf_init() or buf_reset(). */
TL_MUST_CHECK enum tl_err buf_err(const struct buf *buf);

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_put_str(struct buf *buf, const char *text);
void buf_put_u8(struct buf *buf, uint8_t value);
/* Numbers go out with the most significant byte first. */
void buf_put_u16(struct buf *buf, uint16_t value);
void buf_put_u32(struct buf *buf, uint32_t value);
void buf_put_u64(struct buf *buf, uint64_t value);
/* Decimal digits, no padding. */
void buf_put_dec(struct buf *buf, uint64_t value);
void buf_put_zeros(struct buf *buf, size_t len);

/*
 * Make room for len more bytes and return where they go; the caller fills
 * all of them. NULL on failure, which sticks.
 */
uint8_t *buf_room(struct buf *buf, size_t len);

/* Drop the first len bytes (len <= buf->len) and move the rest down. */
void buf_drop(struct buf *buf, size_t len);

#endif
