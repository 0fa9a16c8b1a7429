/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Vonage's Messages API: POST JSON, with a bearer token that has the body's
 * hash. Its keys are of the account, so the account's api_key is compared.
 */
#include <stdio.h>

#include "sms/json.h"
#include "sms/jwt.h"

/* Whether a push that is repeated is signed anew is not documented; if it is
 * not, this is for how long they go on. */
#define PUSHES_S (25 * 3600)

static const char *const methods[] = { "fresh", "late", NULL };
#define METHOD_LATE 1u

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's signature secret;"
				" this file is empty";
}

static enum tl_err check_claims(const struct sms_gateway *gateway,
    const struct sms_request *request, const json_t *claims,
    const char **ret_why)
{
	const char *account = gateway->account;
	int64_t made_s = 0, until_s = 0;
	struct bytes hash;

	*ret_why = "the token is not of Vonage, or of another account";
	if (!sms_json_at_is(claims, "iss", "Vonage") ||
	    (account != NULL && account[0] != '\0' &&
		!sms_json_at_is(claims, "api_key", account))) {
		return TL_EPROOF;
	}
	*ret_why = "the token has no time, or is for another body";
	if (!jwt_time(claims, "iat", &made_s) ||
	    !sms_json_text(claims, "payload_hash", &hash) ||
	    !proof_is_sha256(hash, request->body)) {
		return TL_EPROOF;
	}
	if (json_object_get(claims, "exp") != NULL &&
	    (!jwt_time(claims, "exp", &until_s) || request->now_s >= until_s)) {
		*ret_why = "the token has expired";
		return TL_ESTALE;
	}
	return proof_window(request, made_s,
	    sms_sig_method(gateway) == METHOD_LATE ? PUSHES_S : PROOF_WINDOW_S,
	    ret_why);
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	json_t *claims = NULL;
	enum tl_err err = jwt_verify(
	    gateway, jwt_bearer(request), DIGEST_SHA256, &claims, ret_why);

	if (err == TL_OK) {
		err = check_claims(gateway, request, claims, ret_why);
	}
	json_decref(claims);
	return err;
}

/* A picture has its address, and its words in a caption. */
static bool read_media(
    const json_t *event, struct sms_batch *batch, struct sms_message *message)
{
	static const char *const kinds[] = { "image", "audio", "video", "file",
		"sticker", "vcard" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const json_t *media = json_object_get(event, kinds[i]);
		struct bytes url, caption;

		if (!sms_json_at_is(event, "message_type", kinds[i])) {
			continue;
		}
		if (!sms_json_at_text(media, "url", &url) ||
		    !sms_json_at_text(media, "caption", &caption)) {
			return false;
		}
		message->text = sms_batch_keep(batch, caption);
		message->media[0].type =
		    sms_batch_keep(batch, bytes_str(kinds[i]));
		message->media[0].url = sms_batch_keep(batch, url);
		message->n_media = 1;
		return true;
	}
	return sms_json_at_is(event, "message_type", "text");
}

static const char *channel_of(const json_t *event)
{
	if (sms_json_at_is(event, "channel", "whatsapp")) {
		return "whatsapp";
	}
	return sms_json_at_is(event, "channel", "sms") ||
		sms_json_at_is(event, "channel", "mms")
	    ? "sms"
	    : "other";
}

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "message_uuid",
		.from = "from",
		.to = "to",
		.text = "text",
		.time = "timestamp",
	};
	struct sms_message *message;

	if (sms_json_at(event, "status") != NULL &&
	    sms_json_at(event, "message_type") == NULL) {
		*ret_why = "a report on a text that was sent: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->channel = channel_of(event);
	if (!sms_json_message(event, &names, batch, message) ||
	    !read_media(event, batch, message)) {
		return TL_EFORMAT;
	}
	message->units = sms_json_count(sms_json_at(event, "sms.num_messages"));
	*ret_why = "the signature holds";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	(void)gateway;
	jwt_nonce(request, "authorization", batch);
	return sms_json_parse(request->body, read_event, batch, ret_why);
}

const struct sms_adapter sms_vonage_messages = {
	.name = "vonage-messages",
	.source = "Vonage: Messages API, inbound message; Signed webhooks",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.trust = "signed",
	.numbers = SMS_INTERNATIONAL,
	.sig_methods = methods,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
