/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/provider.h"

#include <string.h>

#include "sms/adapter.h"
#include "sms/provider_row.h"

static const struct provider *const rows[] = {
	&provider_twilio,
	&provider_somleng,
	&provider_vonage_sms,
	&provider_vonage_messages,
};

const struct provider *provider_find(const char *type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i]->type, type) == 0) {
			return rows[i];
		}
	}
	return NULL;
}

bool provider_may_erase(
    const struct provider *provider, enum provider_erase erase)
{
	return erase == PROVIDER_REDACT || provider->remove != NULL;
}

bool provider_has_log(const struct provider *provider)
{
	return provider->has_log;
}

struct bytes provider_base(const struct provider_account *account)
{
	const char *url = account->api_url;
	struct bytes base;

	if (url == NULL || url[0] == '\0') {
		url = account->provider->api_url;
	}
	base = bytes_str(url);
	while (base.len > 0 && base.at[base.len - 1] == '/') {
		base.len--;
	}
	return base;
}

static bool starts_with(struct bytes text, struct bytes start)
{
	return text.len >= start.len &&
	    memcmp(text.at, start.at, start.len) == 0;
}

/* An account's password goes over TLS, or does not leave this host. */
static bool is_private(struct bytes base)
{
	static const char *const local[] = { "http://127.0.0.1:",
		"http://[::1]:" };

	if (starts_with(base, bytes_str("https://"))) {
		return true;
	}
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if (starts_with(base, bytes_str(local[i]))) {
			return true;
		}
	}
	return false;
}

const char *provider_fault(const struct provider_account *account)
{
	const struct provider *provider = account->provider;
	const char *name = account->gateway->account;

	if (!is_private(provider_base(account))) {
		return "api_url must begin with https:// (http:// is for"
		       " 127.0.0.1:PORT only)";
	}
	if (provider->is_account != NULL &&
	    (name == NULL || !provider->is_account(bytes_str(name)))) {
		return "account must be the id of our account there: it is"
		       " part of the addresses";
	}
	return NULL;
}

bool provider_owns(const struct provider_account *account, struct bytes url)
{
	struct bytes base = provider_base(account);

	return starts_with(url, base) && url.len > base.len &&
	    url.at[base.len] == '/';
}

enum tl_err provider_erase_call(const struct provider_account *account,
    enum provider_erase erase, struct bytes id, struct provider_call *ret_call)
{
	const struct provider *provider = account->provider;
	struct provider_call call = { 0 };
	enum tl_err err;

	if (!provider->is_message(id) || !provider_may_erase(provider, erase)) {
		return TL_EINVAL;
	}
	buf_init(&call.url, PROVIDER_URL_MAX_BYTES);
	buf_init(&call.body, PROVIDER_BODY_MAX_BYTES);
	if (erase == PROVIDER_REDACT) {
		provider->redact(account, id, &call);
	} else {
		provider->remove(account, id, &call);
	}
	buf_put_u8(&call.url, 0);
	err = buf_err(&call.url);
	if (err == TL_OK) {
		err = buf_err(&call.body);
	}
	if (err != TL_OK) {
		provider_call_free(&call);
		return err;
	}
	*ret_call = call;
	return TL_OK;
}

enum provider_said provider_erase_said(
    const struct provider_account *account, int status, struct bytes body)
{
	if ((status >= 200 && status < 300) || status == 404 || status == 410) {
		return PROVIDER_DONE;
	}
	if (account->provider->is_early != NULL &&
	    account->provider->is_early(body)) {
		return PROVIDER_LATER;
	}
	return status == 401 || status == 403 ? PROVIDER_REFUSED
					      : PROVIDER_LATER;
}

void provider_call_free(struct provider_call *call)
{
	buf_free(&call->url);
	buf_free(&call->body);
}
