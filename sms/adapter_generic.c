/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Generic signed JSON: the Standard Webhooks scheme, for partners, apps, voice
 * lines and aggregators that can be asked to follow ours: docs/openapi.yaml.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sms/adapter.h"
#include "sms/json.h"
#include "sms/standard_webhooks.h"
#include "sms/when.h"

#define ID_MAX_BYTES       128u
#define LANG_MAX_BYTES     35u /* of a tag that RFC 5646 wants kept whole */
#define QUESTION_MAX_BYTES 32u
#define ANSWERS_MAX        64u

/* ---- the message
 * ------------------------------------------------------------- */

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

/* ---- what a voice line or an app asked
 * ----------------------------------------------------------------------- */

/* A language's name, or none. */
static const char *read_lang(struct bytes tag, struct sms_batch *batch)
{
	char *lang;

	if (tag.len == 0 || tag.len > LANG_MAX_BYTES) {
		return "";
	}
	for (size_t i = 0; i < tag.len; i++) {
		if (!isalnum(tag.at[i]) && tag.at[i] != '-') {
			return "";
		}
	}
	lang = (char *)sms_batch_room(batch, tag.len + 1);
	if (lang == NULL) {
		return "";
	}
	memcpy(lang, tag.at, tag.len);
	lang[tag.len] = '\0';
	return lang;
}

/* Keys that were pressed: a string, or a number of somebody's program. */
static bool read_value(
    const json_t *value, struct sms_batch *batch, struct bytes *ret_value)
{
	char digits[24];

	if (json_is_integer(value)) {
		(void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		*ret_value = sms_batch_keep(batch, bytes_str(digits));
		return true;
	}
	if (!json_is_string(value)) {
		return false;
	}
	*ret_value = sms_batch_keep(batch,
	    bytes_of(json_string_value(value), json_string_length(value)));
	return true;
}

/* A pair of question and answer. */
static bool read_answer(const json_t *pair, struct sms_batch *batch,
    struct report_answer *ret_answer)
{
	const char *name = json_string_value(json_array_get(pair, 0));
	size_t len = json_string_length(json_array_get(pair, 0));
	char *kept;

	if (json_array_size(pair) != 2 || name == NULL || len == 0 ||
	    len > QUESTION_MAX_BYTES ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz_") != len) {
		return false;
	}
	kept = (char *)sms_batch_room(batch, len + 1);
	if (kept == NULL) {
		return false;
	}
	memcpy(kept, name, len + 1);
	ret_answer->name = kept;
	return read_value(json_array_get(pair, 1), batch, &ret_answer->value);
}

static bool read_answers(
    const json_t *list, struct sms_batch *batch, struct sms_message *message)
{
	size_t n = json_array_size(list);
	struct report_answer *answers;

	if (list == NULL || json_is_null(list)) {
		return true;
	}
	if (!json_is_array(list) || n > ANSWERS_MAX) {
		return false;
	}
	answers = (void *)sms_batch_room(batch, n * sizeof(*answers) + 1);
	if (answers == NULL) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct report_answer *answer = &answers[message->n_answers];

		if (!read_answer(json_array_get(list, i), batch, answer)) {
			message->n_answers = 0;
			return false;
		}
		message->n_answers += answer->value.len > 0 ? 1 : 0;
	}
	message->answers = answers;
	return true;
}

static bool read_recording(
    const json_t *object, struct sms_batch *batch, struct sms_message *message)
{
	struct bytes recording;

	return sms_json_text(object, "recording", &recording) &&
	    (recording.len == 0 ||
		sms_json_file(
		    object, "recording_name", "recording", batch, message));
}

/* What a message has beyond a text. */
static bool read_more(
    const json_t *object, struct sms_batch *batch, struct sms_message *message)
{
	struct bytes lang;

	if (!sms_json_text(object, "lang", &lang) ||
	    !read_answers(json_object_get(object, "digits"), batch, message) ||
	    !read_recording(object, batch, message) ||
	    !sms_json_files(json_object_get(object, "attachments"), "name",
		"data", batch, message)) {
		return false;
	}
	message->lang = read_lang(lang, batch);
	if (json_is_true(json_object_get(object, "dropped"))) {
		message->flags |= SMS_FLAG_DROPPED;
	}
	if (strcmp(message->channel, "voice") == 0 && message->text.len == 0 &&
	    message->n_answers == 0 && message->n_files == 0) {
		message->flags |= SMS_FLAG_MISSED;
	}
	return true;
}

/* ---- all of it
 * ------------------------------------------------------------- */

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
	if (!sms_json_text(object, member_names[is_call].id, &id) ||
	    !sms_json_text(object, member_names[is_call].from, &from) ||
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
	message->from_raw = sms_batch_keep(batch, from);
	message->to = sms_batch_keep(batch, to);
	message->text = sms_batch_keep(batch, text);
	message->channel = channel.len > 0 ? read_channel(channel)
					   : member_names[is_call].channel;
	if (when_rfc3339(received, &message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	read_concat(json_object_get(object, "concat"), message);
	if (!read_more(object, batch, message)) {
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
	.window_s = STANDARD_WINDOW_S,
	.trust = "signed",
	.secret_fault = standard_secret_fault,
	.verify = standard_verify,
	.parse = parse,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 401 },
};
