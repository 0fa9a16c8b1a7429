/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/gateway_api.h - the providers behind the configured gateways, and one
 * request to one of them.
 *
 * Runs in:   tipline. Disk: reads the files with their passwords.
 */
#ifndef TL_CLI_GATEWAY_API_H
#define TL_CLI_GATEWAY_API_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "config/config.h"
#include "desk/fetch.h"
#include "sms/provider.h"

struct gateway_api {
	const struct config_gateway *config;
	struct sms_gateway gateway;
	struct provider_account account; /* provider NULL: none is known */
	char *password; /* secret memory; NULL: this host may not ask it */
	bool refused;   /* it has: nothing more is asked in this run */
};

struct gateway_apis {
	struct gateway_api *items; /* in the order of the configuration */
	size_t n;
	struct fetch *fetch;
};

/* Read all of [gateway]; what is wrong was said. End it with
 * gateway_apis_free(), on errors too. */
TL_MUST_CHECK enum tl_err gateway_apis_load(
    const struct config *config, struct gateway_apis *ret_apis);

/* The gateway called name, or NULL. */
struct gateway_api *gateway_api_find(
    const struct gateway_apis *apis, struct bytes name);

/* Whether it can be asked: an API that is known, and a password. */
bool gateway_api_ready(const struct gateway_api *api);

/*
 * Make the call. Status and body come as fetch_do() has them; what went wrong
 * on the way was said.
 */
TL_MUST_CHECK enum tl_err gateway_api_ask(struct gateway_apis *apis,
    const struct gateway_api *api, const struct provider_call *call,
    int *ret_status, struct buf *answer);

/* Wipe. A zeroed struct is fine. */
void gateway_apis_free(struct gateway_apis *apis);

#endif
