/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/hash.h"

#include <assert.h>

#include <sodium.h>

_Static_assert(HASH_KEYED_MIN_BYTES == crypto_generichash_BYTES_MIN &&
	HASH_KEYED_MAX_BYTES == crypto_generichash_BYTES_MAX,
    "the bounds of the library are ours");
_Static_assert(HASH_SHORT_KEY_BYTES == crypto_shorthash_siphash24_KEYBYTES,
    "the key of the library is ours");

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

uint64_t hash_short(
    const uint8_t key[static HASH_SHORT_KEY_BYTES], const void *msg, size_t len)
{
	uint8_t out[crypto_shorthash_siphash24_BYTES];
	uint64_t value = 0;

	(void)crypto_shorthash_siphash24(out, msg, len, key);
	for (size_t i = sizeof(out); i > 0; i--) {
		value = value << 8 | out[i - 1];
	}
	return value;
}
