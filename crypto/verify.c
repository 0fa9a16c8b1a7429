/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/verify.h"

#include <string.h>

#include <sodium.h>

static const char prefix[] = "tipline receipt v1";

_Static_assert(sizeof(prefix) + 16 + 32 == RECEIPT_MESSAGE_BYTES,
    "prefix with its NUL, id, hash");
_Static_assert(
    RECEIPT_SIGNATURE_BYTES == crypto_sign_BYTES, "the library's size");

void receipt_message(uint8_t message[static RECEIPT_MESSAGE_BYTES],
    const uint8_t id[static 16], const uint8_t hash[static 32])
{
	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), id, 16);
	memcpy(message + sizeof(prefix) + 16, hash, 32);
}

enum tl_err receipt_verify(const uint8_t key[static 32],
    const uint8_t id[static 16], const uint8_t hash[static 32],
    const uint8_t sig[static RECEIPT_SIGNATURE_BYTES])
{
	uint8_t message[RECEIPT_MESSAGE_BYTES];

	receipt_message(message, id, hash);
	return crypto_sign_verify_detached(
		   sig, message, sizeof(message), key) == 0
	    ? TL_OK
	    : TL_EPROOF;
}
