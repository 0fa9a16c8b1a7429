/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Twilio's Message resource, and Somleng's, which is modelled on it: a
 * text that is emptied by POST Body=, a message that is deleted, a log.
 */
#include "sms/json.h"
#include "sms/provider_row.h"
#include "sms/twilio_form.h"
#include "sms/twilio_url.h"

static bool is_twilio_message(struct bytes id)
{
	return twilio_id_forms.message(id);
}

static bool is_twilio_account(struct bytes id)
{
	return twilio_id_forms.account(id);
}

static bool is_somleng_id(struct bytes id)
{
	return somleng_id_forms.message(id);
}

/* 20009 and Somleng's S1003: the message's status is not final yet. */
static bool is_early(struct bytes body)
{
	json_t *error = NULL;
	bool early = false;

	if (sms_json_load(body, &error) == TL_OK) {
		const json_t *code = json_object_get(error, "code");

		early = json_integer_value(code) == 20009 ||
		    sms_json_at_is(error, "code", "20009") ||
		    sms_json_at_is(error, "code", "S1003");
	}
	json_decref(error);
	return early;
}

static void put_message(const struct provider_account *account, struct bytes id,
    struct provider_call *call)
{
	twilio_url_put(account, &call->url);
	buf_put_u8(&call->url, '/');
	buf_put(&call->url, id.at, id.len);
	if (account->provider == &provider_twilio) {
		buf_put_str(&call->url, ".json");
	}
}

static void redact(const struct provider_account *account, struct bytes id,
    struct provider_call *call)
{
	put_message(account, id, call);
	call->method = PROVIDER_POST;
	call->type = "application/x-www-form-urlencoded";
	buf_put_str(&call->body, "Body=");
}

static void remove_all(const struct provider_account *account, struct bytes id,
    struct provider_call *call)
{
	put_message(account, id, call);
	call->method = PROVIDER_DELETE;
}

const struct provider provider_twilio = {
	.type = "twilio",
	.api_url = "https://api.twilio.com",
	.source = "Twilio: Message resource; Redact messages",
	.is_message = is_twilio_message,
	.is_account = is_twilio_account,
	.redact = redact,
	.remove = remove_all,
	.is_early = is_early,
	.has_log = true,
};

const struct provider provider_somleng = {
	.type = "somleng",
	.api_url = "https://api.somleng.org",
	.source = "Somleng: Twilio API, messages",
	.is_message = is_somleng_id,
	.is_account = is_somleng_id,
	.redact = redact,
	.remove = remove_all,
	.is_early = is_early,
	.has_log = true,
};
