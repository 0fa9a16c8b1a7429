/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/custom_source.h"

#include <stdio.h>

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
	return form_decode(
	    in_query ? request->query : request->body, &ret_source->form);
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
	return bytes_of(json_string_value(value), json_string_length(value));
}

struct bytes custom_field_of(
    struct custom_source *source, enum custom_field field)
{
	return custom_value(source, source->custom->fields[field]);
}
