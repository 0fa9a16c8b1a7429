/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * 8x8: POST JSON, unsigned as far as its pages say. It gives up after 131
 * seconds.
 */
#include "sms/json.h"
#include "sms/open_proof.h"

static enum tl_err read_event(
    const json_t *event, struct sms_batch *batch, const char **ret_why)
{
	static const struct sms_json_names names = {
		.id = "payload.umid",
		.from = "payload.source",
		.to = "payload.destination",
		.text = "payload.body",
		.time = "payload.timestamp",
	};
	struct sms_message *message;

	if (!json_is_string(sms_json_at(event, "eventType"))) {
		return TL_EFORMAT;
	}
	if (!sms_json_at_is(event, "eventType", "inbound_message_received")) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	/* other namespaces have another payload: kept whole */
	if (!sms_json_message(event, &names, batch, message) ||
	    !sms_json_at_is(event, "namespace", "SMS")) {
		return TL_EFORMAT;
	}
	message->units = sms_json_count(sms_json_at(event, "payload.smsCount"));
	*ret_why = "the proof holds";
	return TL_OK;
}

const struct sms_adapter sms_8x8 = {
	.name = "8x8",
	.source = "8x8: Inbound SMS webhook",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.secret_fault = open_segment_fault,
	.verify = open_verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 503 },
};
