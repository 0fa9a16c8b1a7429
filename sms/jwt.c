/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/jwt.h"

#include <strings.h>

#include "base/enc.h"
#include "sms/json.h"

#define TOKEN_MAX_BYTES 8192u

struct parts {
	struct bytes signed_bytes; /* header, dot, claims */
	struct bytes header, claims, mac;
};

static bool split(struct bytes token, struct parts *ret_parts)
{
	const uint8_t *end = token.at + token.len;
	const uint8_t *first, *second;

	if (token.len == 0 || token.len > TOKEN_MAX_BYTES) {
		return false;
	}
	first = memchr(token.at, '.', token.len);
	second = first == NULL
	    ? NULL
	    : memchr(first + 1, '.', (size_t)(end - first) - 1);
	if (second == NULL ||
	    memchr(second + 1, '.', (size_t)(end - second) - 1) != NULL) {
		return false;
	}
	ret_parts->signed_bytes =
	    bytes_of(token.at, (size_t)(second - token.at));
	ret_parts->header = bytes_of(token.at, (size_t)(first - token.at));
	ret_parts->claims = bytes_of(first + 1, (size_t)(second - first) - 1);
	ret_parts->mac = bytes_of(second + 1, (size_t)(end - second) - 1);
	return true;
}

/* The object in base64url. TL_EFORMAT: it is none. */
static enum tl_err read_object(struct bytes part, json_t **ret_object)
{
	uint8_t text[TOKEN_MAX_BYTES];
	size_t len = 0;

	return dec_b64(B64_URL, (const char *)part.at, part.len, text,
		   sizeof(text), &len) == TL_OK
	    ? sms_json_load(bytes_of(text, len), ret_object)
	    : TL_EFORMAT;
}

struct bytes jwt_bearer(const struct sms_request *request)
{
	const struct bytes *header = sms_header_find(request, "authorization");
	size_t at = sizeof("Bearer ") - 1;

	if (header == NULL || header->len <= at ||
	    strncasecmp((const char *)header->at, "Bearer ", at) != 0) {
		return bytes_of(NULL, 0);
	}
	return bytes_of(header->at + at, header->len - at);
}

void jwt_nonce(const struct sms_request *request, const char *header,
    struct sms_batch *batch)
{
	const struct bytes *value = sms_header_find(request, header);
	struct bytes token = jwt_bearer(request);
	struct parts parts;
	struct bytes jti;
	json_t *claims = NULL;

	if (value != NULL && strcmp(header, "authorization") != 0) {
		token = *value;
	}
	if (split(token, &parts) &&
	    read_object(parts.claims, &claims) == TL_ENOMEM) {
		sms_batch_fail(batch, TL_ENOMEM);
	}
	if (claims != NULL && sms_json_text(claims, "jti", &jti)) {
		sms_batch_set_nonce(batch, jti);
	}
	json_decref(claims);
}

/* TL_EFORMAT: it is none of this algorithm. */
static enum tl_err check_alg(struct bytes header, enum digest_kind kind)
{
	json_t *object = NULL;
	const char *name = kind == DIGEST_SHA256 ? "HS256"
	    : kind == DIGEST_SHA384              ? "HS384"
						 : "HS512";
	enum tl_err err = read_object(header, &object);

	if (err == TL_OK && !sms_json_at_is(object, "alg", name)) {
		err = TL_EFORMAT;
	}
	json_decref(object);
	return err;
}

enum tl_err jwt_verify(const struct sms_gateway *gateway, struct bytes token,
    enum digest_kind kind, json_t **ret_claims, const char **ret_why)
{
	uint8_t mac[DIGEST_MAX_BYTES];
	struct parts parts;
	size_t len = 0;
	bool held = false;
	enum tl_err err =
	    split(token, &parts) ? check_alg(parts.header, kind) : TL_EFORMAT;

	if (err == TL_ENOMEM) {
		return err;
	}
	if (err != TL_OK) {
		*ret_why = "there is no token, or its algorithm is not the one"
			   " of this gateway";
		return TL_EPROOF;
	}
	if (dec_b64(B64_URL, (const char *)parts.mac.at, parts.mac.len, mac,
		sizeof(mac), &len) != TL_OK ||
	    len != digest_bytes(kind)) {
		*ret_why = "the token's signature is damaged";
		return TL_EPROOF;
	}
	err = proof_hmac(gateway, kind, &parts.signed_bytes, 1, mac, &held);
	if (err != TL_OK) {
		return err;
	}
	err = held ? read_object(parts.claims, ret_claims) : TL_EPROOF;
	if (err == TL_EFORMAT || err == TL_EPROOF) {
		*ret_why = "the token is not signed with this gateway's secret";
		return TL_EPROOF;
	}
	return err;
}

bool jwt_time(const json_t *claims, const char *name, int64_t *ret_s)
{
	const json_t *value = json_object_get(claims, name);

	if (!json_is_integer(value)) {
		return false;
	}
	*ret_s = json_integer_value(value);
	return true;
}
