/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/verify.h - check the desk's signed receipt for one sealed record.
 * Format: docs/FORMAT.md, "Receipt".
 *
 * Promise:   TL_OK only for a receipt over exactly this id and these sealed
 *            bytes by the holder of the signing key.
 * Runs in:   tipline-spool, which forgets a record on nothing else; tipline,
 *            tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_VERIFY_H
#define TL_CRYPTO_VERIFY_H

#include <stdint.h>

#include "base/err.h"

#define RECEIPT_SIGNATURE_BYTES 64u
/* What is signed: "tipline receipt v1", NUL, id, hash. */
#define RECEIPT_MESSAGE_BYTES (19u + 16u + 32u)

/*
 * hash is hash_bytes() of the sealed bytes as the checker has them, never as
 * the receipt claims. TL_EPROOF if the signature does not hold.
 */
TL_MUST_CHECK enum tl_err receipt_verify(const uint8_t key[static 32],
    const uint8_t id[static 16], const uint8_t hash[static 32],
    const uint8_t sig[static RECEIPT_SIGNATURE_BYTES]);

/* Write the signed message. */
void receipt_message(uint8_t message[static RECEIPT_MESSAGE_BYTES],
    const uint8_t id[static 16], const uint8_t hash[static 32]);

#endif
