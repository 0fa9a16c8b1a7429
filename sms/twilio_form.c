/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/twilio_form.h"

#include <stdio.h>

#include "base/enc.h"
#include "sms/decode.h"
#include "sms/form.h"
#include "sms/place.h"
#include "sms/when.h"

#define UNITS_MAX 255

bool twilio_is_sid(struct bytes id, const char prefix[static 3])
{
	if (id.len != 34 || memcmp(id.at, prefix, 2) != 0) {
		return false;
	}
	for (size_t i = 2; i < id.len; i++) {
		if (dec_hex_digit(id.at[i]) < 0) {
			return false;
		}
	}
	return true;
}

enum tl_err twilio_check_account(const struct sms_gateway *gateway,
    struct bytes account, const char **ret_why)
{
	if (gateway->account == NULL || gateway->account[0] == '\0' ||
	    bytes_equal(account, bytes_str(gateway->account))) {
		return TL_OK;
	}
	*ret_why = "AccountSid is not the configured account";
	return TL_EPROOF;
}

/* A report on a text that went out has a status and neither text nor media. */
static bool is_report(const struct form *form)
{
	return form_last(form, "MessageStatus") != NULL &&
	    form_last(form, "Body") == NULL &&
	    form_last(form, "NumMedia") == NULL;
}

static unsigned read_count(const struct form *form, const char *name)
{
	int64_t count;

	if (when_digits(form_value(form, name), &count) != TL_OK) {
		return 0;
	}
	return count > UNITS_MAX ? UNITS_MAX : (unsigned)count;
}

static void read_media(const struct form *form, struct sms_batch *batch,
    struct sms_message *message)
{
	unsigned said = read_count(form, "NumMedia");

	if (said > SMS_MEDIA_MAX) {
		message->flags |= SMS_FLAG_MORE_MEDIA;
		said = SMS_MEDIA_MAX;
	}
	for (unsigned i = 0; i < said; i++) {
		struct sms_media *media = &message->media[i];
		char name[sizeof("MediaContentType4294967295")];

		(void)snprintf(name, sizeof(name), "MediaContentType%u", i);
		media->type = sms_batch_keep(batch, form_value(form, name));
		(void)snprintf(name, sizeof(name), "MediaUrl%u", i);
		media->url = sms_batch_keep(batch, form_value(form, name));
	}
	message->n_media = said;
}

static unsigned read_opt_out(const struct form *form)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = {
		{ "STOP", SMS_FLAG_OPT_STOP },
		{ "START", SMS_FLAG_OPT_START },
		{ "HELP", SMS_FLAG_OPT_HELP },
	};
	struct bytes given = form_value(form, "OptOutType");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bytes_equal(given, bytes_str(words[i].word))) {
			return words[i].flag;
		}
	}
	return 0;
}

/* What WhatsApp calls a location. False: it cannot be told as one. */
static bool read_place(const struct form *form, struct sms_batch *batch,
    struct sms_message *message)
{
	struct bytes lat = form_value(form, "Latitude");
	struct bytes lon = form_value(form, "Longitude");

	if (lat.len == 0 && lon.len == 0) {
		return true;
	}
	place_name(batch, message, form_value(form, "Label"),
	    form_value(form, "Address"));
	return place_add(batch, message, lat, lon);
}

/* Whether it says nothing, and is no short message: these may be empty. What
 * a messenger has may be of a kind that has no field here yet. */
static bool is_unknown(const struct form *form, const struct sms_message *m)
{
	struct bytes type = form_value(form, "MessageType");
	bool typed = type.len > 0 && !bytes_equal(type, bytes_str("text"));
	/* "whatsapp:+855..." */
	bool named = m->from_raw.len > 0 &&
	    memchr(m->from_raw.at, ':', m->from_raw.len) != NULL;

	return (typed || named) && m->text.len == 0 && m->n_media == 0 &&
	    m->button.len == 0;
}

/* The whitelist: what is not named here is neither kept nor looked at. */
static bool read_fields(const struct form *form, struct sms_batch *batch,
    struct sms_message *message)
{
	message->to = sms_batch_keep(batch, form_value(form, "To"));
	message->text = sms_batch_keep(batch, form_value(form, "Body"));
	sms_guess_b64(batch, message);
	message->button = sms_batch_keep(batch, form_value(form, "ButtonText"));
	message->units = read_count(form, "NumSegments");
	message->flags |= read_opt_out(form);
	read_media(form, batch, message);
	return read_place(form, batch, message) && !is_unknown(form, message);
}

static enum tl_err read_form(const struct sms_gateway *gateway,
    const struct sms_request *request, const struct form *form,
    const struct twilio_ids *ids, struct sms_batch *batch, const char **ret_why)
{
	struct bytes id = form_value(form, "MessageSid");
	struct bytes account = form_value(form, "AccountSid");
	struct sms_message *message;

	*ret_why = "genuine, but not a whole message: kept as it is";
	if (!ids->account(account)) {
		return TL_EFORMAT;
	}
	if (twilio_check_account(gateway, account, ret_why) != TL_OK) {
		return TL_EPROOF;
	}
	if (is_report(form)) {
		*ret_why = "a report on a text that was sent: nothing to keep";
		return TL_OK;
	}
	message = sms_batch_add(batch);
	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->from_raw = sms_batch_keep(batch, form_value(form, "From"));
	if (!ids->message(id)) {
		return TL_EFORMAT;
	}
	message->external_id = sms_batch_keep(batch, id);
	if (form_last(form, "From") == NULL || form_last(form, "To") == NULL) {
		return TL_EFORMAT;
	}
	if (!read_fields(form, batch, message)) {
		sms_batch_whole(batch, message, request);
		return TL_OK;
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

enum tl_err twilio_form_parse(const struct sms_gateway *gateway,
    const struct sms_request *request, const struct twilio_ids *ids,
    struct sms_batch *batch, const char **ret_why)
{
	struct form *form = NULL;
	enum tl_err err = form_decode(
	    request->is_get ? request->query : request->body, &form);

	if (err == TL_OK) {
		err = read_form(gateway, request, form, ids, batch, ret_why);
	}
	form_free(form);
	return err;
}
