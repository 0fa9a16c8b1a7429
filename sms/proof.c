/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/proof.h"

#include "base/enc.h"
#include "base/wipe.h"
#include "sms/when.h"

struct bytes proof_url(const char *url)
{
	return url == NULL ? bytes_of(NULL, 0)
			   : bytes_of(url, strcspn(url, "?#"));
}

bool proof_read_b64(struct bytes text, uint8_t *out, size_t len)
{
	size_t got = 0;

	return dec_b64(B64_STD, (const char *)text.at, text.len, out, len,
		   &got) == TL_OK &&
	    got == len;
}

bool proof_read_hex(struct bytes text, uint8_t *out, size_t len)
{
	size_t got = 0;

	return dec_hex((const char *)text.at, text.len, out, len, &got) ==
	    TL_OK &&
	    got == len;
}

enum tl_err proof_hmac(const struct sms_gateway *gateway, enum digest_kind kind,
    const struct bytes *pieces, size_t n, const uint8_t *given, bool *held)
{
	uint8_t mac[DIGEST_MAX_BYTES];
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < gateway->n_secrets; i++) {
		err = digest_hmac(kind, mac, gateway->secrets[i], pieces, n);
		if (err == TL_OK) {
			*held |= digest_equal(mac, given, digest_bytes(kind));
		}
	}
	wipe(mac, sizeof(mac));
	return err;
}

bool proof_is_secret(struct bytes secret, struct bytes given)
{
	uint8_t left[DIGEST_SHA256_BYTES];
	uint8_t right[DIGEST_SHA256_BYTES];
	bool same;

	digest_sha256(left, secret);
	digest_sha256(right, given);
	same = digest_equal(left, right, sizeof(left));
	wipe(left, sizeof(left));
	wipe(right, sizeof(right));
	return same;
}

bool proof_is_sha256(struct bytes hex, struct bytes bytes)
{
	uint8_t named[DIGEST_SHA256_BYTES];
	uint8_t is[DIGEST_SHA256_BYTES];

	digest_sha256(is, bytes);
	return proof_read_hex(hex, named, sizeof(named)) &&
	    digest_equal(named, is, sizeof(is));
}

enum tl_err proof_read_time(
    struct bytes text, int64_t *ret_s, const char **ret_why)
{
	if (when_digits(text, ret_s) != TL_OK) {
		*ret_why = "the signed time must be Unix seconds";
		return TL_EPROOF;
	}
	return TL_OK;
}

enum tl_err proof_window(const struct sms_request *request, int64_t then_s,
    int64_t past_s, const char **ret_why)
{
	if (then_s < request->now_s - past_s ||
	    then_s > request->now_s + PROOF_WINDOW_S) {
		*ret_why = "the signature holds, but its time is too far from"
			   " our clock: is the clock of this host right?";
		return TL_ESTALE;
	}
	return TL_OK;
}
