/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/receipt.h"

#include <sodium.h>

#include "crypto/verify.h"

enum tl_err receipt_sign(const uint8_t key[static 64],
    const uint8_t id[static 16], const uint8_t hash[static 32],
    uint8_t sig[static 64])
{
	uint8_t message[RECEIPT_MESSAGE_BYTES];

	if (sodium_is_zero(key, 64) != 0) {
		return TL_EINVAL;
	}
	receipt_message(message, id, hash);
	(void)crypto_sign_detached(sig, NULL, message, sizeof(message), key);
	return TL_OK;
}
