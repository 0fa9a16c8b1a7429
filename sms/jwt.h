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
 * Gives *ret_claims, an object: json_decref() ends it. TL_EPROOF, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err jwt_verify(const struct sms_gateway *gateway,
    struct bytes token, enum digest_kind kind, json_t **ret_claims,
    const char **ret_why);

/* Make jti of a header's token, which was verified before, the nonce of
 * batch. */
void jwt_nonce(const struct sms_request *request, const char *header,
    struct sms_batch *batch);

/* Whether an integer claim of that name is there. */
bool jwt_time(const json_t *claims, const char *name, int64_t *ret_s);

#endif
