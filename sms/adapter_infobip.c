/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Infobip: POST JSON with many messages, all kept or none. Basic or a segment
 * of the path: the name of the header of its HMAC is not documented. text is
 * whole; in cleanText the keyword is cut off.
 */
#include "sms/json.h"
#include "sms/open_proof.h"

/* An MMS has pieces: texts are joined by a newline, the rest is media. */
static bool read_pieces(
    const json_t *pieces, struct sms_batch *batch, struct sms_message *message)
{
	struct buf text;
	const json_t *piece;
	size_t i;
	bool good = true;

	buf_init(&text, SMS_TEXT_MAX_BYTES * 4);
	json_array_foreach(pieces, i, piece)
	{
		struct bytes value;

		good = good && sms_json_at_text(piece, "value", &value);
		if (good && value.len > 0 &&
		    sms_json_at_is(piece, "contentType", "text/plain")) {
			buf_put_str(&text, text.len > 0 ? "\n" : "");
			buf_put(&text, value.at, value.len);
		}
	}
	good = good && buf_err(&text) == TL_OK;
	message->text = sms_batch_keep(batch, bytes_of(text.data, text.len));
	sms_json_media(pieces, "url", "contentType", batch, message);
	buf_free(&text);
	return good;
}

static bool read_result(
    const json_t *result, struct sms_batch *batch, struct sms_message *message)
{
	static const struct sms_json_names names = {
		.id = "messageId",
		.from = "from",
		.to = "to",
		.text = "text",
		.time = "receivedAt",
	};
	const json_t *pieces = sms_json_at(result, "message");

	/* an object is a messenger's: WhatsApp has its words there */
	if (json_is_object(pieces)) {
		message->channel =
		    sms_json_at_is(result, "integrationType", "WHATSAPP")
		    ? "whatsapp"
		    : "other";
	}
	message->units = sms_json_count(sms_json_at(result, "smsCount"));
	return sms_json_message(result, &names, batch, message) &&
	    !json_is_object(pieces) &&
	    (!json_is_array(pieces) || read_pieces(pieces, batch, message));
}

static enum tl_err read_results(
    const json_t *json, struct sms_batch *batch, const char **ret_why)
{
	const json_t *results = sms_json_at(json, "results");
	bool more_waits =
	    sms_json_count(sms_json_at(json, "pendingMessageCount")) > 0;
	const json_t *result;
	bool good = true;
	size_t i;

	if (!json_is_array(results)) {
		return TL_EFORMAT;
	}
	*ret_why = json_array_size(results) > 0
	    ? "the proof holds"
	    : "an empty batch: nothing to keep";
	json_array_foreach(results, i, result)
	{
		struct sms_message *message = sms_batch_add(batch);

		if (message == NULL) {
			return sms_batch_err(batch);
		}
		/* behind one that cannot be read, too: whose message is it
		 * that is kept whole? */
		good = read_result(result, batch, message) && good;
		message->flags |= more_waits ? SMS_FLAG_MORE_WAITS : 0;
	}
	return good ? TL_OK : TL_EFORMAT;
}

const struct sms_adapter sms_infobip = {
	.name = "infobip",
	.source = "Infobip: Receive inbound SMS",
	.methods = SMS_POST,
	.body_max_bytes = 1024 * 1024,
	.numbers = SMS_INTERNATIONAL,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_json = read_results,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
