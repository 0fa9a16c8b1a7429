/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/open_proof.h - gateways that sign nothing: Basic credentials, a random
 * segment in the path, or both.
 *
 * The secret is one of
 *   user:password
 *   SEGMENT                  43 letters of base64url, 32 random bytes
 *   SEGMENT/user:password    both must be right
 * and the gateway calls /sms/NAME, or /sms/NAME/SEGMENT. Whoever knows it can
 * send anything: such messages are marked by sms_trust().
 */
#ifndef TL_SMS_OPEN_PROOF_H
#define TL_SMS_OPEN_PROOF_H

#include "sms/adapter.h"

#define OPEN_SEGMENT_CHARS 43u

/* NULL, or what is wrong with the secret. */
const char *open_secret_fault(struct bytes secret);
/* For gateways that cannot send Basic credentials. */
const char *open_segment_fault(struct bytes secret);

/* TL_EPROOF unless the request has what one of the secrets says. */
TL_MUST_CHECK enum tl_err open_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why);

/* The two halves; either may be empty. Borrowed from secret. */
struct open_secret {
	struct bytes segment, credentials;
};
struct open_secret open_secret_of(struct bytes secret);

#endif
