/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Twilio: POST form, GET, or JSON; X-Twilio-Signature over the public URL.
 * Nothing in a request is dated: only the message id stops a replay.
 */
#include "sms/json.h"
#include "sms/sign_url.h"
#include "sms/twilio_form.h"

static bool is_message_sid(struct bytes id)
{
	return twilio_is_sid(id, "SM") || twilio_is_sid(id, "MM");
}

static bool is_account_sid(struct bytes id)
{
	return twilio_is_sid(id, "AC");
}

const struct twilio_ids twilio_id_forms = { is_message_sid, is_account_sid };

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's auth token;"
				" this file is empty";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	return sign_url_verify(
	    gateway, request, SIGN_FORM | SIGN_JSON, ret_why);
}

/* Members of a JSON body; only the id is sure to be there. */
static enum tl_err read_json(const struct sms_gateway *gateway,
    const json_t *object, struct sms_batch *batch, const char **ret_why)
{
	struct bytes id, account, from, to, text;
	struct sms_message *message = sms_batch_add(batch);

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	if (!sms_json_text(object, "from", &from)) {
		return TL_EFORMAT;
	}
	message->from_raw = sms_batch_keep(batch, from);
	if (!sms_json_text(object, "messageSid", &id) ||
	    !sms_json_text(object, "accountSid", &account) ||
	    !sms_json_text(object, "to", &to) ||
	    !sms_json_text(object, "body", &text) || !is_message_sid(id)) {
		return TL_EFORMAT;
	}
	if (account.len > 0 &&
	    twilio_check_account(gateway, account, ret_why) != TL_OK) {
		return TL_EPROOF;
	}
	message->external_id = sms_batch_keep(batch, id);
	message->to = sms_batch_keep(batch, to);
	message->text = sms_batch_keep(batch, text);
	*ret_why = "the signature holds";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	json_t *object = NULL;
	enum tl_err err;

	if (request->is_get || !sign_url_body_is(request, "application/json")) {
		return twilio_form_parse(
		    gateway, request, &twilio_id_forms, batch, ret_why);
	}
	*ret_why = "genuine, but not a whole message: kept as it is";
	err = sms_json_load(request->body, &object);
	if (err == TL_OK) {
		err = read_json(gateway, object, batch, ret_why);
	}
	json_decref(object);
	return err;
}

const struct sms_adapter sms_twilio = {
	.name = "twilio",
	.source = "Twilio: Messaging webhooks; Webhooks security",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.trust = "signed",
	.text_max_signs = 1600,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	/* A text/plain body is sent to the phone as SMS. */
	.kept = { .status = 200,
	    .type = "text/xml",
	    .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>" },
	/* An error makes Twilio try the fallback URL. */
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
};
