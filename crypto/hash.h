/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/hash.h - BLAKE2b (RFC 7693), with and without a key; SipHash.
 *
 * Promise:   cannot fail.
 * Knows not: what is hashed. Whoever hashes says what for by a prefix of its
 *            own, listed in docs/FORMAT.md, so that no hash means two things.
 * Runs in:   every program.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_HASH_H
#define TL_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES           32u
#define HASH_KEY_BYTES       32u
#define HASH_KEYED_MIN_BYTES 16u
#define HASH_KEYED_MAX_BYTES 64u

/* BLAKE2b-256. msg may be NULL if len is 0. */
void hash_bytes(uint8_t out[static HASH_BYTES], const void *msg, size_t len);

/*
 * Keyed BLAKE2b of out_len bytes, HASH_KEYED_MIN_BYTES to
 * HASH_KEYED_MAX_BYTES. A shorter output is not the front of a longer one.
 */
void hash_keyed(uint8_t *out, size_t out_len,
    const uint8_t key[static HASH_KEY_BYTES], const void *msg, size_t len);

#define HASH_SHORT_KEY_BYTES 16u

/* SipHash-2-4: 64 bits that look like chance to whoever has no key, for a few
 * bytes and many times. Too short to stand for what was hashed. */
uint64_t hash_short(const uint8_t key[static HASH_SHORT_KEY_BYTES],
    const void *msg, size_t len);

#endif
