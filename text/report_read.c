/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <jansson.h>
#include <string.h>

#include "base/enc.h"
#include "text/json_memory.h"
#include "text/report_parts.h"

enum tl_err report_take(struct bytes doc, json_t **ret)
{
	json_t *json = NULL;
	enum tl_err err = json_memory_load(doc, JSON_ALLOW_NUL, &json, NULL);

	if (err != TL_OK) {
		return err;
	}
	if (!json_is_object(json) ||
	    !json_is_string(json_object_get(json, "id"))) {
		json_decref(json);
		return TL_EFORMAT;
	}
	*ret = json;
	return TL_OK;
}

const json_t *report_words(const json_t *report)
{
	const json_t *decoded = json_object_get(report, "text_decoded");

	return json_string_length(decoded) > 0
	    ? decoded
	    : json_object_get(report, "text");
}

json_t *report_load(struct bytes doc)
{
	json_t *json = NULL;

	return report_take(doc, &json) == TL_OK ? json : NULL;
}

int report_priority(struct bytes doc)
{
	json_t *json = report_load(doc);
	json_int_t value =
	    json_integer_value(json_object_get(json, "priority"));

	json_decref(json);
	return value >= 1 && value <= 4 ? (int)value : 3;
}

bool report_hex(
    const json_t *object, const char *key, uint8_t *bytes, size_t len)
{
	const json_t *value = json_object_get(object, key);
	size_t got = 0;

	return json_is_string(value) && json_string_length(value) == 2 * len &&
	    dec_hex(json_string_value(value), 2 * len, bytes, len, &got) ==
	    TL_OK;
}

void report_reply_of(const json_t *json, struct report_reply *ret_reply)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	struct report_reply reply = {
		.is_further =
		    kind != NULL && strcmp(kind, REPORT_REPLY_KEY) == 0,
	};

	reply.has_form =
	    report_hex(json, "form", reply.form, sizeof(reply.form));
	reply.has_mailbox = report_hex(json_object_get(json, "reply"),
	    "mailbox", reply.mailbox, sizeof(reply.mailbox));
	*ret_reply = reply;
}

void report_reply(struct bytes doc, struct report_reply *ret_reply)
{
	json_t *json = report_load(doc);

	report_reply_of(json, ret_reply);
	json_decref(json);
}

bool report_likeness_of(
    const json_t *json, uint8_t ret_likeness[static LIKENESS_BYTES])
{
	const json_t *value = json_object_get(json, "likeness");
	uint8_t likeness[LIKENESS_BYTES];
	size_t len = 0;
	bool has = json_is_string(value) &&
	    json_string_length(value) <= 2 * LIKENESS_BYTES &&
	    dec_b64(B64_STD, json_string_value(value),
		json_string_length(value), likeness, sizeof(likeness),
		&len) == TL_OK &&
	    len == sizeof(likeness);

	if (has) {
		memcpy(ret_likeness, likeness, sizeof(likeness));
	}
	return has;
}

bool report_likeness(
    struct bytes doc, uint8_t ret_likeness[static LIKENESS_BYTES])
{
	json_t *json = report_load(doc);
	bool has = report_likeness_of(json, ret_likeness);

	json_decref(json);
	return has;
}
