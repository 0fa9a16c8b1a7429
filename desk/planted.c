/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/planted.h"

#include "desk/secret_file.h"
#include "sms/canary.h"
#include "sms/when.h"

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

bool planted_is(const char *secret, const json_t *report)
{
	const char *gateway =
	    json_string_value(json_object_get(report, "gateway"));
	int64_t received_s;

	return secret != NULL && gateway != NULL &&
	    when_rfc3339(text_of(report, "received"), &received_s) == TL_OK &&
	    canary_is(bytes_str(secret), gateway, received_s,
		text_of(report, "text"));
}

bool planted_doc_is(const char *secret, struct bytes doc)
{
	json_t *report;
	bool is;

	if (secret == NULL || doc.len == 0) {
		return false;
	}
	report =
	    json_loadb((const char *)doc.at, doc.len, JSON_ALLOW_NUL, NULL);
	is = planted_is(secret, report);
	json_decref(report);
	return is;
}
