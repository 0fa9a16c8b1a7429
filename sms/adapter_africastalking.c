/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Africa's Talking: POST form, unsigned. Times are UTC, with a Z or without.
 */
#include "sms/form_message.h"
#include "sms/open_proof.h"
#include "sms/when.h"

static enum tl_err read_message(
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	static const struct form_names names = { "id", "from", "to", "text",
		NULL };
	struct sms_message *message = form_take(form, &names, batch);

	if (message == NULL) {
		return form_take_fault(form, &names, batch, ret_why);
	}
	message->link_id = sms_batch_keep(batch, form_value(form, "linkId"));
	if (when_any(form_value(form, "date"), &message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	return TL_OK;
}

const struct sms_adapter sms_africastalking = {
	.name = "africastalking",
	.source = "Africa's Talking: Incoming messages",
	.methods = SMS_POST,
	.body_max_bytes = 64 * 1024,
	.numbers = SMS_E164,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_form = read_message,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
