/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * MessageBird's old API: POST form or GET, with a signed token that has the
 * hashes of address and body. Numbers and short codes differ in their fields.
 */
#include "sms/jwt.h"
#include "sms/when.h"

#define HEADER   "messagebird-signature-jwt"
#define LEEWAY_S 5

static const char *const methods[] = { "hs256", "hs384", "hs512", NULL };
static const enum digest_kind kinds[] = { DIGEST_SHA256, DIGEST_SHA384,
	DIGEST_SHA512 };

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's signing key; this"
				" file is empty";
}

/* The hash of one of the addresses with the query as it came. */
static enum tl_err check_url(const struct sms_gateway *gateway,
    const struct sms_request *request, struct bytes hash, bool *held)
{
	const char *urls[] = { gateway->url, gateway->fallback_url };
	struct buf url;
	enum tl_err err = TL_OK;

	buf_init(&url, 64u * 1024u);
	for (size_t i = 0; err == TL_OK && i < 2; i++) {
		struct bytes bare = proof_url(urls[i]);

		buf_reset(&url);
		buf_put(&url, bare.at, bare.len);
		if (request->query.len > 0) {
			buf_put_str(&url, "?");
			buf_put(&url, request->query.at, request->query.len);
		}
		err = buf_err(&url);
		*held |= err == TL_OK && bare.len > 0 &&
		    proof_is_sha256(hash, bytes_of(url.data, url.len));
	}
	buf_free(&url);
	return err;
}

static enum tl_err check_hashes(const struct sms_gateway *gateway,
    const struct sms_request *request, const json_t *claims,
    const char **ret_why)
{
	bool has_body = json_object_get(claims, "payload_hash") != NULL;
	struct bytes url, body;
	bool held = false;
	enum tl_err err;

	*ret_why = "the token is for another address: compare url with the"
		   " console's, its query too";
	if (!sms_json_text(claims, "url_hash", &url) ||
	    !sms_json_text(claims, "payload_hash", &body)) {
		return TL_EPROOF;
	}
	err = check_url(gateway, request, url, &held);
	if (err != TL_OK || !held) {
		return err != TL_OK ? err : TL_EPROOF;
	}
	*ret_why = "the token is for another body";
	return has_body == (request->body.len > 0) &&
		(!has_body || proof_is_sha256(body, request->body))
	    ? TL_OK
	    : TL_EPROOF;
}

static enum tl_err check_claims(const struct sms_gateway *gateway,
    const struct sms_request *request, const json_t *claims,
    const char **ret_why)
{
	int64_t from_s = 0, until_s = 0;
	enum tl_err err;

	if (!sms_json_at_is(claims, "iss", "MessageBird") ||
	    json_string_length(json_object_get(claims, "jti")) == 0 ||
	    !jwt_time(claims, "nbf", &from_s) ||
	    !jwt_time(claims, "exp", &until_s)) {
		*ret_why = "the token lacks iss, jti, nbf or exp";
		return TL_EPROOF;
	}
	err = check_hashes(gateway, request, claims, ret_why);
	if (err == TL_OK &&
	    (request->now_s < from_s - LEEWAY_S ||
		request->now_s >= until_s + LEEWAY_S)) {
		*ret_why = "the token holds, but is for another minute: is the"
			   " clock of this host right?";
		err = TL_ESTALE;
	}
	return err;
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *token = sms_header_find(request, HEADER);
	json_t *claims = NULL;
	enum tl_err err =
	    jwt_verify(gateway, token == NULL ? bytes_of(NULL, 0) : *token,
		kinds[sms_sig_method(gateway)], &claims, ret_why);

	if (err == TL_OK) {
		err = check_claims(gateway, request, claims, ret_why);
	}
	json_decref(claims);
	return err;
}

/* The first of two names that is there. */
static struct bytes either(
    const struct form *form, const char *one, const char *other)
{
	const struct bytes *value = form_last(form, one);

	return value != NULL ? *value : form_value(form, other);
}

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	struct bytes mid = form_value(form, "mid");
	struct sms_message *message = sms_batch_add(batch);

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id =
	    sms_batch_keep(batch, mid.len > 0 ? mid : form_value(form, "id"));
	if (form_last(form, "originator") == NULL) {
		*ret_why = "genuine, but not a whole message: kept as it is";
		return TL_EFORMAT;
	}
	message->from_raw =
	    sms_batch_keep(batch, form_value(form, "originator"));
	message->to =
	    sms_batch_keep(batch, either(form, "recipient", "shortcode"));
	message->text = sms_batch_keep(batch, either(form, "body", "message"));
	if (when_any(either(form, "createdDatetime", "receive_datetime"),
		&message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		if ((bytes_equal(pair->name, bytes_str("mediaUrls")) ||
			bytes_equal(pair->name, bytes_str("mediaUrls[]"))) &&
		    pair->value.len > 0) {
			if (message->n_media == SMS_MEDIA_MAX) {
				message->flags |= SMS_FLAG_MORE_MEDIA;
				break;
			}
			message->media[message->n_media++].url =
			    sms_batch_keep(batch, pair->value);
		}
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	struct form *form = NULL;
	enum tl_err err = form_decode(
	    request->is_get ? request->query : request->body, &form);

	(void)gateway;
	if (err == TL_OK) {
		jwt_nonce(request, HEADER, batch);
		err = read_message(form, batch, ret_why);
	}
	form_free(form);
	return err;
}

const struct sms_adapter sms_messagebird = {
	.name = "messagebird",
	.source = "MessageBird: Receive SMS; messagebird-nodejs, 4.0.1",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.trust = "signed",
	.numbers = SMS_INTERNATIONAL,
	.sig_methods = methods,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	.kept = { .status = 200, .type = "text/plain", .body = "OK" },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
