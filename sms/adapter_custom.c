/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A gateway with a contract of its own, as the configuration tells it. What
 * the options mean is in sms/custom.c, how a request is read is here.
 */
#include "base/enc.h"
#include "sms/concat.h"
#include "sms/custom_source.h"
#include "sms/open_proof.h"
#include "sms/proof.h"

#define SECRET_MIN_BYTES 16u

static const char *secret_fault(struct bytes secret)
{
	return secret.len >= SECRET_MIN_BYTES
	    ? NULL
	    : "the secret has 16 characters or more; for custom_proof = secret"
	      " it is user:password, or a segment of the path";
}

/* ---- proof -----------------------------------------------------------------
 */

static enum tl_err has_secret_field(const struct sms_gateway *gateway,
    const struct sms_custom *custom, const struct sms_request *request,
    bool *ret_held)
{
	struct custom_source source;
	enum tl_err err = custom_source_open(custom, request, &source);

	if (err == TL_EFORMAT) {
		err = custom_source_open_mended(custom, request, &source);
	}
	if (err == TL_OK) {
		struct bytes given = custom_value(&source, custom->proof_name);

		for (size_t i = 0; i < gateway->n_secrets; i++) {
			*ret_held |=
			    proof_is_secret(gateway->secrets[i], given);
		}
	}
	custom_source_free(&source);
	/* what cannot be read proves nothing */
	return err == TL_ENOMEM ? err : TL_OK;
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct sms_custom *custom = gateway->custom;
	const struct bytes *given;
	uint8_t mac[DIGEST_SHA256_BYTES];
	bool held = false;
	enum tl_err err = TL_OK;

	if (custom == NULL || custom->proof == PROOF_OPEN) {
		return open_verify(gateway, request, ret_why);
	}
	given = sms_header_find(request, custom->proof_name);
	if (custom->proof == PROOF_FIELD) {
		err = has_secret_field(gateway, custom, request, &held);
	} else if (given != NULL &&
	    (custom->proof == PROOF_HMAC_HEX
		    ? proof_read_hex(*given, mac, sizeof(mac))
		    : proof_read_b64(*given, mac, sizeof(mac)))) {
		err = proof_hmac(
		    gateway, DIGEST_SHA256, &request->body, 1, mac, &held);
	}
	if (err == TL_OK && !held) {
		*ret_why = "the field or header that custom_proof names does"
			   " not prove this gateway's secret";
		err = TL_EPROOF;
	}
	return err;
}

/* ---- the message ------------------------------------------------------------
 */

/* The text as it was sent; at is NULL if there is none. */
static struct bytes text_of(
    struct custom_source *source, const struct sms_request *request)
{
	struct bytes body = request->body;

	if (source->custom->body != BODY_TEXT || request->is_get) {
		return custom_field_of(source, CUSTOM_TEXT);
	}
	return bytes_of(
	    body.len == 0 ? (const uint8_t *)"" : body.at, body.len);
}

/* Text and part numbers; TL_EFORMAT if they are not as configured. */
static enum tl_err read_text(struct custom_source *source,
    const struct sms_request *request, struct sms_batch *batch,
    struct sms_message *message)
{
	enum sms_encoding charset = custom_charset(source);
	struct bytes hex = custom_field_of(source, CUSTOM_UDH);
	uint8_t udh[256];
	size_t udh_len = 0;
	struct bytes text;

	if (dec_hex((const char *)hex.at, hex.len, udh, sizeof(udh),
		&udh_len) != TL_OK) {
		return TL_EFORMAT;
	}
	text = text_of(source, request); /* the last: it is borrowed */
	if (text.at == NULL || source->is_odd ||
	    !custom_unwrap(source->custom, text, batch, &text)) {
		return TL_EFORMAT;
	}
	sms_decode(batch, message, charset, text);
	udh_apply(batch, message, bytes_of(udh, udh_len));
	return TL_OK;
}

static enum tl_err read_message(struct custom_source *source,
    const struct sms_request *request, struct sms_batch *batch)
{
	bool is_text = source->custom->body == BODY_TEXT && !request->is_get;
	struct sms_message *message = sms_batch_add(batch);
	enum tl_err err;

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id =
	    sms_batch_keep(batch, custom_field_of(source, CUSTOM_ID));
	message->from_raw =
	    sms_batch_keep(batch, custom_field_of(source, CUSTOM_FROM));
	message->to = sms_batch_keep(batch, custom_field_of(source, CUSTOM_TO));
	custom_time(source, message);
	err = read_text(source, request, batch, message);
	if (err == TL_EFORMAT && is_text) {
		/* whole is the body; who sent it stands in the query */
		message->kind = SMS_UNDECODABLE;
		message->data = sms_batch_keep(batch, request->body);
		return TL_OK;
	}
	return err == TL_OK && !custom_files(source, batch, message)
	    ? TL_EFORMAT
	    : err;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	const struct sms_custom *custom = gateway->custom;
	struct custom_source source;
	enum tl_err err = custom_source_open(custom, request, &source);

	*ret_why = "genuine, but not as the configuration says: kept as it is";
	if (err == TL_OK && custom->probe_name[0] != '\0' &&
	    bytes_equal(custom_value(&source, custom->probe_name),
		bytes_str(custom->probe_value))) {
		*ret_why = "a probe or a report: nothing to keep";
	} else if (err == TL_OK) {
		err = read_message(&source, request, batch);
		*ret_why = err == TL_OK &&
			sms_batch_at(batch, 0)->kind != SMS_UNDECODABLE
		    ? "the proof holds"
		    : *ret_why;
	}
	custom_source_free(&source);
	return err;
}

const struct sms_adapter sms_custom = {
	.name = "custom",
	.source = "the configuration",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 256 * 1024,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
