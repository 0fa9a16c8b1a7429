/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/hash.h"

#include <assert.h>

#include <sodium.h>

_Static_assert(HASH_KEYED_MIN_BYTES == crypto_generichash_BYTES_MIN &&
	HASH_KEYED_MAX_BYTES == crypto_generichash_BYTES_MAX,
    "the bounds of the library are ours");

void hash_bytes(uint8_t out[static HASH_BYTES], const void *msg, size_t len)
{
	(void)crypto_generichash(out, HASH_BYTES, msg, len, NULL, 0);
}

void hash_keyed(uint8_t *out, size_t out_len,
    const uint8_t key[static HASH_KEY_BYTES], const void *msg, size_t len)
{
	assert(
	    out_len >= HASH_KEYED_MIN_BYTES && out_len <= HASH_KEYED_MAX_BYTES);
	(void)crypto_generichash(out, out_len, msg, len, key, HASH_KEY_BYTES);
}
