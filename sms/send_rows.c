/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One row for each provider through which texts can go. What an answer of a
 * kind that its document does not describe means is SEND_UNKNOWN.
 */
#include <string.h>

#include "base/enc.h"
#include "sms/json.h"
#include "sms/send_row.h"
#include "sms/when.h"
#include "text/utf8.h"

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static struct bytes from_of(const struct send_what *what)
{
	return bytes_str(what->account->from);
}

/* Our number without its plus, for those who want none. */
static struct bytes bare_from(const struct send_what *what)
{
	struct bytes from = from_of(what);

	return from.len > 0 && from.at[0] == '+'
	    ? bytes_of(from.at + 1, from.len - 1)
	    : from;
}

static int dump(const char *bytes, size_t len, void *arg)
{
	buf_put(arg, bytes, len);
	return 0;
}

/* The body is json, which is given away. */
static void put_json(struct send_call *call, json_t *json)
{
	call->method = PROVIDER_POST;
	call->type = JSON;
	if (json == NULL ||
	    json_dump_callback(json, dump, &call->body, JSON_COMPACT) != 0) {
		call->body.err = TL_ENOMEM;
	}
	json_decref(json);
}

static json_t *text_of(struct bytes bytes)
{
	return json_stringn((const char *)bytes.at, bytes.len);
}

/* ---- what was answered ----------------------------------------------------
 */

static json_t *load(struct bytes body)
{
	json_t *json = NULL;

	return sms_json_load(body, &json) == TL_OK ? json : NULL;
}

static void take_id(const json_t *value, struct buf *id)
{
	const char *text = json_string_value(value);

	if (text != NULL && strlen(text) <= SEND_ID_MAX_BYTES) {
		buf_put_str(id, text);
	}
}

/* The first element of the list of this name. */
static const json_t *first_of(const json_t *json, const char *name)
{
	return json_array_get(json_object_get(json, name), 0);
}

/* A whole number, or a string of digits. What is neither is no code, least of
 * all 0, which says that all went well. */
#define NO_CODE (-1)
static int64_t code_of(const json_t *value)
{
	int64_t code = NO_CODE;

	if (json_is_integer(value)) {
		return json_integer_value(value);
	}
	if (json_is_string(value) &&
	    when_digits(
		bytes_of(json_string_value(value), json_string_length(value)),
		&code) != TL_OK) {
		return NO_CODE;
	}
	return code;
}

/* ---- Twilio, and Somleng, which is modelled on it --------------------------
 */

static void make_twilio_like(
    const struct send_what *what, const char *end, struct send_call *call)
{
	call->method = PROVIDER_POST;
	call->type = FORM;
	call->basic = true;
	send_put_base(what, &call->url);
	buf_put_str(&call->url, "/2010-04-01/Accounts/");
	send_put_encoded(&call->url, bytes_str(what->account->account));
	buf_put_str(&call->url, end);
	send_put_field(&call->body, "To", what->to);
	send_put_field(&call->body, "From", from_of(what));
	send_put_field(&call->body, "Body", what->text);
	send_put_field(&call->body, "ValidityPeriod", bytes_str("300"));
}
_Static_assert(SEND_VALID_S == 300, "as it is written above");

static void make_twilio(const struct send_what *what, struct send_call *call)
{
	make_twilio_like(what, "/Messages.json", call);
}

static void make_somleng(const struct send_what *what, struct send_call *call)
{
	make_twilio_like(what, "/Messages", call);
}

/* 21610: has said STOP. 21211, 21214, 21614: no number that takes texts.
 * 20429: too many. */
static enum send_said said_twilio(int status, struct bytes body, struct buf *id)
{
	json_t *json = load(body);
	int64_t code = code_of(json_object_get(json, "code"));
	enum send_said said = send_status_said(status);

	if (status == 201) {
		take_id(json_object_get(json, "sid"), id);
		said = SEND_TAKEN;
	} else if (status >= 400 && code == 20429) {
		said = SEND_LATER;
	} else if (status == 400 &&
	    (code == 21610 || code == 21211 || code == 21214 ||
		code == 21614)) {
		said = SEND_NEVER;
	}
	json_decref(json);
	return said;
}

const struct send_row send_twilio = {
	.type = "twilio",
	.api_url = "https://api.twilio.com",
	.source = "twilio.com/docs/messaging/api/message-resource",
	.wants_account = true,
	.wants_from = true,
	.is_signed = true,
	.make = make_twilio,
	.said = said_twilio,
};

const struct send_row send_somleng = {
	.type = "somleng",
	.api_url = "https://api.somleng.org",
	.source = "somleng.org/docs/twilio_api, Messages",
	.wants_account = true,
	.wants_from = true,
	.is_signed = true,
	.make = make_somleng,
	.said = said_twilio,
};

/* ---- Vonage ----------------------------------------------------------------
 */

static void make_vonage(const struct send_what *what, struct send_call *call)
{
	call->method = PROVIDER_POST;
	call->type = FORM;
	call->basic = true;
	send_put_base(what, &call->url);
	buf_put_str(&call->url, "/sms/json");
	send_put_field(&call->body, "from", bare_from(what));
	send_put_field(&call->body, "to", what->digits);
	send_put_field(&call->body, "type", bytes_str("unicode"));
	send_put_field(&call->body, "ttl", bytes_str("300000"));
	send_put_field(&call->body, "text", what->text);
}

/* 1: throttled; 6, 7: the number is none, or barred. 5 is an error of theirs;
 * what follows 33 has no meaning yet. */
static enum send_said part_said_vonage(const json_t *part)
{
	int64_t code = code_of(json_object_get(part, "status"));

	return code == 0                         ? SEND_TAKEN
	    : code == 1                          ? SEND_LATER
	    : code == 6 || code == 7             ? SEND_NEVER
	    : code < 0 || code == 5 || code > 33 ? SEND_UNKNOWN
						 : SEND_REFUSED;
}

/* HTTP says 200 whatever happened. A long text has an answer for each of its
 * parts: if they are not of one mind, some of it may have gone. */
static enum send_said said_vonage(int status, struct bytes body, struct buf *id)
{
	json_t *json = load(body);
	const json_t *parts = json_object_get(json, "messages");
	enum send_said said = send_status_said(status);

	if (json_array_size(parts) > 0) {
		said = part_said_vonage(json_array_get(parts, 0));
	}
	for (size_t i = 1; i < json_array_size(parts); i++) {
		if (part_said_vonage(json_array_get(parts, i)) != said) {
			said = SEND_UNKNOWN;
		}
	}
	if (said == SEND_TAKEN) {
		take_id(
		    json_object_get(first_of(json, "messages"), "message-id"),
		    id);
	}
	json_decref(json);
	return said;
}

const struct send_row send_vonage = {
	.type = "vonage-sms",
	.api_url = "https://rest.nexmo.com",
	.source = "developer.vonage.com/en/api/sms, Troubleshooting",
	.wants_account = true,
	.wants_from = true,
	.is_signed = true,
	.make = make_vonage,
	.said = said_vonage,
};

/* ---- Plivo -----------------------------------------------------------------
 */

static void make_plivo(const struct send_what *what, struct send_call *call)
{
	call->basic = true;
	send_put_base(what, &call->url);
	buf_put_str(&call->url, "/v1/Account/");
	send_put_encoded(&call->url, bytes_str(what->account->account));
	buf_put_str(&call->url, "/Message/");
	put_json(call,
	    json_pack("{s:o, s:o, s:o}", "src", text_of(bare_from(what)), "dst",
		text_of(what->digits), "text", text_of(what->text)));
}

static enum send_said said_plivo(int status, struct bytes body, struct buf *id)
{
	json_t *json = load(body);
	enum send_said said = send_status_said(status);

	if (status >= 200 && status < 300) {
		take_id(first_of(json, "message_uuid"), id);
		said = SEND_TAKEN;
	}
	json_decref(json);
	return said;
}

const struct send_row send_plivo = {
	.type = "plivo",
	.api_url = "https://api.plivo.com",
	.source = "plivo.com/docs/messaging/api/message",
	.wants_account = true,
	.wants_from = true,
	.is_signed = true,
	.make = make_plivo,
	.said = said_plivo,
};

/* ---- Infobip ---------------------------------------------------------------
 */

static void make_infobip(const struct send_what *what, struct send_call *call)
{
	call->header = "Authorization";
	buf_put_str(&call->header_value, "App ");
	buf_put_str(&call->header_value, what->account->password);
	send_put_base(what, &call->url);
	buf_put_str(&call->url, "/sms/3/messages");
	put_json(call,
	    json_pack("{s:[{s:o, s:[{s:o}], s:{s:o}, s:{s:{s:i, s:s}}}]}",
		"messages", "sender", text_of(bare_from(what)), "destinations",
		"to", text_of(what->digits), "content", "text",
		text_of(what->text), "options", "validityPeriod", "amount", 5,
		"timeUnit", "MINUTES"));
}

/* Groups of status: 1 pending, 3 delivered, 2 undeliverable, 4 expired, 5
 * rejected. Of 0, accepted, nobody says what became. */
static enum send_said said_infobip(
    int status, struct bytes body, struct buf *id)
{
	json_t *json = load(body);
	const json_t *first = first_of(json, "messages");
	int64_t group = code_of(
	    json_object_get(json_object_get(first, "status"), "groupId"));
	enum send_said said = send_status_said(status);

	if (status >= 200 && status < 300 && group > 0) {
		said = group == 1 || group == 3 ? SEND_TAKEN
		    : group == 2                ? SEND_NEVER
		    : group == 4 || group == 5  ? SEND_REFUSED
						: SEND_UNKNOWN;
		take_id(json_object_get(first, "messageId"), id);
	}
	json_decref(json);
	return said;
}

const struct send_row send_infobip = {
	.type = "infobip",
	.source = "infobip.com/docs/api/channels/sms, Send SMS messages v3",
	.wants_from = true,
	.make = make_infobip,
	.said = said_infobip,
};

/* ---- Africa's Talking ------------------------------------------------------
 */

static void make_africastalking(
    const struct send_what *what, struct send_call *call)
{
	call->method = PROVIDER_POST;
	call->type = FORM;
	call->header = "apikey";
	buf_put_str(&call->header_value, what->account->password);
	send_put_base(what, &call->url);
	buf_put_str(&call->url, "/version1/messaging");
	send_put_field(
	    &call->body, "username", bytes_str(send_user(what->account)));
	send_put_field(&call->body, "to", what->to);
	send_put_field(&call->body, "from", from_of(what));
	send_put_field(&call->body, "message", what->text);
}

/* 100 to 102: on its way. 403, 404, 406: no such number, or it wants none. 500,
 * 501: "could not route" and internal errors. */
static enum send_said said_africastalking(
    int status, struct bytes body, struct buf *id)
{
	json_t *json = load(body);
	const json_t *first =
	    first_of(json_object_get(json, "SMSMessageData"), "Recipients");
	int64_t code = code_of(json_object_get(first, "statusCode"));
	enum send_said said = send_status_said(status);

	if (status >= 200 && status < 300 && first != NULL) {
		said = code >= 100 && code <= 102               ? SEND_TAKEN
		    : code == 403 || code == 404 || code == 406 ? SEND_NEVER
		    : code >= 400 && code < 500                 ? SEND_REFUSED
								: SEND_UNKNOWN;
		take_id(json_object_get(first, "messageId"), id);
	}
	json_decref(json);
	return said;
}

const struct send_row send_africastalking = {
	.type = "africastalking",
	.api_url = "https://api.africastalking.com",
	.source = "developers.africastalking.com/docs/sms/sending/bulk",
	.wants_account = true,
	.wants_from = true,
	.make = make_africastalking,
	.said = said_africastalking,
};

/* ---- Kannel, Jasmin: our own gateways, on this host or behind TLS ---------
 */

static void make_kannel(const struct send_what *what, struct send_call *call)
{
	struct buf *url = &call->url;

	call->method = PROVIDER_GET;
	send_put_base(what, url);
	buf_put_str(url, "/cgi-bin/sendsms?");
	send_put_field(url, "username", bytes_str(send_user(what->account)));
	send_put_field(url, "password", bytes_str(what->account->password));
	send_put_field(url, "from", from_of(what));
	send_put_field(url, "to", what->to);
	send_put_field(url, "charset", bytes_str("UTF-8"));
	send_put_field(url, "coding", bytes_str("2"));
	send_put_field(url, "validity", bytes_str("5")); /* minutes */
	send_put_field(url, "text", what->text);
}

/* 202: accepted, or queued because the operator is away. */
static enum send_said said_kannel(int status, struct bytes body, struct buf *id)
{
	(void)body;
	(void)id;
	return status == 202 ? SEND_TAKEN : send_status_said(status);
}

const struct send_row send_kannel = {
	.type = "kannel",
	.source = "Kannel 1.4.5 User's Guide, Using the HTTP interface",
	.wants_from = true,
	.make = make_kannel,
	.said = said_kannel,
};

/* The text as UTF-16, the most significant byte first, in hexadecimal. */
static void put_utf16_hex(struct buf *out, struct bytes text)
{
	while (text.len > 0) {
		uint8_t units[4];
		uint32_t point = 0;
		size_t bad = 0;
		size_t n = 2;
		size_t len = utf8_read(text, &point, &bad);

		if (point > 0xffff) {
			uint32_t high = 0xd800 + ((point - 0x10000) >> 10);

			units[0] = (uint8_t)(high >> 8);
			units[1] = (uint8_t)high;
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
			n = 4;
		}
		units[n - 2] = (uint8_t)(point >> 8);
		units[n - 1] = (uint8_t)point;
		enc_hex(out, units, n);
		text = bytes_of(text.at + len, text.len - len);
	}
}

static void make_jasmin(const struct send_what *what, struct send_call *call)
{
	struct buf *url = &call->url;

	call->method = PROVIDER_GET;
	send_put_base(what, url);
	buf_put_str(url, "/send?");
	send_put_field(url, "username", bytes_str(send_user(what->account)));
	send_put_field(url, "password", bytes_str(what->account->password));
	send_put_field(url, "from", from_of(what));
	send_put_field(url, "to", what->digits);
	send_put_field(url, "coding", bytes_str("8"));
	send_put_field(url, "validity-period", bytes_str("5"));
	buf_put_str(url, "&hex-content=");
	put_utf16_hex(url, what->text);
}

/* 200 and Success "id" */
static enum send_said said_jasmin(int status, struct bytes body, struct buf *id)
{
	static const char front[] = "Success \"";
	const size_t front_len = sizeof(front) - 1;

	if (status != 200) {
		return send_status_said(status);
	}
	if (body.len <= front_len || memcmp(body.at, front, front_len) != 0) {
		return SEND_UNKNOWN;
	}
	body = bytes_of(body.at + front_len, body.len - front_len);
	for (size_t i = 0;
	     i < body.len && body.at[i] != '"' && i < SEND_ID_MAX_BYTES; i++) {
		buf_put_u8(id, body.at[i]);
	}
	return SEND_TAKEN;
}

const struct send_row send_jasmin = {
	.type = "jasmin",
	.source = "docs.jasminsms.com, HTTP API, Sending SMS-MT",
	.wants_from = true,
	.make = make_jasmin,
	.said = said_jasmin,
};
