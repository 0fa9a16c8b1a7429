/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/partner.h"

#include <string.h>

#include <sodium.h>

#include "base/enc.h"
#include "crypto/keytext.h"

enum tl_err partner_public_read(
    struct bytes line, uint8_t ret_public[static PARTNER_PUBLIC_BYTES])
{
	/* A multiple of a point of small order is the neutral element, which
	 * libsodium refuses: whatever is sealed to it, everybody opens. */
	static const uint8_t any[PARTNER_SEAL_BYTES] = { 1 };
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	uint8_t shared[PARTNER_SEAL_BYTES];

	if (line.len != PARTNER_LINE_CHARS ||
	    keytext_bytes(line, public_key, sizeof(public_key)) != TL_OK ||
	    crypto_scalarmult(shared, any, public_key) != 0 ||
	    crypto_core_ed25519_is_valid_point(
		public_key + PARTNER_SEAL_BYTES) != 1) {
		return TL_EFORMAT;
	}
	memcpy(ret_public, public_key, sizeof(public_key));
	return TL_OK;
}

void partner_public_put(
    struct buf *out, const uint8_t public_key[static PARTNER_PUBLIC_BYTES])
{
	enc_b64(out, B64_STD, public_key, PARTNER_PUBLIC_BYTES);
}

enum tl_err partner_message(struct bytes words, struct buf *out)
{
	buf_init(out, sizeof(PARTNER_SIGNED_PREFIX) + PARTNER_WORDS_BYTES);
	buf_put(out, PARTNER_SIGNED_PREFIX, sizeof(PARTNER_SIGNED_PREFIX));
	buf_put(out, words.at, words.len);
	return buf_err(out);
}

enum tl_err partner_verify(
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES], struct bytes words,
    const uint8_t signature[static PARTNER_SIGNATURE_BYTES])
{
	struct buf message;
	enum tl_err err = partner_message(words, &message);

	if (err == TL_OK &&
	    crypto_sign_verify_detached(signature, message.data, message.len,
		public_key + PARTNER_SEAL_BYTES) != 0) {
		err = TL_EPROOF;
	}
	buf_free(&message);
	return err;
}
