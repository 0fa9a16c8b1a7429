/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/json.h"

#include <string.h>

#include "base/enc.h"
#include "sms/when.h"
#include "text/json_memory.h"
#include "text/utf8.h"

#define COUNT_MAX 255

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

enum tl_err sms_json_load_any(struct bytes text, json_t **ret_json)
{
	return is_too_deep(text)
	    ? TL_EFORMAT
	    : json_memory_load(text, JSON_ALLOW_NUL, ret_json, NULL);
}

enum tl_err sms_json_load(struct bytes text, json_t **ret_object)
{
	json_t *json = NULL;
	enum tl_err err = sms_json_load_any(text, &json);

	if (err == TL_OK && !json_is_object(json)) {
		json_decref(json);
		return TL_EFORMAT;
	}
	if (err == TL_OK) {
		*ret_object = json;
	}
	return err;
}

/* The number of the escape at, in a text of len bytes; 0: there is none. */
static unsigned escape_at(const uint8_t *at, size_t len)
{
	uint8_t two[2];
	size_t n = 0;

	return len >= 6 && at[0] == '\\' && at[1] == 'u' &&
		dec_hex((const char *)at + 2, 4, two, 2, &n) == TL_OK
	    ? (unsigned)two[0] << 8 | two[1]
	    : 0;
}

void sms_json_mend(struct bytes text, struct buf *out)
{
	size_t first = out->len;

	(void)utf8_repair(text, out);
	for (size_t i = first; buf_err(out) == TL_OK && i < out->len;) {
		uint8_t *at = out->data + i;
		unsigned unit = escape_at(at, out->len - i);
		unsigned next =
		    unit == 0 ? 0 : escape_at(at + 6, out->len - i - 6);
		bool high = unit >= 0xd800 && unit < 0xdc00;

		if (high && next >= 0xdc00 && next < 0xe000) {
			i += 12;
			continue;
		}
		if (unit >= 0xd800 && unit < 0xe000) {
			memcpy(at + 2, "fffd", 4);
		}
		i += unit != 0 ? 6 : *at == '\\' ? 2 : 1;
	}
}

/* A string, or nothing where there is nothing or null. */
static bool text_of(const json_t *value, struct bytes *ret_text)
{
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

bool sms_json_text(
    const json_t *object, const char *key, struct bytes *ret_text)
{
	return text_of(json_object_get(object, key), ret_text);
}

const json_t *sms_json_at(const json_t *json, const char *path)
{
	while (json != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");
		int64_t i = 0;

		if (json_is_array(json)) {
			json = when_digits(bytes_of(path, len), &i) == TL_OK
			    ? json_array_get(json, (size_t)i)
			    : NULL;
		} else {
			json = json_object_getn(json, path, len);
		}
		path += len + (path[len] == '.' ? 1 : 0);
	}
	return json;
}

bool sms_json_at_text(
    const json_t *json, const char *path, struct bytes *ret_text)
{
	return text_of(path == NULL ? NULL : sms_json_at(json, path), ret_text);
}

bool sms_json_at_is(const json_t *json, const char *path, const char *text)
{
	struct bytes is;

	return sms_json_at_text(json, path, &is) &&
	    bytes_equal(is, bytes_str(text));
}

bool sms_json_message(const json_t *json, const struct sms_json_names *names,
    struct sms_batch *batch, struct sms_message *message)
{
	struct bytes id, from, to, time, lines[2];

	if (!sms_json_at_text(json, names->id, &id)) {
		return false;
	}
	message->external_id = sms_batch_keep(batch, id);
	if (!sms_json_at_text(json, names->from, &from)) {
		return false;
	}
	message->from_raw = sms_batch_keep(batch, from);
	if (!sms_json_at_text(json, names->to, &to) ||
	    !sms_json_at_text(json, names->subject, &lines[0]) ||
	    !sms_json_at_text(json, names->text, &lines[1]) ||
	    !sms_json_at_text(json, names->time, &time)) {
		return false;
	}
	message->to = sms_batch_keep(batch, to);
	message->text = sms_batch_lines(batch, lines, 2);
	if (when_any(time, &message->sent_s) != TL_OK) {
		message->sent_s = 0;
	}
	return true;
}

unsigned sms_json_count(const json_t *value)
{
	struct bytes digits;
	int64_t count = json_integer_value(value);

	if (text_of(value, &digits) && when_digits(digits, &count) != TL_OK) {
		return 0;
	}
	if (count < 0) {
		return 0;
	}
	return count > COUNT_MAX ? COUNT_MAX : (unsigned)count;
}

void sms_json_media(const json_t *array, const char *url, const char *type,
    struct sms_batch *batch, struct sms_message *message)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *one = json_array_get(array, i);
		struct bytes at, kind = bytes_of(NULL, 0);

		if (message->n_media == SMS_MEDIA_MAX) {
			message->flags |= SMS_FLAG_MORE_MEDIA;
			return;
		}
		if (json_is_object(one) ? !sms_json_at_text(one, url, &at) ||
			    !sms_json_at_text(one, type, &kind)
					: !text_of(one, &at)) {
			continue;
		}
		if (at.len > 0) {
			message->media[message->n_media++] = (struct sms_media){
				sms_batch_keep(batch, kind),
				sms_batch_keep(batch, at),
			};
		}
	}
}

bool sms_json_file(const json_t *object, const char *name, const char *data,
    struct sms_batch *batch, struct sms_message *message)
{
	struct bytes called, b64;
	uint8_t *at;
	size_t len = 0;

	if (message->n_files == SMS_FILES_MAX ||
	    !sms_json_text(object, name, &called) ||
	    !sms_json_text(object, data, &b64)) {
		return false;
	}
	at = sms_batch_room(batch, b64.len + 1);
	if (at == NULL ||
	    dec_b64(B64_STD, (const char *)b64.at, b64.len, at, b64.len,
		&len) != TL_OK) {
		return false;
	}
	message->files[message->n_files++] = (struct sms_file){
		.name = sms_batch_keep(batch, called),
		.data = bytes_of(at, len),
	};
	return true;
}

bool sms_json_files(const json_t *array, const char *name, const char *data,
    struct sms_batch *batch, struct sms_message *message)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (!sms_json_file(
			json_array_get(array, i), name, data, batch, message)) {
			return false;
		}
	}
	return true;
}

enum tl_err sms_json_parse(struct bytes text, sms_json_fn read,
    struct sms_batch *batch, const char **ret_why)
{
	json_t *json = NULL;
	enum tl_err err = sms_json_load_any(text, &json);

	if (err == TL_OK) {
		err = read(json, batch, ret_why);
	}
	json_decref(json);
	if (err == TL_EFORMAT) {
		*ret_why =
		    "genuine, but the JSON cannot be read: kept as it is";
	}
	return err;
}
