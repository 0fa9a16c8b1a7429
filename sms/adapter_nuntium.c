/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Nuntium's application interface: POST or GET form, unsigned. A body of
 * ours would be sent to the phone; 400 would be the last try.
 */
#include "sms/form_message.h"
#include "sms/open_proof.h"

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	static const struct form_names names = { "guid", "from", "to", "body",
		"subject" };

	return form_take(form, &names, batch) == NULL
	    ? form_take_fault(form, &names, batch, ret_why)
	    : TL_OK;
}

const struct sms_adapter sms_nuntium = {
	.name = "nuntium",
	.source = "Nuntium: app/models/http_post_callback (July 2025)",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_form = read_message,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
