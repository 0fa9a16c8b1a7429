/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/pwhash.h"

#include <sodium.h>

_Static_assert(PWHASH_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES,
    "the salt is the library's");

#define PASSES_MAX     16u
#define MEMORY_MIN_KIB 8u
#define MEMORY_MAX_KIB (1024u * 1024u)

const struct pwhash_cost pwhash_moderate = {
	.passes = 3,
	.memory_kib = 256u * 1024u,
};
const struct pwhash_cost pwhash_least = {
	.passes = 1,
	.memory_kib = MEMORY_MIN_KIB,
};

bool pwhash_cost_ok(struct pwhash_cost cost)
{
	return cost.passes >= 1 && cost.passes <= PASSES_MAX &&
	    cost.memory_kib >= MEMORY_MIN_KIB &&
	    cost.memory_kib <= MEMORY_MAX_KIB;
}

enum tl_err pwhash_derive(uint8_t key[static PWHASH_KEY_BYTES],
    struct bytes passphrase, const uint8_t salt[static PWHASH_SALT_BYTES],
    struct pwhash_cost cost)
{
	if (!pwhash_cost_ok(cost)) {
		return TL_EINVAL;
	}
	/* With a cost in range it fails for want of memory only. */
	if (crypto_pwhash_argon2id(key, PWHASH_KEY_BYTES,
		passphrase.len > 0 ? (const char *)passphrase.at : "",
		passphrase.len, salt, cost.passes,
		(size_t)cost.memory_kib * 1024u,
		crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
		return TL_ENOMEM;
	}
	return TL_OK;
}
