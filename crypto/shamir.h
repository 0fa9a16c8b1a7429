/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/shamir.h - a secret in n parts of which any k give it back: Shamir's
 * sharing, byte by byte, over GF(256) with the polynomial of AES. Format:
 * docs/FORMAT.md, "Shares".
 *
 * Promise:   fewer than k parts tell nothing, however much is computed. The
 *            time taken depends on no byte of secret or parts.
 * Knows not: what the secret is, and whether parts belong together:
 *            crypto/share.h.
 * Runs in:   tipline, on the team's own computer.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_SHAMIR_H
#define TL_CRYPTO_SHAMIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SHAMIR_PARTS_MAX 16u
#define SHAMIR_BYTES_MAX 64u

/*
 * Cut len bytes (1 to SHAMIR_BYTES_MAX) into n parts of len bytes, one behind
 * the other in parts; part i (from 0) is the polynomial at x = i + 1. k of
 * them are needed. TL_EINVAL unless 2 <= k <= n <= SHAMIR_PARTS_MAX;
 * TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err shamir_split(
    const uint8_t *secret, size_t len, unsigned k, unsigned n, uint8_t *parts);

/*
 * The polynomial through k points at x = at: at 0 it is the secret, at another
 * part's x that part. x are the k different numbers of the parts, not 0;
 * parts lie one behind the other. Writes len bytes to out, which is no part.
 */
void shamir_at(unsigned at, const uint8_t *x, const uint8_t *parts, unsigned k,
    size_t len, uint8_t *out);

/* Multiplication in the field, for tests. */
uint8_t shamir_mul(uint8_t a, uint8_t b);

#endif
