/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * SMS Gateway for Android: POST JSON, HMAC-SHA256 over body and time, made
 * anew at each try. payload.messageId is a hash of the content: two equal
 * texts share it, so the envelope's id is the message's.
 */
#include "sms/concat.h"
#include "sms/json.h"
#include "sms/proof.h"

#define SECRET_MIN_BYTES 8u

static const char *secret_fault(struct bytes secret)
{
	return secret.len >= SECRET_MIN_BYTES
	    ? NULL
	    : "the secret is the signing key of the app's webhook settings;"
	      " make one of 32 letters or more";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *given = sms_header_find(request, "x-signature");
	const struct bytes *at = sms_header_find(request, "x-timestamp");
	uint8_t mac[DIGEST_SHA256_BYTES];
	bool held = false;
	int64_t signed_s = 0;
	enum tl_err err;

	if (given == NULL || at == NULL ||
	    !proof_read_hex(*given, mac, sizeof(mac))) {
		*ret_why = "X-Signature (64 hexadecimal digits) and X-Timestamp"
			   " must be there, once each";
		return TL_EPROOF;
	}
	const struct bytes pieces[] = { request->body, *at };

	err = proof_hmac(gateway, DIGEST_SHA256, pieces, 2, mac, &held);
	if (err == TL_OK && !held) {
		*ret_why = "the signature is not one over body and time with"
			   " this gateway's signing key";
		err = TL_EPROOF;
	}
	if (err == TL_OK) {
		err = proof_read_time(*at, &signed_s, ret_why);
	}
	return err != TL_OK
	    ? err
	    : proof_window(request, signed_s, PROOF_WINDOW_S, ret_why);
}

static const struct sms_json_names names = {
	.id = "id",
	.from = "payload.sender",
	.to = "payload.recipient",
	.text = "payload.message",
	.time = "payload.receivedAt",
};
static const struct sms_json_names names_mms = {
	.id = "id",
	.from = "payload.sender",
	.to = "payload.recipient",
	.text = "payload.body",
	.subject = "payload.subject",
	.time = "payload.receivedAt",
};

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	bool text = sms_json_at_is(event, "event", "sms:received");
	bool data = sms_json_at_is(event, "event", "sms:data-received");
	bool mms = sms_json_at_is(event, "event", "mms:downloaded");
	struct sms_message *message;
	struct bytes b64;

	if (!json_is_string(sms_json_at(event, "event"))) {
		return TL_EFORMAT;
	}
	if (!text && !data && !mms) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	if (!sms_json_message(
		event, mms ? &names_mms : &names, batch, message)) {
		return TL_EFORMAT;
	}
	if (message->from_raw.len == 0) {
		if (!sms_json_at_text(event, "payload.phoneNumber", &b64)) {
			return TL_EFORMAT;
		}
		message->from_raw = sms_batch_keep(batch, b64);
	}
	if (data &&
	    (!sms_json_at_text(event, "payload.data", &b64) ||
		!sms_binary_b64(batch, message, b64, bytes_of(NULL, 0)))) {
		return TL_EFORMAT;
	}
	if (mms &&
	    !sms_json_files(sms_json_at(event, "payload.attachments"), "name",
		"data", batch, message)) {
		return TL_EFORMAT;
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

const struct sms_adapter sms_android = {
	.name = "android-sms-gateway",
	.source = "SMS Gateway for Android (capcom6), webhooks, June 2026",
	.methods = SMS_POST,
	.body_max_bytes = 4 * 1024 * 1024, /* pictures come inside */
	.trust = "signed",
	.secret_fault = secret_fault,
	.verify = verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
};
