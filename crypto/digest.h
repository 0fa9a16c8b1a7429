/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/digest.h - SHA-256, HMAC-SHA-256 and HMAC-SHA-1, for gateways that
 * prescribe them. Nothing of our own is built on these: see crypto/hash.h.
 *
 * Knows not: what a gateway signs.
 * Runs in:   the workers of the intake, tipline, tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_DIGEST_H
#define TL_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define DIGEST_SHA1_BYTES   20u
#define DIGEST_SHA256_BYTES 32u

void digest_sha256(uint8_t out[static DIGEST_SHA256_BYTES], struct bytes msg);

/*
 * HMAC (RFC 2104) over n pieces in a row, so that nobody has to join them.
 * Borrows all. A key may have any length. TL_ENOMEM leaves out untouched.
 */
TL_MUST_CHECK enum tl_err digest_hmac_sha1(
    uint8_t out[static DIGEST_SHA1_BYTES], struct bytes key,
    const struct bytes *pieces, size_t n);
TL_MUST_CHECK enum tl_err digest_hmac_sha256(
    uint8_t out[static DIGEST_SHA256_BYTES], struct bytes key,
    const struct bytes *pieces, size_t n);

/* Compare len bytes in a time that does not depend on them. */
bool digest_equal(const void *a, const void *b, size_t len);

#endif
