/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/send.h"

#include <string.h>

#include "sms/send_row.h"
#include "text/utf8.h"

#define URL_MAX_BYTES  8192u
#define BODY_MAX_BYTES 16384u
#define NUMBER_MIN     7u
#define NUMBER_MAX     15u

static const struct send_row *const rows[] = {
	&send_twilio,
	&send_somleng,
	&send_vonage,
	&send_plivo,
	&send_infobip,
	&send_africastalking,
	&send_kannel,
	&send_jasmin,
};

static const struct send_row *find(const char *type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i]->type, type) == 0) {
			return rows[i];
		}
	}
	return NULL;
}

bool send_knows(const char *type)
{
	return find(type) != NULL;
}

bool send_is_signed(const char *type)
{
	const struct send_row *row = find(type);

	return row != NULL && row->is_signed;
}

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* A password goes over TLS, or does not leave this host. */
static bool is_private(const char *url)
{
	return strncmp(url, "https://", 8) == 0 ||
	    strncmp(url, "http://127.0.0.1:", 17) == 0 ||
	    strncmp(url, "http://[::1]:", 13) == 0;
}

const char *send_fault(const struct send_account *account)
{
	const struct send_row *row = find(account->type);

	if (row == NULL) {
		return "no text can be sent by a gateway of this type";
	}
	if (!is_set(account->api_url) && row->api_url == NULL) {
		return "api_url must say where the gateway takes texts";
	}
	if (is_set(account->api_url) && !is_private(account->api_url)) {
		return "api_url must begin with https:// (http:// is for"
		       " 127.0.0.1:PORT only)";
	}
	if (row->wants_account && !is_set(account->account)) {
		return "account must be the id of our account there";
	}
	if (row->wants_from && !is_set(account->from)) {
		return "number must be our own number there";
	}
	if (!is_set(account->password)) {
		return "api_secret_file must hold the password of the API";
	}
	return NULL;
}

static bool is_number(struct bytes to)
{
	if (to.len < 1 + NUMBER_MIN || to.len > 1 + NUMBER_MAX ||
	    to.at[0] != '+' || to.at[1] == '0') {
		return false;
	}
	for (size_t i = 1; i < to.len; i++) {
		if (to.at[i] < '0' || to.at[i] > '9') {
			return false;
		}
	}
	return true;
}

enum tl_err send_call_make(const struct send_account *account, struct bytes to,
    struct bytes text, struct send_call *ret_call)
{
	const struct send_row *row = find(account->type);
	struct send_call call = { 0 };
	struct send_what what = { .account = account, .to = to, .text = text };
	enum tl_err err;

	if (send_fault(account) != NULL || !is_number(to) || text.len == 0 ||
	    !utf8_valid(text) || memchr(text.at, 0, text.len) != NULL) {
		return TL_EINVAL;
	}
	if (text.len > SEND_TEXT_MAX_BYTES) {
		return TL_ETOOBIG;
	}
	what.digits = bytes_of(to.at + 1, to.len - 1);
	buf_init(&call.url, URL_MAX_BYTES);
	buf_init(&call.body, BODY_MAX_BYTES);
	buf_init(&call.header_value, 1024);
	row->make(&what, &call);
	buf_put_u8(&call.url, 0); /* the URL is a C string */
	if (call.header != NULL) {
		buf_put_u8(&call.header_value, 0);
	}
	err = buf_err(&call.url);
	err = err == TL_OK ? buf_err(&call.body) : err;
	err = err == TL_OK ? buf_err(&call.header_value) : err;
	if (err == TL_OK) {
		*ret_call = call;
	} else {
		send_call_free(&call);
	}
	return err;
}

enum send_said send_said(const struct send_account *account, int status,
    struct bytes body, struct buf *id)
{
	const struct send_row *row = find(account->type);

	return row == NULL ? SEND_UNKNOWN : row->said(status, body, id);
}

void send_call_free(struct send_call *call)
{
	buf_free(&call->url);
	buf_free(&call->body);
	buf_free(&call->header_value);
	*call = (struct send_call){ 0 };
}

/* ---- for the rows ---------------------------------------------------------
 */

void send_put_base(const struct send_what *what, struct buf *url)
{
	const char *base = what->account->api_url;
	struct bytes text;

	if (!is_set(base)) {
		base = find(what->account->type)->api_url;
	}
	text = bytes_str(base);
	while (text.len > 0 && text.at[text.len - 1] == '/') {
		text.len--;
	}
	buf_put(url, text.at, text.len);
}

const char *send_user(const struct send_account *account)
{
	if (is_set(account->user)) {
		return account->user;
	}
	return is_set(account->account) ? account->account : "";
}

void send_put_encoded(struct buf *out, struct bytes text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
			buf_put_u8(out, c);
		} else {
			buf_put_u8(out, '%');
			buf_put_u8(out, (uint8_t)hex[c >> 4]);
			buf_put_u8(out, (uint8_t)hex[c & 15]);
		}
	}
}

void send_put_field(struct buf *out, const char *name, struct bytes value)
{
	if (out->len > 0 && out->data[out->len - 1] != '?') {
		buf_put_u8(out, '&');
	}
	buf_put_str(out, name);
	buf_put_u8(out, '=');
	send_put_encoded(out, value);
}

enum send_said send_status_said(int status)
{
	if (status == 429 || status == 503) {
		return SEND_LATER;
	}
	return status >= 400 && status < 500 ? SEND_REFUSED : SEND_UNKNOWN;
}
