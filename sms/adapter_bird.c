/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Bird, MessageBird's successor: POST JSON, HMAC-SHA256 over time, address
 * and the body's hash. Its outer members are not documented; ours are below
 * payload.
 */
#include "sms/json.h"
#include "sms/proof.h"

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the webhook's signing key; this"
				" file is empty";
}

static enum tl_err try_urls(const struct sms_gateway *gateway,
    const struct sms_request *request, struct bytes at, const uint8_t *mac,
    bool *held)
{
	const char *urls[] = { gateway->url, gateway->fallback_url };
	uint8_t hash[DIGEST_SHA256_BYTES];
	enum tl_err err = TL_OK;

	digest_sha256(hash, request->body);
	for (size_t i = 0; err == TL_OK && i < 2; i++) {
		const struct bytes pieces[] = { at, bytes_str("\n"),
			proof_url(urls[i]),
			bytes_str(request->query.len > 0 ? "?" : ""),
			request->query, bytes_str("\n"),
			bytes_of(hash, sizeof(hash)) };

		if (pieces[2].len > 0) {
			err = proof_hmac(gateway, DIGEST_SHA256, pieces,
			    sizeof(pieces) / sizeof(pieces[0]), mac, held);
		}
	}
	return err;
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *given =
	    sms_header_find(request, "messagebird-signature");
	const struct bytes *at =
	    sms_header_find(request, "messagebird-request-timestamp");
	uint8_t mac[DIGEST_SHA256_BYTES];
	bool held = false;
	int64_t signed_s = 0;
	enum tl_err err;

	if (given == NULL || at == NULL ||
	    !proof_read_b64(*given, mac, sizeof(mac))) {
		*ret_why = "messagebird-signature and"
			   " messagebird-request-timestamp must be there, once"
			   " each";
		return TL_EPROOF;
	}
	err = try_urls(gateway, request, *at, mac, &held);
	if (err == TL_OK && !held) {
		*ret_why = "the signature is not one over time, url and body"
			   " with this gateway's key: compare url and key with"
			   " the console's";
		err = TL_EPROOF;
	}
	if (err == TL_OK) {
		err = proof_read_time(*at, &signed_s, ret_why);
	}
	return err != TL_OK
	    ? err
	    : proof_window(request, signed_s, PROOF_WINDOW_S, ret_why);
}

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "payload.id",
		.from = "payload.sender.contact.identifierValue",
		.to = "payload.receiver.connector.identifierValue",
		.text = "payload.body.text.text",
		.time = "payload.createdAt",
	};
	struct bytes direction, channel;
	struct sms_message *message;

	if (!sms_json_at_text(event, "payload.direction", &direction)) {
		return TL_EFORMAT;
	}
	if (direction.len > 0 &&
	    !bytes_equal(direction, bytes_str("incoming"))) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	/* pictures and lists have their words elsewhere */
	if (!sms_json_message(event, &names, batch, message) ||
	    !sms_json_at_is(event, "payload.body.type", "text")) {
		return TL_EFORMAT;
	}
	/* Which of our lines: documented is the id of it alone. */
	if (message->to.len == 0 &&
	    sms_json_at_text(
		event, "payload.receiver.connector.id", &channel)) {
		message->to = sms_batch_keep(batch, channel);
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

const struct sms_adapter sms_bird = {
	.name = "bird",
	.source = "Bird: Channels API, webhook subscriptions",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.trust = "signed",
	.secret_fault = secret_fault,
	.verify = verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
