/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Plivo: POST form or GET. Signature V3 covers URL, parameters and nonce; V2
 * covers URL and nonce only, so with it the text is anybody's: it is taken
 * only if sig_method says so, and never where V3 is there as well.
 */
#include <stdio.h>

#include "sms/form.h"
#include "sms/plivo_sign.h"
#include "sms/proof.h"
#include "sms/when.h"

#define UNITS_MAX 255

static const char *const methods[] = { "v3", "v2", NULL };
#define METHOD_V2 1u

static const char *secret_fault(struct bytes secret)
{
	return secret.len > 0 ? NULL
			      : "the secret is the account's auth token;"
				" this file is empty";
}

static enum tl_err verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	bool v3 = plivo_has_v3(request);

	if (!v3 && sms_sig_method(gateway) != METHOD_V2) {
		*ret_why = "there is no signature V3; V2 does not cover the"
			   " text, and is taken only with sig_method = v2";
		return TL_EPROOF;
	}
	return plivo_verify(gateway, request, v3, ret_why);
}

static unsigned read_intent(const struct form *form)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = {
		{ "optout", SMS_FLAG_OPT_STOP },
		{ "optin", SMS_FLAG_OPT_START },
		{ "help", SMS_FLAG_OPT_HELP },
	};
	struct bytes given = form_value(form, "MessageIntent");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bytes_equal(given, bytes_str(words[i].word))) {
			return words[i].flag;
		}
	}
	return 0;
}

static void read_media(const struct form *form, struct sms_batch *batch,
    struct sms_message *message)
{
	for (unsigned i = 0; i <= SMS_MEDIA_MAX; i++) {
		char name[sizeof("Media4294967295")];
		struct bytes url;

		(void)snprintf(name, sizeof(name), "Media%u", i);
		url = form_value(form, name);
		if (url.len == 0) {
			continue;
		}
		if (message->n_media == SMS_MEDIA_MAX) {
			message->flags |= SMS_FLAG_MORE_MEDIA;
			return;
		}
		message->media[message->n_media++].url =
		    sms_batch_keep(batch, url);
	}
}

/* ContentType may be of a kind whose fields nobody documents ("unknown", a
 * place): an empty text would be all that is left. */
static bool is_unknown(const struct sms_message *message)
{
	return strcmp(message->channel, "whatsapp") == 0 &&
	    message->text.len == 0 && message->n_media == 0;
}

static enum tl_err read_message(const struct sms_request *request,
    const struct form *form, struct sms_batch *batch, const char **ret_why)
{
	struct bytes id = form_value(form, "MessageUUID");
	struct sms_message *message = sms_batch_add(batch);
	int64_t units = 0;

	if (message == NULL) {
		return sms_batch_err(batch);
	}
	message->external_id = sms_batch_keep(batch, id);
	message->from_raw = sms_batch_keep(batch, form_value(form, "From"));
	if (id.len == 0 || form_last(form, "From") == NULL ||
	    form_last(form, "To") == NULL) {
		*ret_why = "genuine, but not a whole message: kept as it is";
		return TL_EFORMAT;
	}
	message->to = sms_batch_keep(batch, form_value(form, "To"));
	message->text = sms_batch_keep(batch,
	    form_value(
		form, form_last(form, "Text") != NULL ? "Text" : "Body"));
	if (bytes_equal(form_value(form, "Type"), bytes_str("whatsapp"))) {
		message->channel = "whatsapp";
	}
	if (when_digits(form_value(form, "Units"), &units) == TL_OK) {
		message->units =
		    units > UNITS_MAX ? UNITS_MAX : (unsigned)units;
	}
	message->flags |= read_intent(form);
	read_media(form, batch, message);
	if (is_unknown(message)) {
		*ret_why = "genuine, but of no known kind: kept as it is";
		sms_batch_whole(batch, message, request);
		return TL_OK;
	}
	*ret_why = "the signature holds";
	return TL_OK;
}

static enum tl_err parse(const struct sms_gateway *gateway,
    const struct sms_request *request, struct sms_batch *batch,
    const char **ret_why)
{
	const struct bytes *nonce = plivo_nonce(request);
	struct form *form = NULL;
	enum tl_err err = form_decode(
	    request->is_get ? request->query : request->body, &form);

	(void)gateway;
	if (err == TL_OK) {
		err = read_message(request, form, batch, ret_why);
	}
	if (err == TL_OK && !plivo_has_v3(request)) {
		sms_batch_edit(batch, 0)->trust = "signed-address";
	}
	if (nonce != NULL) {
		sms_batch_set_nonce(batch, *nonce);
	}
	form_free(form);
	return err;
}

const struct sms_adapter sms_plivo = {
	.name = "plivo",
	.source = "Plivo: Validating requests; plivo-node, lib/utils/security",
	.methods = SMS_POST | SMS_GET,
	.body_max_bytes = 64 * 1024,
	.trust = "signed",
	.numbers = SMS_INTERNATIONAL,
	.sig_methods = methods,
	.secret_fault = secret_fault,
	.verify = verify,
	.parse = parse,
	.kept = { .status = 200,
	    .type = "application/xml",
	    .body = "<Response/>" },
	.not_kept = { .status = 503 },
	.no_proof = { .status = 403 },
};
