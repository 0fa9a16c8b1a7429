/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Telnyx: POST JSON, Ed25519 over time and body. Many kinds of events come to
 * one address; a message is one of them. data.id is the event's, and differs
 * when an event is sent again: the message's is data.payload.id.
 */
#include "sms/json.h"
#include "sms/proof.h"

#define KEY_BYTES      32u
#define BODY_MAX_BYTES (256u * 1024u)
#define TIME_MAX_BYTES 16u

static const char *secret_fault(struct bytes secret)
{
	uint8_t key[KEY_BYTES];

	return proof_read_b64(secret, key, sizeof(key))
	    ? NULL
	    : "the secret is Telnyx's public key, 44 characters of base64";
}

static bool is_signed(
    const struct sms_gateway *gateway, struct bytes message, const uint8_t *sig)
{
	uint8_t key[KEY_BYTES];
	bool held = false;

	for (size_t i = 0; i < gateway->n_secrets; i++) {
		held |= proof_read_b64(gateway->secrets[i], key, sizeof(key)) &&
		    signature_verify(key, message, sig) == TL_OK;
	}
	return held;
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *at = sms_header_find(request, "telnyx-timestamp");
	const struct bytes *given =
	    sms_header_find(request, "telnyx-signature-ed25519");
	uint8_t sig[SIGNATURE_BYTES];
	struct buf message;
	int64_t signed_s = 0;
	enum tl_err err;

	if (at == NULL || given == NULL ||
	    !proof_read_b64(*given, sig, sizeof(sig))) {
		*ret_why = "telnyx-timestamp and telnyx-signature-ed25519 (88"
			   " characters of base64) must be there, once each";
		return TL_EPROOF;
	}
	err = proof_read_time(*at, &signed_s, ret_why);
	if (err != TL_OK) {
		return err;
	}
	buf_init(&message, BODY_MAX_BYTES + TIME_MAX_BYTES);
	buf_put(&message, at->at, at->len);
	buf_put_str(&message, "|");
	buf_put(&message, request->body.at, request->body.len);
	err = buf_err(&message);
	if (err == TL_OK &&
	    !is_signed(gateway, bytes_of(message.data, message.len), sig)) {
		*ret_why = "the signature is not one over time and body with"
			   " this public key";
		err = TL_EPROOF;
	}
	buf_free(&message);
	return err != TL_OK
	    ? err
	    : proof_window(request, signed_s, PROOF_WINDOW_S, ret_why);
}

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "data.payload.id",
		.from = "data.payload.from.phone_number",
		.to = "data.payload.to.0.phone_number",
		.text = "data.payload.text",
		.subject = "data.payload.subject",
		.time = "data.payload.received_at",
	};
	struct bytes type, direction;
	struct sms_message *message;

	if (!sms_json_at_text(event, "data.event_type", &type) ||
	    !sms_json_at_text(event, "data.payload.direction", &direction) ||
	    type.len == 0) {
		return TL_EFORMAT;
	}
	if (!bytes_equal(type, bytes_str("message.received")) ||
	    (direction.len > 0 &&
		!bytes_equal(direction, bytes_str("inbound")))) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	if (!sms_json_message(event, &names, batch, message)) {
		return TL_EFORMAT;
	}
	message->units =
	    sms_json_count(sms_json_at(event, "data.payload.parts"));
	if (sms_json_count(sms_json_at(event, "meta.attempt")) > 1) {
		message->flags |= SMS_FLAG_TRIED_BEFORE;
	}
	sms_json_media(sms_json_at(event, "data.payload.media"), "url",
	    "content_type", batch, message);
	*ret_why = "the signature holds";
	return TL_OK;
}

const struct sms_adapter sms_telnyx = {
	.name = "telnyx",
	.source = "Telnyx: Receiving webhooks; telnyx-node, lib/Webhooks",
	.methods = SMS_POST,
	.body_max_bytes = BODY_MAX_BYTES,
	.trust = "signed",
	.secret_fault = secret_fault,
	.verify = verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
