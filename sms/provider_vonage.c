/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Vonage's Redact API: must be switched on for the account, empties text and
 * number in the long-term records, deletes nothing.
 */
#include "base/enc.h"
#include "sms/provider_row.h"

#define ID_MAX_BYTES 64u

/* Hexadecimal (SMS API) or a UUID (Messages API). */
static bool is_message(struct bytes id)
{
	for (size_t i = 0; i < id.len; i++) {
		if (dec_hex_digit(id.at[i]) < 0 && id.at[i] != '-') {
			return false;
		}
	}
	return id.len > 0 && id.len <= ID_MAX_BYTES;
}

static void redact(const struct provider_account *account, struct bytes id,
    struct provider_call *call, const char *product)
{
	struct bytes base = provider_base(account);

	call->method = PROVIDER_POST;
	call->type = "application/json";
	buf_put(&call->url, base.at, base.len);
	buf_put_str(&call->url, "/v1/redact/transaction");
	buf_put_str(&call->body, "{\"id\":\"");
	buf_put(&call->body, id.at, id.len);
	buf_put_str(&call->body, "\",\"product\":\"");
	buf_put_str(&call->body, product);
	buf_put_str(&call->body, "\",\"type\":\"inbound\"}");
}

static void redact_sms(const struct provider_account *account, struct bytes id,
    struct provider_call *call)
{
	redact(account, id, call, "sms");
}

static void redact_messages(const struct provider_account *account,
    struct bytes id, struct provider_call *call)
{
	redact(account, id, call, "messages");
}

const struct provider provider_vonage_sms = {
	.type = "vonage-sms",
	.api_url = "https://api.nexmo.com",
	.source = "https://developer.vonage.com/en/redact/overview",
	.is_message = is_message,
	.redact = redact_sms,
};

const struct provider provider_vonage_messages = {
	.type = "vonage-messages",
	.api_url = "https://api.nexmo.com",
	.source = "https://developer.vonage.com/en/redact/overview",
	.is_message = is_message,
	.redact = redact_messages,
};
