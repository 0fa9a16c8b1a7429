/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/sign_url.h - the proof of Twilio and all that copied it: HMAC-SHA1 over
 * the public URL and the sorted form.
 *
 * Sources: Twilio, "Webhooks security"; twilio-node, src/webhooks; Somleng,
 * app/models/twilio request signing.
 */
#ifndef TL_SMS_SIGN_URL_H
#define TL_SMS_SIGN_URL_H

#include "sms/adapter.h"

enum sign_bodies {
	SIGN_FORM = 1 << 0,
	/* the URL is signed and has the body's hash in bodySHA256 */
	SIGN_JSON = 1 << 1,
};

/*
 * Check X-Twilio-Signature. The URL is one of the gateway's with the query
 * as it came on the request line, with and without a port; never anything
 * from a header. bodies says which content types a POST may have.
 */
TL_MUST_CHECK enum tl_err sign_url_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, unsigned bodies, const char **ret_why);

/* Whether the body's media type is type ("application/json"). */
bool sign_url_body_is(const struct sms_request *request, const char *type);

#endif
