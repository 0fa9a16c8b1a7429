/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/standard_webhooks.h - the proof of Standard Webhooks 1.0: HMAC-SHA256
 * over id, time and body, any of a list of signatures.
 */
#ifndef TL_SMS_STANDARD_WEBHOOKS_H
#define TL_SMS_STANDARD_WEBHOOKS_H

#include "sms/adapter.h"

#define STANDARD_WINDOW_S 300

/* As the members of struct sms_adapter. */
const char *standard_secret_fault(struct bytes secret);
TL_MUST_CHECK enum tl_err standard_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why);

/* Append the value of webhook-signature, for our own requests. TL_EFORMAT: the
 * secret is none. */
TL_MUST_CHECK enum tl_err standard_sign(struct bytes secret, struct bytes id,
    struct bytes time, struct bytes body, struct buf *out);

#endif
