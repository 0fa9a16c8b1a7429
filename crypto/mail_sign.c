/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/mail_parts.h"

enum tl_err mail_sign(const uint8_t key[static 64],
    const uint8_t hash[static 32], uint8_t ret_signature[static 64])
{
	uint8_t message[MAIL_SIGNED_BYTES];

	if (sodium_is_zero(key, 64) != 0) {
		return TL_EINVAL;
	}
	mail_signed(hash, message);
	(void)crypto_sign_detached(
	    ret_signature, NULL, message, sizeof(message), key);
	return TL_OK;
}
