/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/planted.h"

#include "desk/secret_file.h"
#include "sms/canary.h"
#include "sms/when.h"
#include "text/json_memory.h"

enum tl_err planted_load(const struct config_desk *desk, char **ret_secret)
{
	return desk->canary_file[0] != '\0'
	    ? secret_file_read(desk->canary_file, ret_secret)
	    : TL_OK;
}

static struct bytes text_of(const json_t *report, const char *key)
{
	const json_t *value = json_object_get(report, key);

	return bytes_of(json_string_value(value), json_string_length(value));
}

static bool has_text_of(
    const char *secret, const json_t *report, const char *name)
{
	int64_t received_s;

	return when_rfc3339(text_of(report, "received"), &received_s) ==
	    TL_OK &&
	    canary_is(
		bytes_str(secret), name, received_s, text_of(report, "text"));
}

/* A reporter's has more than the text, or may have. */
static bool is_text_alone(const json_t *report)
{
	return json_object_size(json_object_get(report, "answers")) == 0 &&
	    json_object_get(report, "attachments") == NULL &&
	    json_object_get(report, "media") == NULL;
}

static bool is_form_alone(const json_t *report)
{
	return bytes_equal(text_of(report, "channel"), bytes_str("web")) &&
	    text_of(report, "gateway").len == 0 &&
	    text_of(report, "kind").len == 0 && is_text_alone(report);
}

const char *planted_form(const char *secret, const json_t *report)
{
	static const char *const doors[] = { PLANTED_WEB, PLANTED_ONION };

	for (size_t i = 0; secret != NULL && i < 2; i++) {
		if (is_form_alone(report) &&
		    has_text_of(secret, report, doors[i])) {
			return doors[i];
		}
	}
	return NULL;
}

bool planted_is(const char *secret, const json_t *report)
{
	const char *gateway =
	    json_string_value(json_object_get(report, "gateway"));

	return secret != NULL &&
	    (gateway != NULL ? is_text_alone(report) &&
			has_text_of(secret, report, gateway)
			     : planted_form(secret, report) != NULL);
}

bool planted_doc_is(const char *secret, struct bytes doc)
{
	json_t *report;
	bool is;

	if (secret == NULL || doc.len == 0) {
		return false;
	}
	report = json_memory_text(doc, JSON_ALLOW_NUL);
	is = planted_is(secret, report);
	json_decref(report);
	return is;
}
