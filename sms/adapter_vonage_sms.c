/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Vonage's SMS API: GET, POST form or POST JSON; the parameter sig over all
 * others. It does not join: each part is a message with an id of its own.
 */
#include "sms/concat.h"
#include "sms/proof.h"
#include "sms/vonage_params.h"
#include "sms/when.h"

/* message-timestamp is of the first push; pushes repeat for a day */
#define PAST_S (25 * 3600)

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's signature secret;"
				" this file is empty";
}

static enum tl_err check_form(const struct sms_gateway *gateway,
    const struct sms_request *request, struct form *form, const char **ret_why)
{
	struct bytes key = form_value(form, "api-key");
	struct bytes at = form_value(form, "timestamp");
	int64_t signed_s = 0;
	enum tl_err err;

	if (form_count(form) == 0) {
		return TL_OK; /* the probe of an address */
	}
	err = vonage_check(gateway, form, ret_why);
	if (err != TL_OK) {
		return err;
	}
	if (gateway->account != NULL && gateway->account[0] != '\0' &&
	    key.len > 0 && !bytes_equal(key, bytes_str(gateway->account))) {
		*ret_why = "api-key is not the configured account";
		return TL_EPROOF;
	}
	err = proof_read_time(at, &signed_s, ret_why);
	return err != TL_OK ? err
			    : proof_window(request, signed_s, PAST_S, ret_why);
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	struct form *form = NULL;
	enum tl_err err = vonage_params(request, &form);

	if (err == TL_OK) {
		err = check_form(gateway, request, form, ret_why);
	}
	form_free(form);
	return err;
}

static void read_concat(const struct form *form, struct sms_message *message)
{
	int64_t ref = 0, total = 0, part = 0;

	if (!bytes_equal(form_value(form, "concat"), bytes_str("true"))) {
		return;
	}
	if (when_digits(form_value(form, "concat-ref"), &ref) != TL_OK ||
	    when_digits(form_value(form, "concat-total"), &total) != TL_OK ||
	    when_digits(form_value(form, "concat-part"), &part) != TL_OK ||
	    ref > UINT16_MAX || total > UINT8_MAX || part < 1 || part > total) {
		message->flags |= SMS_FLAG_NO_CONCAT;
		return;
	}
	message->has_concat = true;
	message->concat = (struct sms_concat){
		.ref = (uint16_t)ref,
		.total = (uint8_t)total,
		.seq = (uint8_t)part,
		.wide = ref > UINT8_MAX,
	};
}

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	struct sms_message *message;

	if (form_count(form) == 0) {
		*ret_why = "a probe without parameters: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id =
	    sms_batch_keep(batch, form_value(form, "messageId"));
	message->from_raw = sms_batch_keep(batch, form_value(form, "msisdn"));
	message->to = sms_batch_keep(batch, form_value(form, "to"));
	message->text = sms_batch_keep(batch, form_value(form, "text"));
	if (when_any(form_value(form, "message-timestamp"), &message->sent_s) !=
	    TL_OK) {
		message->sent_s = 0;
	}
	read_concat(form, message);
	*ret_why = "the signature holds";
	if (bytes_equal(form_value(form, "type"), bytes_str("binary")) &&
	    !sms_binary_hex(batch, message, form_value(form, "data"),
		form_value(form, "udh"))) {
		*ret_why = "genuine, but its bytes are not hexadecimal: kept"
			   " as it is";
		return TL_EFORMAT;
	}
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	struct form *form = NULL;
	enum tl_err err = vonage_params(request, &form);

	(void)gateway;
	if (err == TL_OK) {
		err = read_message(form, batch, ret_why);
	}
	form_free(form);
	return err;
}

const struct sms_adapter sms_vonage_sms = {
	.name = "vonage-sms",
	.source = "Vonage: Inbound SMS; Signing messages; four SDKs",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 256 * 1024,
	.trust = "signed",
	.numbers = SMS_INTERNATIONAL,
	.sig_methods = vonage_methods,
	.join = SMS_JOIN_DESK,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
