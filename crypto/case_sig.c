/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/case_sig.h"

#include <string.h>

#include <sodium.h>

static const char prefix[] = "tipline case v1";

/* With its NUL. Returns the length; 0: what is said is too long. */
static size_t put_message(
    uint8_t message[static sizeof(prefix) + CASE_SIG_MOST_BYTES],
    struct bytes said)
{
	if (said.len > CASE_SIG_MOST_BYTES) {
		return 0;
	}
	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), said.at, said.len);
	return sizeof(prefix) + said.len;
}

enum tl_err case_sig_make(
    const uint8_t key[static 64], struct bytes said, uint8_t ret_sig[static 64])
{
	uint8_t message[sizeof(prefix) + CASE_SIG_MOST_BYTES];
	size_t len = put_message(message, said);

	if (sodium_is_zero(key, 64) != 0) {
		return TL_EINVAL;
	}
	if (len == 0) {
		return TL_ETOOBIG;
	}
	(void)crypto_sign_detached(ret_sig, NULL, message, len, key);
	return TL_OK;
}

bool case_sig_holds(const uint8_t (*keys)[32], size_t n_keys, struct bytes said,
    const uint8_t sig[static 64])
{
	uint8_t message[sizeof(prefix) + CASE_SIG_MOST_BYTES];
	size_t len = put_message(message, said);

	for (size_t i = 0; len > 0 && i < n_keys; i++) {
		if (crypto_sign_verify_detached(sig, message, len, keys[i]) ==
		    0) {
			return true;
		}
	}
	return false;
}
