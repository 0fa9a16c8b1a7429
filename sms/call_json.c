/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/call_json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LANG_MAX_BYTES     35u /* of a tag that RFC 5646 wants kept whole */
#define QUESTION_MAX_BYTES 32u
#define ANSWERS_MAX        64u

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

bool call_json_read(
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
