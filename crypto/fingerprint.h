/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/fingerprint.h - a public key for people to compare, as digits and as
 * words. Format: docs/FORMAT.md, "Fingerprint".
 *
 * Runs in:   tipline.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_FINGERPRINT_H
#define TL_CRYPTO_FINGERPRINT_H

#include <stdint.h>

#define FINGERPRINT_GROUPS 8u
#define FINGERPRINT_CHARS  (FINGERPRINT_GROUPS * 6u)

struct fingerprint {
	/* groups of five with a blank between them; end with NUL */
	char digits[FINGERPRINT_CHARS];
	char words[FINGERPRINT_CHARS];
};

void fingerprint_of(
    const uint8_t public_key[static 32], struct fingerprint *ret);

#endif
