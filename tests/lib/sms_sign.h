/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sms_sign.h - the gateways' side of their proofs.
 */
#ifndef TL_TESTS_LIB_SMS_SIGN_H
#define TL_TESTS_LIB_SMS_SIGN_H

#include "tests/lib/sms_fake.h"

struct sms_signer {
	const char *type, *secret;
	void (*sign)(struct sms_fake *fake, const char *secret);
};

/* NULL if there is none. */
const struct sms_signer *sms_signer_of(const char *type);

/* HMAC over text, in base64, to fake->proof[i]. */
void sms_sign_b64(
    struct sms_fake *fake, size_t i, const char *secret, struct bytes text);

/* One for each scheme. */
void sms_sign_twilio(struct sms_fake *fake, const char *secret);
void sms_sign_basic(struct sms_fake *fake, const char *secret);
void sms_sign_generic(struct sms_fake *fake, const char *secret);
void sms_sign_telnyx(struct sms_fake *fake, const char *secret);
void sms_sign_vonage_sms(struct sms_fake *fake, const char *secret);
void sms_sign_plivo(struct sms_fake *fake, const char *secret);
void sms_sign_sinch(struct sms_fake *fake, const char *secret);
void sms_sign_messagebird(struct sms_fake *fake, const char *secret);
void sms_sign_bird(struct sms_fake *fake, const char *secret);
void sms_sign_vonage_messages(struct sms_fake *fake, const char *secret);
void sms_sign_android(struct sms_fake *fake, const char *secret);
void sms_sign_httpsms(struct sms_fake *fake, const char *secret);
void sms_sign_telegram(struct sms_fake *fake, const char *secret);
void sms_sign_segment(struct sms_fake *fake, const char *secret);

#endif
