/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Generic signed JSON: the Standard Webhooks scheme, for partners, apps, voice
 * lines and aggregators that can be asked to follow ours: docs/openapi.yaml.
 */
#include <string.h>

#include "sms/adapter.h"
#include "sms/call_json.h"
#include "sms/json.h"
#include "sms/standard_webhooks.h"
#include "sms/when.h"

#define ID_MAX_BYTES 128u

static const char *read_channel(struct bytes name)
{
	static const char *const known[] = { "sms", "whatsapp", "voice",
		"web" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (bytes_equal(name, bytes_str(known[i]))) {
			return known[i];
		}
	}
	return "other";
}

/* An integer member within its range. */
static bool read_int(const json_t *object, const char *key, json_int_t min,
    json_int_t max, json_int_t *ret_value)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max) {
		return false;
	}
	*ret_value = json_integer_value(value);
	return true;
}

/* What makes no sense is left out: the message is then one by itself. */
static void read_concat(const json_t *concat, struct sms_message *message)
{
	json_int_t ref, total, part;

	if (concat == NULL || json_is_null(concat)) {
		return;
	}
	if (!read_int(concat, "ref", 0, 65535, &ref) ||
	    !read_int(concat, "total", 2, 255, &total) ||
	    !read_int(concat, "part", 1, total, &part)) {
		message->flags |= SMS_FLAG_NO_CONCAT;
		return;
	}
	message->has_concat = true;
	message->concat = (struct sms_concat){
		.ref = (uint16_t)ref,
		.total = (uint8_t)total,
		.seq = (uint8_t)part,
		.wide = true,
	};
}

/* Names of the members: of a message, and of a call. */
static const struct {
	const char *id, *from, *to, *channel;
} member_names[] = {
	{ "message_id", "from", "to", "sms" },
	{ "provider_id", "caller", "called", "voice" },
};

static enum tl_err read_message(
    const json_t *object, struct bytes webhook_id, struct sms_batch *batch)
{
	bool is_call = json_object_get(object, "provider_id") != NULL;
	struct bytes id, from, to, text, received, channel;
	struct sms_message *message = sms_batch_add(batch);

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id = sms_batch_keep(batch, webhook_id);
	if (!sms_json_text(object, member_names[is_call].from, &from)) {
		return TL_EFORMAT;
	}
	message->from_raw = sms_batch_keep(batch, from);
	if (!sms_json_text(object, member_names[is_call].id, &id) ||
	    !sms_json_text(object, member_names[is_call].to, &to) ||
	    !sms_json_text(object, "text", &text) ||
	    !sms_json_text(object, "received_at", &received) ||
	    !sms_json_text(object, "channel", &channel)) {
		return TL_EFORMAT;
	}
	if (id.len >= 1 && id.len <= ID_MAX_BYTES) {
		message->external_id = sms_batch_keep(batch, id);
	} else {
		message->flags |= SMS_FLAG_NO_ID;
	}
	message->to = sms_batch_keep(batch, to);
	message->text = sms_batch_keep(batch, text);
	message->channel = channel.len > 0 ? read_channel(channel)
					   : member_names[is_call].channel;
	if (when_rfc3339(received, &message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	read_concat(json_object_get(object, "concat"), message);
	if (!call_json_read(object, batch, message)) {
		return sms_batch_err(batch) != TL_OK ? sms_batch_err(batch)
						     : TL_EFORMAT;
	}
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	const struct bytes *id = sms_header_find(request, "webhook-id");
	json_t *object = NULL;
	enum tl_err err = sms_json_load(request->body, &object);

	(void)gateway;
	if (err == TL_OK) {
		err = read_message(
		    object, id == NULL ? bytes_of(NULL, 0) : *id, batch);
	}
	json_decref(object);
	*ret_why = err == TL_OK
	    ? "the signature holds"
	    : "genuine, but the JSON cannot be read: kept as it is";
	return err;
}

const struct sms_adapter sms_generic = {
	.name = "generic",
	.source = "Standard Webhooks 1.0",
	.methods = SMS_POST,
	.body_max_bytes = 4 * 1024 * 1024, /* recordings come inside */
	.trust = "signed",
	.join = SMS_JOIN_DESK,
	.secret_fault = standard_secret_fault,
	.verify = standard_verify,
	.parse = parse,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401 },
};
