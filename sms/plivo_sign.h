/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/plivo_sign.h - Plivo's signatures V3 and V2.
 */
#ifndef TL_SMS_PLIVO_SIGN_H
#define TL_SMS_PLIVO_SIGN_H

#include "sms/adapter.h"

/* Whether any header of V3 is there: then V2 must not rescue a bad one. */
bool plivo_has_v3(const struct sms_request *request);

/* The nonce of the scheme that is used, or NULL. */
const struct bytes *plivo_nonce(const struct sms_request *request);

/* TL_EPROOF unless one of the signatures is right under one of the secrets,
 * for the address or the second one. */
TL_MUST_CHECK enum tl_err plivo_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, bool v3, const char **ret_why);

#endif
