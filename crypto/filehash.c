/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/filehash.h"

#include <stdlib.h>

#include <sodium.h>

#include "base/wipe.h"

struct filehash {
	crypto_hash_sha256_state state;
};

enum tl_err filehash_new(struct filehash **ret)
{
	struct filehash *hash = calloc(1, sizeof(*hash));

	if (hash == NULL) {
		return TL_ENOMEM;
	}
	(void)crypto_hash_sha256_init(&hash->state);
	*ret = hash;
	return TL_OK;
}

void filehash_add(struct filehash *hash, struct bytes bytes)
{
	(void)crypto_hash_sha256_update(&hash->state, bytes.at, bytes.len);
}

void filehash_end(struct filehash *hash, uint8_t out[static FILEHASH_BYTES])
{
	(void)crypto_hash_sha256_final(&hash->state, out);
}

void filehash_free(struct filehash *hash)
{
	if (hash != NULL) {
		wipe(hash, sizeof(*hash));
		free(hash);
	}
}
