/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/digest.h - MD5, SHA-256, HMAC and Ed25519, for gateways that
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
#define DIGEST_MAX_BYTES    64u

enum digest_kind {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};

/* Bytes of a digest, and of an HMAC, of that kind. */
size_t digest_bytes(enum digest_kind kind);

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
TL_MUST_CHECK enum tl_err digest_hmac(enum digest_kind kind,
    uint8_t out[static DIGEST_MAX_BYTES], struct bytes key,
    const struct bytes *pieces, size_t n);

/* The digest of n pieces in a row. TL_ENOMEM leaves out untouched. */
TL_MUST_CHECK enum tl_err digest_pieces(enum digest_kind kind,
    uint8_t out[static DIGEST_MAX_BYTES], const struct bytes *pieces, size_t n);

#define SIGNATURE_BYTES 64u
/* Ed25519 of somebody else over message. TL_EPROOF if it does not hold. */
TL_MUST_CHECK enum tl_err signature_verify(const uint8_t key[static 32],
    struct bytes message, const uint8_t sig[static SIGNATURE_BYTES]);

/* Compare len bytes in a time that does not depend on them. */
bool digest_equal(const void *a, const void *b, size_t len);

#endif
