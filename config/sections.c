/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sections, and the ways to find a row of the option table. */
#include "config/options.h"

#include <assert.h>
#include <string.h>

#include "config/config.h"

const struct config_section config_sections[] = {
	{
	    .name = "site",
	    .text = "What reporters see. Everything here can be seen by"
		    " anybody, so nothing here may say what the site is for.",
	},
	{
	    .name = "intake",
	    .programs = CONFIG_INTAKE,
	    .text = "The program that strangers reach: tipline-intake.",
	},
	{
	    .name = "spool",
	    .programs = CONFIG_SPOOL,
	    .text = "Sealed tips on disk until a desk has them: tipline-spool.",
	},
	{
	    .name = "redis",
	    .text = "The queue between the public host and the desks.",
	},
	{
	    .name = "relay",
	    .programs = CONFIG_RELAY,
	    .text = "What carries tips from the spool to Redis: tipline-relay.",
	},
	{
	    .name = "desk",
	    .programs = CONFIG_DESK,
	    .text = "The officers' side, on the team's own host: the desk and"
		    " tipline inbox.",
	},
	{
	    .name = "gateway",
	    .named = true,
	    .text = "A gateway that brings text messages to /sms/NAME; one"
		    " section for each. NAME is made of a-z, 0-9 and -. The"
		    " team's host names the same gateways, with the password"
		    " of the provider's API and without the secret.",
	},
};

const size_t config_n_sections =
    sizeof(config_sections) / sizeof(config_sections[0]);

bool config_is_name(struct bytes name)
{
	if (name.len == 0 || name.len > CONFIG_NAME_BYTES_MAX ||
	    name.at[0] == '-') {
		return false;
	}
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-') {
			return false;
		}
	}
	return true;
}

const char *config_option_name(const struct config_option *row)
{
	return strchr(row->key, '.') + 1;
}

bool config_option_in(
    const struct config_option *row, const struct config_section *section)
{
	size_t len = strlen(section->name);

	return strncmp(row->key, section->name, len) == 0 &&
	    row->key[len] == '.';
}

const struct config_section *config_section_find(struct bytes name)
{
	for (size_t i = 0; i < config_n_sections; i++) {
		if (bytes_equal(name, bytes_str(config_sections[i].name))) {
			return &config_sections[i];
		}
	}
	return NULL;
}

const struct config_option *config_option_find(
    const struct config_section *section, struct bytes name)
{
	for (size_t i = 0; i < config_n_options; i++) {
		const struct config_option *row = &config_options[i];

		if (config_option_in(row, section) &&
		    bytes_equal(name, bytes_str(config_option_name(row)))) {
			return row;
		}
	}
	return NULL;
}

const struct config_option *config_option_of(const char *key)
{
	const struct config_option *found = NULL;

	for (size_t i = 0; i < config_n_options; i++) {
		if (strcmp(config_options[i].key, key) == 0) {
			found = &config_options[i];
		}
	}
	assert(found != NULL); /* our own spelling */
	return found;
}

char *const *config_string(
    const struct config *config, const struct config_option *row)
{
	return (char *const *)(const void *)((const char *)config + row->field);
}

size_t config_option_index(const struct config_option *row)
{
	return (size_t)(row - config_options);
}
