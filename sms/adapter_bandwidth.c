/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Bandwidth v2: POST JSON, an array of events, all kept or none. Basic stands
 * in the application's settings. Our number is message.owner: to has all
 * members of a group.
 */
#include "sms/json.h"
#include "sms/open_proof.h"

static bool read_one(const json_t *event, struct sms_batch *batch)
{
	static const struct sms_json_names names = {
		.id = "message.id",
		.from = "message.from",
		.to = "message.owner",
		.text = "message.text",
		.time = "message.time",
	};
	struct sms_message *message = sms_batch_add(batch);

	if (message == NULL) {
		return true; /* the batch says why */
	}
	if (!sms_json_message(event, &names, batch, message)) {
		return false;
	}
	message->units =
	    sms_json_count(sms_json_at(event, "message.segmentCount"));
	sms_json_media(
	    sms_json_at(event, "message.media"), "url", "type", batch, message);
	return true;
}

static enum tl_err read_event(
    const json_t *events, struct sms_batch *batch, const char **ret_why)
{
	const json_t *event;
	bool good = true;
	size_t i;

	if (!json_is_array(events)) {
		return TL_EFORMAT;
	}
	json_array_foreach(events, i, event)
	{
		bool is_typed = json_is_string(sms_json_at(event, "type"));

		/* behind one that cannot be read, too: whose message is it
		 * that is kept whole? */
		if (!is_typed ||
		    sms_json_at_is(event, "type", "message-received")) {
			good = read_one(event, batch) && is_typed && good;
		}
	}
	*ret_why = sms_batch_count(batch) > 0
	    ? "the proof holds"
	    : "no messages to us: nothing to keep";
	return good ? sms_batch_err(batch) : TL_EFORMAT;
}

const struct sms_adapter sms_bandwidth = {
	.name = "bandwidth",
	.source = "Bandwidth: Messaging webhooks v2",
	.methods = SMS_POST,
	.body_max_bytes = 1024 * 1024,
	.numbers = SMS_E164,
	.secret_fault = open_secret_fault,
	.verify = open_verify,
	.read_json = read_event,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401, .challenge = "Basic realm=\"sms\"" },
};
