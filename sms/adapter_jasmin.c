/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Jasmin: POST or GET form, unsigned. content may be mangled; binary has the
 * same bytes in hexadecimal, and coding says what they are. Only the body
 * ACK/Jasmin ends its tries.
 */
#include "base/enc.h"
#include "sms/decode.h"
#include "sms/form_message.h"
#include "sms/open_proof.h"

/* SMPP's data_coding */
static enum sms_encoding of_coding(struct bytes coding)
{
	static const struct {
		const char *coding;
		enum sms_encoding encoding;
	} rows[] = {
		{ "", ENC_GSM7 },
		{ "0", ENC_GSM7 },
		{ "1", ENC_LATIN1 }, /* IA5, its lower half */
		{ "2", ENC_BINARY },
		{ "3", ENC_LATIN1 },
		{ "4", ENC_BINARY },
		{ "8", ENC_UTF16BE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (bytes_equal(coding, bytes_str(rows[i].coding))) {
			return rows[i].encoding;
		}
	}
	return ENC_UNKNOWN;
}

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	static const struct form_names names = { "id", "from", "to", "content",
		NULL };
	struct bytes hex = form_value(form, "binary");
	struct sms_message *message = form_take(form, &names, batch);
	uint8_t *bytes;
	size_t len = 0;

	if (message == NULL) {
		return form_take_fault(form, &names, batch, ret_why);
	}
	if (hex.len == 0) {
		return TL_OK;
	}
	bytes = sms_batch_room(batch, hex.len);
	if (bytes == NULL) {
		return sms_batch_err(batch);
	}
	if (dec_hex((const char *)hex.at, hex.len, bytes, hex.len, &len) !=
	    TL_OK) {
		*ret_why = "genuine, but its bytes are not hexadecimal: kept"
			   " as it is";
		return TL_EFORMAT;
	}
	message->text = bytes_of(NULL, 0);
	sms_decode(batch, message, of_coding(form_value(form, "coding")),
	    bytes_of(bytes, len));
	return TL_OK;
}

const struct sms_adapter sms_jasmin = {
	.name = "jasmin",
	.source = "Jasmin: deliverSmHttpThrower (April 2026)",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_form = read_message,
	.kept = { .status = 200, .type = "text/plain", .body = "ACK/Jasmin" },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
	.no_basic = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
