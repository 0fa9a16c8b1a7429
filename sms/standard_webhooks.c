/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/standard_webhooks.h"

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/digest.h"
#include "sms/when.h"

#define SECRET_PREFIX    "whsec_"
#define SECRET_MIN_BYTES 24u
#define SECRET_MAX_BYTES 64u

static enum tl_err read_secret(
    struct bytes secret, uint8_t key[static SECRET_MAX_BYTES], size_t *ret_len)
{
	size_t skip = sizeof(SECRET_PREFIX) - 1;
	size_t len = 0;

	if (secret.len < skip || memcmp(secret.at, SECRET_PREFIX, skip) != 0 ||
	    dec_b64(B64_STD, (const char *)secret.at + skip, secret.len - skip,
		key, SECRET_MAX_BYTES, &len) != TL_OK ||
	    len < SECRET_MIN_BYTES) {
		return TL_EFORMAT;
	}
	*ret_len = len;
	return TL_OK;
}

const char *standard_secret_fault(struct bytes secret)
{
	uint8_t key[SECRET_MAX_BYTES];
	size_t len;
	enum tl_err err = read_secret(secret, key, &len);

	wipe(key, sizeof(key));
	return err == TL_OK ? NULL
			    : "the secret is whsec_ and the base64 of 24 to"
			      " 64 random bytes";
}

struct signing {
	struct bytes id, time, list; /* values of the three headers */
	const struct sms_request *request;
	bool held;
};

/* Compare mac with every v1 entry of the list; other versions are skipped. */
static bool is_listed(
    struct bytes list, const uint8_t mac[static DIGEST_SHA256_BYTES])
{
	bool found = false;

	while (list.len > 0) {
		const uint8_t *space = memchr(list.at, ' ', list.len);
		size_t len =
		    space == NULL ? list.len : (size_t)(space - list.at);
		uint8_t given[DIGEST_SHA256_BYTES];
		size_t given_len = 0;

		if (len > 3 && memcmp(list.at, "v1,", 3) == 0 &&
		    dec_b64(B64_STD, (const char *)list.at + 3, len - 3, given,
			sizeof(given), &given_len) == TL_OK &&
		    given_len == sizeof(given)) {
			found |= digest_equal(mac, given, sizeof(given));
		}
		len += space == NULL ? 0 : 1;
		list = bytes_of(list.at + len, list.len - len);
	}
	return found;
}

static enum tl_err mac_of(struct bytes secret, struct bytes id,
    struct bytes time, struct bytes body,
    uint8_t mac[static DIGEST_SHA256_BYTES])
{
	const struct bytes pieces[] = { id, bytes_str("."), time,
		bytes_str("."), body };
	uint8_t key[SECRET_MAX_BYTES];
	size_t len = 0;
	enum tl_err err = read_secret(secret, key, &len);

	if (err == TL_OK) {
		err = digest_hmac_sha256(mac, bytes_of(key, len), pieces,
		    sizeof(pieces) / sizeof(pieces[0]));
	}
	wipe(key, sizeof(key));
	return err;
}

static enum tl_err try_secret(struct signing *s, struct bytes secret)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	enum tl_err err = mac_of(secret, s->id, s->time, s->request->body, mac);

	if (err == TL_EFORMAT) {
		return TL_OK; /* said at start; it proves nothing */
	}
	if (err == TL_OK) {
		s->held |= is_listed(s->list, mac);
	}
	wipe(mac, sizeof(mac));
	return err;
}

enum tl_err standard_sign(struct bytes secret, struct bytes id,
    struct bytes time, struct bytes body, struct buf *out)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	enum tl_err err = mac_of(secret, id, time, body, mac);

	if (err == TL_OK) {
		buf_put_str(out, "v1,");
		enc_b64(out, B64_STD, mac, sizeof(mac));
		err = buf_err(out);
		wipe(mac, sizeof(mac));
	}
	return err;
}

static enum tl_err read_headers(
    const struct sms_request *request, struct signing *s, const char **ret_why)
{
	const struct bytes *id = sms_header_find(request, "webhook-id");
	const struct bytes *at = sms_header_find(request, "webhook-timestamp");
	const struct bytes *list =
	    sms_header_find(request, "webhook-signature");

	if (id == NULL || id->len == 0 || at == NULL || list == NULL) {
		*ret_why = "webhook-id, webhook-timestamp and"
			   " webhook-signature must be there, once each";
		return TL_EPROOF;
	}
	*s = (struct signing){ *id, *at, *list, request, false };
	return TL_OK;
}

enum tl_err standard_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	struct signing s;
	int64_t signed_s;
	enum tl_err err = read_headers(request, &s, ret_why);

	if (err != TL_OK) {
		return err;
	}
	if (when_digits(s.time, &signed_s) != TL_OK) {
		*ret_why = "webhook-timestamp must be Unix seconds";
		return TL_EPROOF;
	}
	for (size_t i = 0; err == TL_OK && i < gateway->n_secrets; i++) {
		err = try_secret(&s, gateway->secrets[i]);
	}
	if (err != TL_OK) {
		return err;
	}
	if (!s.held) {
		*ret_why = "no v1 signature is one over id, time and body with"
			   " this gateway's secret";
		return TL_EPROOF;
	}
	if (signed_s < request->now_s - STANDARD_WINDOW_S ||
	    signed_s > request->now_s + STANDARD_WINDOW_S) {
		*ret_why =
		    "the signature holds, but its time is more than 300"
		    " s away from our clock: repeats must be signed anew";
		return TL_ESTALE;
	}
	return TL_OK;
}
