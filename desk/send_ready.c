/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/send_ready.h"

#include "sms/send.h"

const char *send_ready_fault(const struct config_gateway *gateway)
{
	const struct send_account account = {
		.type = gateway->type,
		.account = gateway->account,
		.api_url = gateway->api_url,
		.user = gateway->api_user,
		.password = gateway->api_secret_file, /* is it set? */
		.from = gateway->number,
	};

	return send_fault(&account);
}
