/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * httpSMS, a phone as gateway: POST JSON (CloudEvents) with a bearer token
 * that covers address and time, and not the body.
 */
#include "sms/json.h"
#include "sms/jwt.h"

#define LEEWAY_S 5

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the webhook's signing key; this"
				" file is empty";
}

/* aud is a string or a list; one of its members must be our address. */
static bool is_for_us(const struct sms_gateway *gateway, const json_t *claims)
{
	const char *urls[] = { gateway->url, gateway->fallback_url };
	const json_t *aud = json_object_get(claims, "aud");
	size_t n = json_is_array(aud) ? json_array_size(aud) : 1;

	for (size_t i = 0; i < n; i++) {
		const json_t *one =
		    json_is_array(aud) ? json_array_get(aud, i) : aud;
		struct bytes text =
		    bytes_of(json_string_value(one), json_string_length(one));

		for (size_t u = 0; u < 2; u++) {
			if (text.len > 0 &&
			    bytes_equal(text, bytes_str(urls[u]))) {
				return true;
			}
		}
	}
	return false;
}

static enum tl_err check_claims(const struct sms_gateway *gateway,
    const struct sms_request *request, const json_t *claims,
    const char **ret_why)
{
	int64_t from_s = 0, until_s = 0;

	*ret_why = "the token is not of httpSMS, or for another address than"
		   " url";
	if (!sms_json_at_is(claims, "iss", "api.httpsms.com") ||
	    !is_for_us(gateway, claims) || !jwt_time(claims, "nbf", &from_s) ||
	    !jwt_time(claims, "exp", &until_s)) {
		return TL_EPROOF;
	}
	if (request->now_s < from_s - LEEWAY_S ||
	    request->now_s >= until_s + LEEWAY_S) {
		*ret_why = "the token holds, but is for another time: is the"
			   " clock of this host right?";
		return TL_ESTALE;
	}
	return TL_OK;
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

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "data.message_id",
		.from = "data.contact",
		.to = "data.owner",
		.text = "data.content",
		.time = "data.timestamp",
	};
	struct sms_message *message;

	if (!json_is_string(sms_json_at(event, "type"))) {
		return TL_EFORMAT;
	}
	if (!sms_json_at_is(event, "type", "message.phone.received")) {
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
	sms_json_media(sms_json_at(event, "data.attachments"), "url", "type",
	    batch, message);
	if (json_is_true(sms_json_at(event, "data.encrypted"))) {
		message->flags |= SMS_FLAG_ENCRYPTED;
	}
	*ret_why = "the token holds; it does not cover the text";
	return TL_OK;
}

const struct sms_adapter sms_httpsms = {
	.name = "httpsms",
	.source = "httpSMS: api/pkg/services/webhook_service (July 2026)",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.trust = "signed-address",
	.secret_fault = secret_fault,
	.verify = verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
