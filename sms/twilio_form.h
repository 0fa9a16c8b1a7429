/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/twilio_form.h - the form of Twilio and Somleng as a message.
 */
#ifndef TL_SMS_TWILIO_FORM_H
#define TL_SMS_TWILIO_FORM_H

#include "sms/adapter.h"

/* Whether bytes look like an id of that provider. */
typedef bool (*twilio_id_fn)(struct bytes id);

struct twilio_ids {
	twilio_id_fn message, account;
};
extern const struct twilio_ids twilio_id_forms, somleng_id_forms;

/*
 * Read the form in body or query. The signature joins names and values
 * without separators, so a form without MessageSid, AccountSid, From or To,
 * or whose ids do not look like ids, is TL_EFORMAT: bytes may have been
 * moved. TL_EPROOF: for another account. What says nothing that is known, and
 * is no short message, comes out whole, as SMS_UNDECODABLE with its sender.
 */
TL_MUST_CHECK enum tl_err twilio_form_parse(const struct sms_gateway *gateway,
    const struct sms_request *request, const struct twilio_ids *ids,
    struct sms_batch *batch, const char **ret_why);

/* TL_EPROOF if the gateway names an account and this is another. */
TL_MUST_CHECK enum tl_err twilio_check_account(
    const struct sms_gateway *gateway, struct bytes account,
    const char **ret_why);

/* prefix of two letters and 32 hexadecimal digits */
bool twilio_is_sid(struct bytes id, const char prefix[static 3]);

#endif
