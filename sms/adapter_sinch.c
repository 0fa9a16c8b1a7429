/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Sinch's SMS API: POST JSON, HMAC-SHA256 over body, nonce and time. It gives
 * up after any 4xx but 429, so a failed proof is 503.
 *
 * Its documents do not say whether a try that is made again is signed again.
 * If it is not, a window of minutes would lose every text of an outage that is
 * longer; and a wide one costs nothing, since a nonce is good for one body and
 * the message's id is known for longer than any window. So what was signed is
 * taken for as long as Sinch tries.
 */
#include "sms/concat.h"
#include "sms/json.h"
#include "sms/proof.h"

/* Waits of 5, 10, 20 ... 81,920 s make 45 h 31 min. */
#define TRIES_S (46 * 3600)

static const char *const methods[] = { "late", "fresh", NULL };
#define METHOD_FRESH 1u

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the webhook's secret; this file"
				" is empty";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *given =
	    sms_header_find(request, "x-sinch-webhook-signature");
	const struct bytes *nonce =
	    sms_header_find(request, "x-sinch-webhook-signature-nonce");
	const struct bytes *at =
	    sms_header_find(request, "x-sinch-webhook-signature-timestamp");
	const struct bytes *algorithm =
	    sms_header_find(request, "x-sinch-webhook-signature-algorithm");
	uint8_t mac[DIGEST_SHA256_BYTES];
	bool held = false;
	int64_t signed_s = 0;
	enum tl_err err;

	if (given == NULL || nonce == NULL || nonce->len == 0 || at == NULL ||
	    !proof_read_b64(*given, mac, sizeof(mac)) ||
	    (algorithm != NULL &&
		!bytes_equal(*algorithm, bytes_str("HmacSHA256")))) {
		*ret_why = "x-sinch-webhook-signature, -nonce and -timestamp"
			   " must be there, once each: the account manager"
			   " switches signing on";
		return TL_EPROOF;
	}
	const struct bytes pieces[] = { request->body, bytes_str("."), *nonce,
		bytes_str("."), *at };

	err = proof_hmac(gateway, DIGEST_SHA256, pieces, 5, mac, &held);
	if (err != TL_OK) {
		return err;
	}
	if (!held) {
		*ret_why = "the signature is not one over body, nonce and time"
			   " with this gateway's secret";
		return TL_EPROOF;
	}
	err = proof_read_time(*at, &signed_s, ret_why);
	return err != TL_OK
	    ? err
	    : proof_window(request, signed_s,
		  sms_sig_method(gateway) == METHOD_FRESH ? PROOF_WINDOW_S
							  : TRIES_S,
		  ret_why);
}

/* Text, or what a text is taken from when media come with it. */
static const struct sms_json_names names = {
	.id = "id",
	.from = "from",
	.to = "to",
	.text = "body",
	.time = "received_at",
};
static const struct sms_json_names names_media = {
	.id = "id",
	.from = "from",
	.to = "to",
	.text = "body.message",
	.time = "received_at",
};

static bool read_binary(
    const json_t *event, struct sms_batch *batch, struct sms_message *message)
{
	struct bytes body, udh;

	message->text = bytes_of(NULL, 0);
	return sms_json_at_text(event, "body", &body) &&
	    sms_json_at_text(event, "udh", &udh) &&
	    sms_binary_b64(batch, message, body, udh);
}

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	bool text = sms_json_at_is(event, "type", "mo_text");
	bool binary = sms_json_at_is(event, "type", "mo_binary");
	bool media = sms_json_at_is(event, "type", "mo_media");
	struct sms_message *message;

	if (!json_is_string(sms_json_at(event, "type"))) {
		return TL_EFORMAT;
	}
	if (!text && !binary && !media) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	if (!sms_json_message(
		event, media ? &names_media : &names, batch, message) ||
	    (binary && !read_binary(event, batch, message))) {
		return TL_EFORMAT;
	}
	if (media) {
		sms_json_media(sms_json_at(event, "body.media"), "url",
		    "content_type", batch, message);
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	const struct bytes *nonce =
	    sms_header_find(request, "x-sinch-webhook-signature-nonce");

	(void)gateway;
	if (nonce != NULL) {
		sms_batch_set_nonce(batch, *nonce);
	}
	return sms_json_parse(request->body, read_event, batch, ret_why);
}

const struct sms_adapter sms_sinch = {
	.name = "sinch",
	.source = "Sinch: SMS callbacks; sinch-sdk-node, authorization.helper",
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
