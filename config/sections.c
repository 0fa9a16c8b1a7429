/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sections, and the ways to find a row of the option table. */
#include "config/options.h"

#include <assert.h>
#include <string.h>

#include "config/config.h"
#include "config/rows.h"

const struct config_section config_sections[] = {
	{
	    .name = "site",
	    .options = &config_site_options,
	    .text = "What reporters see. Everything here can be seen by"
		    " anybody, so nothing here may say what the site is for.",
	},
	{
	    .name = "intake",
	    .options = &config_intake_options,
	    .programs = CONFIG_INTAKE,
	    .text = "The program that strangers reach: tipline-intake.",
	},
	{
	    .name = "spool",
	    .options = &config_spool_options,
	    .programs = CONFIG_SPOOL,
	    .text = "Sealed tips on disk until a desk has them: tipline-spool.",
	},
	{
	    .name = "redis",
	    .options = &config_redis_options,
	    .text = "The queue between the public host and the desks.",
	},
	{
	    .name = "relay",
	    .options = &config_relay_options,
	    .programs = CONFIG_RELAY,
	    .text = "What carries tips from the spool to Redis: tipline-relay.",
	},
	{
	    .name = "desk",
	    .options = &config_desk_options,
	    .programs = CONFIG_DESK,
	    .text = "The officers' side, on the team's own host: the desk and"
		    " tipline inbox.",
	},
	{
	    .name = "gateway",
	    .options = &config_gateway_options,
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

size_t config_n_options(void)
{
	size_t n = 0;

	for (size_t i = 0; i < config_n_sections; i++) {
		n += config_sections[i].options->n;
	}
	return n;
}

const struct config_option *config_option_at(size_t i)
{
	const struct config_section *section = config_sections;

	while (i >= section->options->n) {
		i -= section->options->n;
		section++;
		assert(section < config_sections + config_n_sections);
	}
	return &section->options->rows[i];
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
	for (size_t i = 0; i < section->options->n; i++) {
		const struct config_option *row = &section->options->rows[i];

		if (bytes_equal(name, bytes_str(config_option_name(row)))) {
			return row;
		}
	}
	return NULL;
}

const struct config_option *config_option_of(const char *key)
{
	const struct config_option *found = NULL;

	for (size_t i = 0; i < config_n_options(); i++) {
		if (strcmp(config_option_at(i)->key, key) == 0) {
			found = config_option_at(i);
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
	size_t i = 0;

	while (config_option_at(i) != row) {
		i++;
	}
	return i;
}
