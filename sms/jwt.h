/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/jwt.h - JSON web tokens of gateways: HMAC only, one algorithm, chosen
 * by us and never by the token (RFC 7515, RFC 7519, RFC 8725).
 */
#ifndef TL_SMS_JWT_H
#define TL_SMS_JWT_H

#include <jansson.h>

#include "sms/proof.h"

/* The token of "Authorization: Bearer ..."; empty if there is none. */
struct bytes jwt_bearer(const struct sms_request *request);

/*
 * Check token under the gateway's secrets: three parts, alg is the name of
 * kind (HS256, HS384, HS512), and the signature over the bytes as they came.
 * Gives *ret_claims, an object: json_decref() ends it.
 */
TL_MUST_CHECK enum tl_err jwt_verify(const struct sms_gateway *gateway,
    struct bytes token, enum digest_kind kind, json_t **ret_claims,
    const char **ret_why);

/* The claims of a token that was verified before; NULL if they are none. */
json_t *jwt_claims(struct bytes token);

/* Whether an integer claim of that name is there. */
bool jwt_time(const json_t *claims, const char *name, int64_t *ret_s);

#endif
