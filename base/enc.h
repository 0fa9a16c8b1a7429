/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/enc.h - hexadecimal and base64 (RFC 4648), strict.
 *
 * Decoders take exactly the alphabet and the padding of their variant: no
 * white space, no missing or extra padding, no set bits behind the last
 * byte. Hexadecimal is read without regard to case.
 */
#ifndef TL_BASE_ENC_H
#define TL_BASE_ENC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum b64_kind {
	B64_STD, /* "+/" with padding */
	B64_URL, /* "-_" without padding */
};

void enc_hex(struct buf *out, const void *bytes, size_t len);
void enc_b64(
    struct buf *out, enum b64_kind kind, const void *bytes, size_t len);

/*
 * Decode text into bytes; *ret_len is how many were written. Returns
 * TL_EFORMAT for any byte out of place, TL_ETOOBIG if cap is too small.
 */
TL_MUST_CHECK enum tl_err dec_hex(const char *text, size_t text_len,
    uint8_t *bytes, size_t cap, size_t *ret_len);
TL_MUST_CHECK enum tl_err dec_b64(enum b64_kind kind, const char *text,
    size_t text_len, uint8_t *bytes, size_t cap, size_t *ret_len);

/* The value of one hexadecimal digit, or -1. */
int dec_hex_digit(uint8_t c);

#endif
