/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/pwhash.h - a key from a passphrase: Argon2id (RFC 9106, version
 * 1.3, one lane).
 *
 * Promise:   takes the memory and time that its cost says, on purpose.
 * Runs in:   tipline and the desk; never in a process with strangers'
 *            sockets.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_PWHASH_H
#define TL_CRYPTO_PWHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define PWHASH_SALT_BYTES 16u
#define PWHASH_KEY_BYTES  32u

struct pwhash_cost {
	uint32_t passes;
	uint32_t memory_kib;
};

/* 3 passes over 256 MiB: about a second. For every key that matters. */
extern const struct pwhash_cost pwhash_moderate;
/* As cheap as it gets: for tests and for trying the program out. */
extern const struct pwhash_cost pwhash_least;

/*
 * Whether a cost read from a file is within 1 to 16 passes and 8 KiB to 1
 * GiB: a damaged or planted file must not take the host's memory.
 */
bool pwhash_cost_ok(struct pwhash_cost cost);

/*
 * Derive key. Borrows passphrase, any length. TL_EINVAL for a cost that is
 * not ok, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err pwhash_derive(uint8_t key[static PWHASH_KEY_BYTES],
    struct bytes passphrase, const uint8_t salt[static PWHASH_SALT_BYTES],
    struct pwhash_cost cost);

#endif
