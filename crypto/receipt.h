/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/receipt.h - sign the receipt for one sealed record: "the desk has a
 * durable copy; forget yours". Format: docs/FORMAT.md, "Receipt".
 *
 * Runs in:   tipline, the desk's key process, tests. Whoever signs has made
 *            the copy durable before.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_RECEIPT_H
#define TL_CRYPTO_RECEIPT_H

#include <stdint.h>

#include "base/err.h"

/*
 * key is a KEY_RECEIPT_SIGN, hash is hash_bytes() of the sealed bytes.
 * TL_EINVAL if the key is none.
 */
TL_MUST_CHECK enum tl_err receipt_sign(const uint8_t key[static 64],
    const uint8_t id[static 16], const uint8_t hash[static 32],
    uint8_t sig[static 64]);

#endif
