/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Somleng: Twilio's form and signature with ids of its own, and the opposite
 * rule for answers: any answer at all, 503 included, counts as delivered.
 * Only a connection that breaks makes it try again.
 */
#include "base/enc.h"
#include "sms/sign_url.h"
#include "sms/twilio_form.h"

/* 8-4-4-4-12 hexadecimal digits */
static bool is_uuid(struct bytes id)
{
	if (id.len != 36) {
		return false;
	}
	for (size_t i = 0; i < id.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? id.at[i] != '-' : dec_hex_digit(id.at[i]) < 0) {
			return false;
		}
	}
	return true;
}

const struct twilio_ids somleng_id_forms = { is_uuid, is_uuid };

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's auth token;"
				" this file is empty";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	return sign_url_verify(gateway, request, SIGN_FORM, ret_why);
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	return twilio_form_parse(
	    gateway, request, &somleng_id_forms, batch, ret_why);
}

const struct sms_adapter sms_somleng = {
	.name = "somleng",
	.source = "Somleng: app/jobs, app/models/twilio_api (April 2026)",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.trust = "signed",
	.text_max_signs = 1600,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	/* <Message> is sent as SMS, <Redirect> is followed. */
	.kept = { .status = 200,
	    .type = "text/xml",
	    .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>" },
	.not_kept = { .drop = true },
	.no_proof = { .drop = true },
};
