/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A Telegram bot: POST JSON, one update each. The proof is the secret token
 * that setWebhook was given; nothing is signed. A JSON body in the answer
 * would be a method of the bot, a text to the sender among them, so there is
 * none. update_id differs for an edited message, which keeps its own id: the
 * same id with other content is stored beside the first.
 */
#include <stdio.h>

#include "sms/json.h"
#include "sms/proof.h"

#define TOKEN_MIN_BYTES 32u
#define TOKEN_MAX_BYTES 256u
#define PLACE_BYTES     64u

static const char *secret_fault(struct bytes secret)
{
	return secret.len >= TOKEN_MIN_BYTES && secret.len <= TOKEN_MAX_BYTES
	    ? NULL
	    : "the secret is the secret_token of setWebhook: 32 to 256 of"
	      " A-Z, a-z, 0-9, _ and -";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	const struct bytes *given =
	    sms_header_find(request, "x-telegram-bot-api-secret-token");
	bool held = false;

	for (size_t i = 0; given != NULL && i < gateway->n_secrets; i++) {
		held |= proof_is_secret(gateway->secrets[i], *given);
	}
	if (!held) {
		*ret_why = "X-Telegram-Bot-Api-Secret-Token is not this"
			   " gateway's secret: call setWebhook with it";
		return TL_EPROOF;
	}
	return TL_OK;
}

/* "telegram:" and the number at path: an id is no number of a phone. */
static struct bytes read_id(
    const json_t *message, const char *path, struct sms_batch *batch)
{
	const json_t *id = sms_json_at(message, path);
	char text[PLACE_BYTES];

	if (!json_is_integer(id)) {
		return bytes_of(NULL, 0);
	}
	(void)snprintf(text, sizeof(text), "telegram:%" JSON_INTEGER_FORMAT,
	    json_integer_value(id));
	return sms_batch_keep(batch, bytes_str(text));
}

static void add_media(struct sms_batch *batch, struct sms_message *message,
    struct bytes type, const char *scheme, struct bytes what)
{
	char url[512];
	int len = snprintf(url, sizeof(url), "%s%.*s", scheme, (int)what.len,
	    (const char *)what.at);

	if (len < 0 || (size_t)len >= sizeof(url)) {
		message->flags |= SMS_FLAG_MORE_MEDIA;
	} else if (what.len > 0) {
		message->media[message->n_media++] = (struct sms_media){
			sms_batch_keep(batch, type),
			sms_batch_keep(batch, bytes_of(url, (size_t)len)),
		};
	}
}

/* A file stays at Telegram; the desk asks for it by its file_id. Of a photo
 * there are several sizes, the largest being the last. */
static bool read_files(
    const json_t *from, struct sms_batch *batch, struct sms_message *message)
{
	static const struct {
		const char *name, *type;
	} kinds[] = {
		{ "photo", "image/jpeg" },
		{ "voice", "audio/ogg" },
		{ "audio", "audio/mpeg" },
		{ "video", "video/mp4" },
		{ "video_note", "video/mp4" },
		{ "document", "application/octet-stream" },
		{ "sticker", "image/webp" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const json_t *file = json_object_get(from, kinds[i].name);
		size_t n = json_array_size(file);
		struct bytes id, type;

		file = n > 0 ? json_array_get(file, n - 1) : file;
		if (!sms_json_text(file, "file_id", &id) ||
		    !sms_json_text(file, "mime_type", &type)) {
			return false;
		}
		add_media(batch, message,
		    type.len > 0 ? type : bytes_str(kinds[i].type),
		    "telegram-file:", id);
	}
	return true;
}

/* A place (RFC 5870) and a number that were sent with the phone's own menus. */
static bool read_place(
    const json_t *from, struct sms_batch *batch, struct sms_message *message)
{
	const json_t *lat = sms_json_at(from, "location.latitude");
	const json_t *lon = sms_json_at(from, "location.longitude");
	char place[PLACE_BYTES];
	struct bytes phone;

	if (json_is_number(lat) && json_is_number(lon)) {
		(void)snprintf(place, sizeof(place), "%.6f,%.6f",
		    json_number_value(lat), json_number_value(lon));
		add_media(batch, message, bytes_str("location"),
		    "geo:", bytes_str(place));
	}
	if (!sms_json_at_text(from, "contact.phone_number", &phone)) {
		return false;
	}
	add_media(batch, message, bytes_str("contact"), "tel:", phone);
	return true;
}

static enum tl_err read_message(
    const json_t *from, struct sms_batch *batch, struct sms_message *message)
{
	const json_t *text = json_object_get(from, "text");
	struct bytes words;
	char id[PLACE_BYTES];

	(void)snprintf(id, sizeof(id),
	    "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
	    json_integer_value(sms_json_at(from, "chat.id")),
	    json_integer_value(json_object_get(from, "message_id")));
	message->external_id = sms_batch_keep(batch, bytes_str(id));
	message->channel = "telegram";
	message->from_raw = read_id(from, "from.id", batch);
	if (!sms_json_at_is(from, "chat.type", "private")) {
		message->to = read_id(from, "chat.id", batch);
	}
	message->sent_s = json_integer_value(json_object_get(from, "date"));
	if (!sms_json_text(from, text != NULL ? "text" : "caption", &words) ||
	    !read_files(from, batch, message) ||
	    !read_place(from, batch, message)) {
		return TL_EFORMAT;
	}
	message->text = sms_batch_keep(batch, words);
	/* polls, dice and what Telegram thinks of next are kept whole */
	return text == NULL && words.len == 0 && message->n_media == 0
	    ? TL_EFORMAT
	    : TL_OK;
}

static enum tl_err read_update(
    const json_t *update, struct sms_batch *batch, const char **ret_why)
{
	const json_t *first = json_object_get(update, "message");
	const json_t *edited = json_object_get(update, "edited_message");
	struct sms_message *message;

	if (!json_is_integer(json_object_get(update, "update_id"))) {
		return TL_EFORMAT;
	}
	if (first == NULL && edited == NULL) {
		*ret_why = "not a message to us: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->flags |= first == NULL ? SMS_FLAG_EDITED : 0;
	*ret_why = "the secret token is right";
	return read_message(first != NULL ? first : edited, batch, message);
}

const struct sms_adapter sms_telegram = {
	.name = "telegram",
	.source = "Telegram Bot API: setWebhook, Update, Message",
	.methods = SMS_POST,
	.body_max_bytes = 256 * 1024,
	.trust = "basic",
	.numbers = SMS_RAW,
	.secret_fault = secret_fault,
	.verify = verify,
	.read_json = read_update,
	.kept = { .status = 200 },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
};
