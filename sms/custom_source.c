/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/custom_source.h"

#include <stdio.h>

#include "base/enc.h"
#include "sms/when.h"
#include "sms/when_form.h"

void custom_source_free(struct custom_source *source)
{
	form_free(source->form);
	json_decref(source->json);
}

enum tl_err custom_source_open(const struct sms_custom *custom,
    const struct sms_request *request, struct custom_source *ret_source)
{
	bool in_query = request->is_get || custom->body == BODY_TEXT;

	*ret_source = (struct custom_source){ .custom = custom };
	if (!request->is_get && custom->body == BODY_JSON) {
		return sms_json_load_any(request->body, &ret_source->json);
	}
	if (!request->is_get && custom->body == BODY_MULTIPART) {
		const struct bytes *type =
		    sms_header_find(request, "content-type");

		return form_decode_multipart(
		    type == NULL ? bytes_of(NULL, 0) : *type, request->body,
		    &ret_source->form);
	}
	return form_decode(
	    in_query ? request->query : request->body, &ret_source->form);
}

enum tl_err custom_source_open_mended(const struct sms_custom *custom,
    const struct sms_request *request, struct custom_source *ret_source)
{
	struct sms_request mended = *request;
	struct buf copy;
	enum tl_err err;

	if (request->is_get || custom->body != BODY_JSON) {
		return TL_EFORMAT;
	}
	buf_init(&copy, 3 * request->body.len);
	sms_json_mend(request->body, &copy);
	err = buf_err(&copy);
	if (err == TL_OK) {
		mended.body = bytes_of(copy.data, copy.len);
		err = custom_source_open(custom, &mended, ret_source);
	}
	buf_free(&copy);
	return err;
}

/* NULL at: it is not there. */
struct bytes custom_value(struct custom_source *source, const char *name)
{
	const json_t *value;
	const struct bytes *last;

	if (source->json == NULL) {
		last = name[0] == '\0' ? NULL : form_last(source->form, name);
		/* there, and perhaps empty */
		return last == NULL
		    ? bytes_of(NULL, 0)
		    : bytes_of(
			  last->at == NULL ? (const uint8_t *)"" : last->at,
			  last->len);
	}
	value = name[0] == '\0' ? NULL : sms_json_at(source->json, name);
	if (json_is_integer(value)) {
		(void)snprintf(source->number, sizeof(source->number),
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return bytes_str(source->number);
	}
	source->is_odd |=
	    value != NULL && !json_is_string(value) && !json_is_null(value);
	return bytes_of(json_string_value(value), json_string_length(value));
}

struct bytes custom_field_of(
    struct custom_source *source, enum custom_field field)
{
	return custom_value(source, source->custom->fields[field]);
}

/* Whether name is one of the fields that were read as such. */
static bool is_field(const struct sms_custom *custom, struct bytes name)
{
	for (int i = 0; i < CUSTOM_FIELDS; i++) {
		if (name.len > 0 &&
		    bytes_equal(name, bytes_str(custom->fields[i]))) {
			return true;
		}
	}
	return false;
}

bool custom_files(const struct custom_source *source, struct sms_batch *batch,
    struct sms_message *message)
{
	size_t n = source->form == NULL ? 0 : form_count(source->form);

	for (size_t i = 0; i < n; i++) {
		const struct form_pair *pair = form_at(source->form, i);

		if (pair->filename.at == NULL || pair->value.len == 0 ||
		    is_field(source->custom, pair->name)) {
			continue;
		}
		if (message->n_files == SMS_FILES_MAX) {
			return false;
		}
		message->files[message->n_files++] = (struct sms_file){
			.name = sms_batch_keep(batch, pair->filename),
			.data = sms_batch_keep(batch, pair->value),
		};
	}
	return true;
}

static enum tl_err time_of(
    const struct sms_custom *custom, struct bytes text, int64_t *ret_s)
{
	enum tl_err err = TL_EFORMAT;

	switch (custom->time) {
	case TIME_NONE:
		break;
	case TIME_EPOCH:
		return when_digits(text, ret_s);
	case TIME_EPOCH_MS:
		err = when_digits(text, ret_s);
		*ret_s /= 1000;
		break;
	case TIME_DATE:
		return when_any(text, ret_s);
	case TIME_FORM:
		return when_form(
		    custom->time_form, custom->zone_s, text, ret_s);
	}
	return err;
}

void custom_time(struct custom_source *source, struct sms_message *message)
{
	const struct sms_custom *custom = source->custom;
	struct bytes text = custom_field_of(source, CUSTOM_TIME);
	int64_t time_s = 0;

	if (time_of(custom, text, &time_s) == TL_OK) {
		message->sent_s = time_s;
		message->sent_is_rough = custom->time == TIME_FORM &&
		    !when_form_has_second(custom->time_form);
	}
}

enum sms_encoding custom_charset(struct custom_source *source)
{
	const struct sms_custom *custom = source->custom;
	struct bytes coding = custom_field_of(source, CUSTOM_CODING);

	for (size_t i = 0; i < custom->n_codings; i++) {
		if (bytes_equal(coding, bytes_str(custom->codings[i].value))) {
			return custom->codings[i].charset;
		}
	}
	return custom->n_codings > 0 && coding.len > 0 ? ENC_UNKNOWN
						       : custom->charset;
}

bool custom_unwrap(const struct sms_custom *custom, struct bytes field,
    struct sms_batch *batch, struct bytes *ret)
{
	uint8_t *at = field.len == 0 ? NULL : sms_batch_room(batch, field.len);
	size_t len = 0;
	enum tl_err err = TL_OK;

	*ret = field;
	if (custom->text == TEXT_PLAIN || at == NULL) {
		return true;
	}
	if (custom->text == TEXT_PERCENT) {
		len = form_unescape(field, true, at);
	} else if (custom->text == TEXT_HEX) {
		err = dec_hex(
		    (const char *)field.at, field.len, at, field.len, &len);
	} else {
		err = dec_b64(B64_STD, (const char *)field.at, field.len, at,
		    field.len, &len);
	}
	*ret = bytes_of(at, len);
	return err == TL_OK;
}
