/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Kannel's smsbox: POST (post-url) or GET (get-url) with Basic credentials
 * in the URL. The query's names are ours, given to the operator: id, from,
 * to, textb (%b, GET only), charset, coding, ts, udh, smsc.
 */
#include <strings.h>

#include "sms/concat.h"
#include "sms/decode.h"
#include "sms/form.h"
#include "sms/open_proof.h"
#include "sms/when.h"

/* ---- the text
 * ---------------------------------------------------------------- */

/* What %C gives: Kannel 1.4.5 sends the first of each kind. */
static const struct {
	const char *name;
	enum sms_encoding encoding;
} charsets[] = {
	{ "UTF-8", ENC_UTF8 },
	{ "US-ASCII", ENC_UTF8 },
	{ "UTF-16BE", ENC_UTF16BE },
	{ "UCS-2", ENC_UTF16BE },
	{ "8-BIT", ENC_BINARY },
	{ "BINARY", ENC_BINARY },
};

static enum sms_encoding of_charset(struct bytes name)
{
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
		if (name.len == strlen(charsets[i].name) &&
		    strncasecmp((const char *)name.at, charsets[i].name,
			name.len) == 0) {
			return charsets[i].encoding;
		}
	}
	return ENC_UNKNOWN;
}

/* %c: 0 is 7 bit, already UTF-8; 1 is 8 bit; 2 is UCS-2. */
static enum sms_encoding of_coding(struct bytes coding)
{
	if (coding.len == 0 || bytes_equal(coding, bytes_str("0"))) {
		return ENC_UTF8;
	}
	if (bytes_equal(coding, bytes_str("1"))) {
		return ENC_BINARY;
	}
	return bytes_equal(coding, bytes_str("2")) ? ENC_UTF16BE : ENC_UNKNOWN;
}

/* text/plain; charset="UTF-16BE" */
static struct bytes charset_of_type(const struct sms_request *request)
{
	static const char name[] = "charset=";
	const struct bytes *header = sms_header_find(request, "content-type");
	size_t name_len = sizeof(name) - 1;

	for (size_t i = 0; header != NULL && header->len - i > name_len; i++) {
		struct bytes value;

		if (strncasecmp((const char *)header->at + i, name, name_len) !=
		    0) {
			continue;
		}
		value = bytes_of(
		    header->at + i + name_len, header->len - i - name_len);
		if (value.len >= 2 && value.at[0] == '"' &&
		    value.at[value.len - 1] == '"') {
			value = bytes_of(value.at + 1, value.len - 2);
		}
		return value;
	}
	return bytes_of(NULL, 0);
}

static enum sms_encoding find_encoding(
    const struct sms_request *request, const struct form *query)
{
	struct bytes charset = form_value(query, "charset");
	struct bytes coding = form_value(query, "coding");

	if (charset.len == 0 && coding.len == 0 && !request->is_get) {
		charset = charset_of_type(request);
	}
	return charset.len > 0 ? of_charset(charset) : of_coding(coding);
}

/* ---- the message
 * ------------------------------------------------------------- */

/* A header of POST, or the query's field where it is missing. */
static struct bytes header_or(const struct sms_request *request,
    const char *header, const struct form *query, const char *name)
{
	const struct bytes *value =
	    request->is_get ? NULL : sms_header_find(request, header);

	return value != NULL ? *value : form_value(query, name);
}

/* The UDH is a field of the query, or a header of percent-encoded bytes. */
static void read_udh(const struct sms_request *request,
    const struct form *query, struct sms_batch *batch,
    struct sms_message *message)
{
	const struct bytes *header = sms_header_find(request, "x-kannel-udh");
	struct bytes udh = form_value(query, "udh");
	uint8_t *at;

	if (udh.len == 0 && !request->is_get && header != NULL &&
	    header->len > 0) {
		at = sms_batch_room(batch, header->len);
		if (at == NULL) {
			return;
		}
		udh = bytes_of(at, form_unescape(*header, true, at));
	}
	udh_apply(batch, message, udh);
}

static enum tl_err read_message(const struct sms_request *request,
    const struct form *query, struct sms_batch *batch, const char **ret_why)
{
	struct sms_message *message = sms_batch_add(batch);
	struct bytes text = request->body;

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id = sms_batch_keep(batch, form_value(query, "id"));
	message->from_raw = sms_batch_keep(
	    batch, header_or(request, "x-kannel-from", query, "from"));
	if (request->is_get) {
		const struct bytes *textb = form_last(query, "textb");

		if (textb == NULL) {
			*ret_why = "there is no field textb: put textb=%b into"
				   " the get-url of Kannel; kept as it is";
			return TL_EFORMAT;
		}
		text = *textb;
	}
	message->to = sms_batch_keep(
	    batch, header_or(request, "x-kannel-to", query, "to"));
	if (when_digits(form_value(query, "ts"), &message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	sms_decode(batch, message, find_encoding(request, query), text);
	read_udh(request, query, batch, message);
	*ret_why = "user and password are right";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	struct form *query = NULL;
	enum tl_err err = form_decode(request->query, &query);

	(void)gateway;
	if (err == TL_OK) {
		err = read_message(request, query, batch, ret_why);
	}
	form_free(query);
	return err;
}

const struct sms_adapter sms_kannel = {
	.name = "kannel",
	.source = "Kannel 1.4.5 user's guide, sms-service; captures",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.parse = parse,
	/* A body is sent to the phone as SMS; 204 counts as failure. */
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
