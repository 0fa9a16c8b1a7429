/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Macrokiosk: POST or GET form, unsigned. Long numbers and short codes have
 * names of their own; times are of Kuala Lumpur, UTC+8, and lack the space.
 */
#include "sms/form_message.h"
#include "sms/open_proof.h"
#include "sms/when.h"

#define KUALA_LUMPUR_S (8 * 3600)

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	static const struct form_names long_code = { "msgId", "msisdn",
		"longcode", "text", NULL };
	static const struct form_names short_code = { "msgId", "from",
		"shortcode", "text", NULL };
	const struct form_names *names =
	    form_last(form, "longcode") != NULL ? &long_code : &short_code;
	struct sms_message *message = form_take(form, names, batch);

	if (message == NULL) {
		return form_take_fault(form, names, batch, ret_why);
	}
	if (when_any(form_value(form, "time"), &message->sent_s) == TL_OK) {
		message->sent_s -= KUALA_LUMPUR_S;
	}
	return TL_OK;
}

const struct sms_adapter sms_macrokiosk = {
	.name = "macrokiosk",
	.source = "Macrokiosk: MO as read by courier's handler",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.secret_fault = open_segment_fault,
	.verify = open_verify,
	.read_form = read_message,
	.kept = { .status = 200, .type = "text/plain", .body = "-1" },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
};
