/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/json.h"

/* Brackets outside strings. jansson itself would go 2,048 deep. */
static bool is_too_deep(struct bytes text)
{
	size_t depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (in_string) {
			if (c == '\\') {
				i++;
			} else if (c == '"') {
				in_string = false;
			}
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > SMS_JSON_DEPTH_MAX) {
				return true;
			}
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

enum tl_err sms_json_load(struct bytes text, json_t **ret_object)
{
	json_error_t error;
	json_t *json;

	if (text.len == 0 || is_too_deep(text)) {
		return TL_EFORMAT;
	}
	json =
	    json_loadb((const char *)text.at, text.len, JSON_ALLOW_NUL, &error);
	if (json == NULL) {
		return json_error_code(&error) == json_error_out_of_memory
		    ? TL_ENOMEM
		    : TL_EFORMAT;
	}
	if (!json_is_object(json)) {
		json_decref(json);
		return TL_EFORMAT;
	}
	*ret_object = json;
	return TL_OK;
}

bool sms_json_text(
    const json_t *object, const char *key, struct bytes *ret_text)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL || json_is_null(value)) {
		*ret_text = bytes_of(NULL, 0);
		return true;
	}
	if (!json_is_string(value)) {
		return false;
	}
	*ret_text =
	    bytes_of(json_string_value(value), json_string_length(value));
	return true;
}
