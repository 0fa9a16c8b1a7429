/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/gateway_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/secret.h"
#include "desk/secret_file.h"

static enum tl_err load(
    const struct config_gateway *config, struct gateway_api *api)
{
	const char *fault;
	enum tl_err err = TL_OK;

	*api = (struct gateway_api){
		.config = config,
		.gateway = {
			.adapter = sms_adapter_find(config->type),
			.name = config->name,
			.account = config->account,
		},
		.account = {
			.provider = provider_find(config->type),
			.api_url = config->api_url,
			.number = config->number,
		},
	};
	(void)snprintf(api->gateway.region, sizeof(api->gateway.region), "%s",
	    config->region);
	if (api->gateway.adapter == NULL) {
		say_error("[gateway %s] type is not set", config->name);
		return TL_EINVAL;
	}
	api->account.gateway = &api->gateway;
	if (api->account.provider == NULL ||
	    config->api_secret_file[0] == '\0') {
		return TL_OK;
	}
	fault = provider_fault(&api->account);
	if (fault != NULL) {
		say_error("[gateway %s] %s", config->name, fault);
		return TL_EINVAL;
	}
	err = secret_file_read(config->api_secret_file, &api->password);
	return err;
}

enum tl_err gateway_apis_load(
    const struct config *config, struct gateway_apis *ret_apis)
{
	struct gateway_apis *apis = ret_apis;
	enum tl_err err = TL_OK;

	*apis = (struct gateway_apis){ 0 };
	if (config->n_gateways == 0 && config->desk.canary_web[0] == '\0' &&
	    config->desk.canary_onion[0] == '\0') {
		say_error("%s names no [gateway NAME]. The desk has a list of"
			  " its own: GATEWAYS.md, After the tip has arrived,"
			  " says what to write there",
		    config->path);
		return TL_EINVAL;
	}
	apis->items = calloc(config->n_gateways + 1, sizeof(*apis->items));
	if (apis->items == NULL) {
		return TL_ENOMEM;
	}
	for (; err == TL_OK && apis->n < config->n_gateways; apis->n++) {
		err = load(&config->gateways[apis->n], &apis->items[apis->n]);
	}
	return err == TL_OK ? fetch_new(&apis->fetch) : err;
}

struct gateway_api *gateway_api_find(
    const struct gateway_apis *apis, struct bytes name)
{
	for (size_t i = 0; i < apis->n; i++) {
		if (bytes_equal(name, bytes_str(apis->items[i].gateway.name))) {
			return &apis->items[i];
		}
	}
	return NULL;
}

bool gateway_api_ready(const struct gateway_api *api)
{
	return api->account.provider != NULL && api->password != NULL &&
	    !api->refused;
}

enum tl_err gateway_api_ask(struct gateway_apis *apis,
    const struct gateway_api *api, const struct provider_call *call,
    int *ret_status, struct buf *answer)
{
	static const char *const methods[] = {
		[PROVIDER_GET] = "GET",
		[PROVIDER_POST] = "POST",
		[PROVIDER_DELETE] = "DELETE",
	};
	const struct fetch_call request = {
		.method = methods[call->method],
		.url = (const char *)call->url.data,
		.type = call->type,
		.body = bytes_of(call->body.data, call->body.len),
		.user = api->config->api_user[0] != '\0' ? api->config->api_user
							 : api->config->account,
		.password = api->password,
		.may_stay = true,
	};
	const char *why = "";
	enum tl_err err =
	    fetch_do(apis->fetch, &request, ret_status, answer, &why);

	if (err != TL_OK) {
		say_error("gateway %s: its provider did not answer: %s",
		    api->gateway.name, err == TL_EIO ? why : err_text(err));
	}
	return err;
}

void gateway_apis_free(struct gateway_apis *apis)
{
	for (size_t i = 0; i < apis->n; i++) {
		secret_free(apis->items[i].password);
	}
	free(apis->items);
	fetch_free(apis->fetch);
	*apis = (struct gateway_apis){ 0 };
}
