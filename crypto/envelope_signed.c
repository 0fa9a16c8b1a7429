/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/envelope_signed.h"

#include <string.h>

#include <sodium.h>

bool envelope_signed_by(
    const struct envelope *e, const uint8_t (*keys)[32], size_t n_keys)
{
	uint8_t message[ENVELOPE_SIGNED_BYTES];

	envelope_signed_message(message, e->head_and_body);
	for (size_t i = 0; i < n_keys; i++) {
		uint8_t key_id[ENVELOPE_KEY_ID_BYTES];

		envelope_key_id(key_id, keys[i]);
		if (memcmp(key_id, e->intake_key_id, sizeof(key_id)) == 0 &&
		    crypto_sign_verify_detached(
			e->signature, message, sizeof(message), keys[i]) == 0) {
			return true;
		}
	}
	return false;
}
