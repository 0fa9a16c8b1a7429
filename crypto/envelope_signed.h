/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/envelope_signed.h - which intake has signed an envelope.
 *
 * Knows not: any secret; what is inside.
 * Runs in:   tipline, the desk, keyd, tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_ENVELOPE_SIGNED_H
#define TL_CRYPTO_ENVELOPE_SIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/envelope.h"

/*
 * Whether one of n_keys public keys has signed this envelope, as
 * envelope_peek() read it.
 */
bool envelope_signed_by(
    const struct envelope *e, const uint8_t (*keys)[32], size_t n_keys);

#endif
