/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Clickatell: POST JSON, unsigned. With another charset than UTF-8 the string
 * holds percent-encoded bytes of that charset.
 */
#include <strings.h>

#include "base/enc.h"
#include "sms/concat.h"
#include "sms/decode.h"
#include "sms/form.h"
#include "sms/json.h"
#include "sms/open_proof.h"

static enum sms_encoding of_charset(struct bytes name)
{
	static const struct {
		const char *name;
		enum sms_encoding encoding;
	} rows[] = {
		{ "", ENC_UTF8 },
		{ "UTF-8", ENC_UTF8 },
		{ "ISO-8859-1", ENC_LATIN1 },
		{ "UTF-16BE", ENC_UTF16BE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (name.len != strlen(rows[i].name)) {
			continue;
		}
		if (name.len == 0 ||
		    strncasecmp(
			(const char *)name.at, rows[i].name, name.len) == 0) {
			return rows[i].encoding;
		}
	}
	return ENC_UNKNOWN;
}

static bool read_text(
    const json_t *event, struct sms_batch *batch, struct sms_message *message)
{
	struct bytes text = message->text;
	struct bytes charset;
	enum sms_encoding encoding;
	uint8_t *bytes;

	if (!sms_json_at_text(event, "charset", &charset)) {
		return false;
	}
	encoding = of_charset(charset);
	if (encoding == ENC_UTF8 || text.len == 0) {
		return true;
	}
	bytes = sms_batch_room(batch, text.len);
	if (bytes != NULL) {
		message->text = bytes_of(NULL, 0);
		sms_decode(batch, message, encoding,
		    bytes_of(bytes, form_unescape(text, true, bytes)));
	}
	return true;
}

static bool read_udh(
    const json_t *event, struct sms_batch *batch, struct sms_message *message)
{
	uint8_t udh[256];
	struct bytes hex;
	size_t len = 0;

	if (!sms_json_at_text(event, "udh", &hex) ||
	    dec_hex((const char *)hex.at, hex.len, udh, sizeof(udh), &len) !=
		TL_OK) {
		return false;
	}
	udh_apply(batch, message, bytes_of(udh, len));
	return true;
}

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "messageId",
		.from = "fromNumber",
		.to = "toNumber",
		.text = "text",
	};
	struct sms_message *message;

	if (!json_is_object(event)) {
		return TL_EFORMAT;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	if (!sms_json_message(event, &names, batch, message) ||
	    json_object_get(event, "text") == NULL ||
	    !read_text(event, batch, message) ||
	    !read_udh(event, batch, message)) {
		return TL_EFORMAT;
	}
	message->sent_s =
	    json_integer_value(sms_json_at(event, "timestamp")) / 1000;
	*ret_why = "the proof holds";
	return TL_OK;
}

const struct sms_adapter sms_clickatell = {
	.name = "clickatell",
	.source = "Clickatell: Two-way callbacks",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.join = SMS_JOIN_DESK,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
