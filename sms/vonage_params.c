/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/vonage_params.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "sms/json.h"
#include "sms/sign_url.h"

#define FORM_MAX_BYTES (4u * 1024u * 1024u)

/* Each byte as %XX, for the form decoder. */
static void put_escaped(struct buf *out, struct bytes text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		buf_put_u8(out, '%');
		buf_put_u8(out, (uint8_t)digits[text.at[i] >> 4]);
		buf_put_u8(out, (uint8_t)digits[text.at[i] & 15]);
	}
}

static void put_value(struct buf *out, const json_t *value)
{
	char *spelt;

	if (json_is_string(value)) {
		put_escaped(out,
		    bytes_of(
			json_string_value(value), json_string_length(value)));
		return;
	}
	spelt = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	put_escaped(out, bytes_str(spelt));
	if (spelt != NULL) {
		wipe(spelt, strlen(spelt));
	}
	free(spelt);
}

static enum tl_err read_json(struct bytes body, struct form **ret_form)
{
	json_t *object = NULL;
	const char *name;
	json_t *value;
	struct buf form;
	enum tl_err err = sms_json_load(body, &object);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&form, FORM_MAX_BYTES);
	json_object_foreach(object, name, value)
	{
		put_escaped(&form, bytes_str(name));
		buf_put_str(&form, "=");
		put_value(&form, value);
		buf_put_str(&form, "&");
	}
	err = buf_err(&form);
	if (err == TL_OK) {
		err = form_decode(bytes_of(form.data, form.len), ret_form);
	}
	buf_free(&form);
	json_decref(object);
	return err;
}

enum tl_err vonage_params(
    const struct sms_request *request, struct form **ret_form)
{
	if (request->is_get) {
		return form_decode(request->query, ret_form);
	}
	if (sign_url_body_is(request, "application/json")) {
		return read_json(request->body, ret_form);
	}
	return form_decode(request->body, ret_form);
}

static void put_masked(struct buf *out, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		buf_put_u8(out, c == '&' || c == '=' ? '_' : c);
	}
}

void vonage_signed_text(struct form *form, struct buf *out)
{
	out->max = FORM_MAX_BYTES;
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		if (!bytes_equal(pair->name, bytes_str("sig"))) {
			buf_put_str(out, "&");
			put_masked(out, pair->name);
			buf_put_str(out, "=");
			put_masked(out, pair->value);
		}
	}
}
