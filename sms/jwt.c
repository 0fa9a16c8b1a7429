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

/* The object in base64url; NULL if it is none. */
static json_t *read_object(struct bytes part)
{
	uint8_t text[TOKEN_MAX_BYTES];
	json_t *object = NULL;
	size_t len = 0;

	if (dec_b64(B64_URL, (const char *)part.at, part.len, text,
		sizeof(text), &len) != TL_OK ||
	    sms_json_load(bytes_of(text, len), &object) != TL_OK) {
		return NULL;
	}
	return object;
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
	json_t *claims;

	if (value != NULL && strcmp(header, "authorization") != 0) {
		token = *value;
	}
	claims = split(token, &parts) ? read_object(parts.claims) : NULL;
	if (claims != NULL && sms_json_text(claims, "jti", &jti)) {
		sms_batch_set_nonce(batch, jti);
	}
	json_decref(claims);
}

static bool is_alg(struct bytes header, enum digest_kind kind)
{
	json_t *object = read_object(header);
	const char *name = kind == DIGEST_SHA256 ? "HS256"
	    : kind == DIGEST_SHA384              ? "HS384"
						 : "HS512";
	bool is = object != NULL && sms_json_at_is(object, "alg", name);

	json_decref(object);
	return is;
}

enum tl_err jwt_verify(const struct sms_gateway *gateway, struct bytes token,
    enum digest_kind kind, json_t **ret_claims, const char **ret_why)
{
	uint8_t mac[DIGEST_MAX_BYTES];
	struct parts parts;
	size_t len = 0;
	bool held = false;
	enum tl_err err;

	if (!split(token, &parts) || !is_alg(parts.header, kind)) {
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
	if (held) {
		*ret_claims = read_object(parts.claims);
	}
	if (!held || *ret_claims == NULL) {
		*ret_why = "the token is not signed with this gateway's secret";
		return TL_EPROOF;
	}
	return TL_OK;
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
