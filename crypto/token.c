/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/token.h"

#include <sodium.h>
#include <string.h>

_Static_assert(
    TOKEN_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(
    TOKEN_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(TOKEN_EXTRA_BYTES ==
	TOKEN_NONCE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "extra");

void token_seal(const uint8_t key[static TOKEN_KEY_BYTES], const char *use,
    const uint8_t *plain, size_t len, uint8_t *token)
{
	randombytes_buf(token, TOKEN_NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    token + TOKEN_NONCE_BYTES, NULL, plain, len,
	    (const unsigned char *)use, strlen(use), NULL, token, key);
}

enum tl_err token_open(const uint8_t key[static TOKEN_KEY_BYTES],
    const char *use, const uint8_t *token, size_t len, uint8_t *plain)
{
	size_t sealed = len + TOKEN_EXTRA_BYTES - TOKEN_NONCE_BYTES;

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
		token + TOKEN_NONCE_BYTES, sealed, (const unsigned char *)use,
		strlen(use), token, key) != 0) {
		return TL_EPROOF;
	}
	return TL_OK;
}
