/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/webhook_custom.h"

#include <stddef.h>
#include <string.h>

#include "base/log.h"

static const struct {
	const char *name;
	size_t at;
} rows[] = {
	{ "custom_fields", offsetof(struct custom_words, fields) },
	{ "custom_reading", offsetof(struct custom_words, reading) },
	{ "custom_proof", offsetof(struct custom_words, proof) },
	{ "custom_answer", offsetof(struct custom_words, answer) },
	{ "custom_answer_body", offsetof(struct custom_words, answer_body) },
	{ "custom_answer_body_is_safe",
	    offsetof(struct custom_words, answer_body_is_safe) },
};

bool webhook_set(struct custom_words *words, const char *option)
{
	size_t len = strcspn(option, "=");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].name) == len && option[len] == '=' &&
		    memcmp(rows[i].name, option, len) == 0) {
			const char *value = option + len + 1;

			memcpy(
			    (char *)words + rows[i].at, &value, sizeof(value));
			return true;
		}
	}
	say_error("--set takes OPTION=VALUE, OPTION being one that begins with"
		  " custom_; tipline check --sample lists them");
	return false;
}

const char *webhook_custom(const struct custom_words *words,
    struct sms_custom *custom, struct sms_gateway *gateway)
{
	if (gateway->adapter != sms_adapter_find("custom")) {
		return NULL;
	}
	gateway->custom = custom;
	return custom_read(words, custom);
}
