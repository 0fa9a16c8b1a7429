/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

enum store { IN_STRING, IN_LIST, IN_MAP, IN_UNSIGNED, IN_U64, IN_LITERAL };

struct kind {
	enum store store;
	const char *text;
};

static const struct kind kinds[OPT_TYPES_END] = {
	[OPT_STRING] = { IN_STRING, "one line of text" },
	[OPT_NAME] = { IN_STRING, "a name of a-z, 0-9 and -" },
	[OPT_PHONE] = { IN_STRING, "a telephone number" },
	[OPT_REGION] = { IN_STRING, "two capital letters" },
	[OPT_LANGUAGE] = { IN_STRING, "a language" },
	[OPT_LANGUAGES] = { IN_LIST, "languages" },
	[OPT_WORDS] = { IN_LIST, "words" },
	[OPT_ORIGIN] = { IN_STRING, "https://HOST or https://HOST:PORT" },
	[OPT_URL] = { IN_STRING, "an https URL without a query" },
	[OPT_URL_MAP] = { IN_MAP, "LANGUAGE=URL, several of them" },
	[OPT_PHONE_MAP] = { IN_MAP, "COUNTRY=NUMBER, several of them" },
	[OPT_PATH] = { IN_STRING, "a path" },
	[OPT_PATHS] = { IN_LIST, "paths" },
	[OPT_ADDRESSES] = { IN_LIST, "ADDRESS:PORT, several of them" },
	[OPT_PLACE] = { IN_STRING, "a path, or ADDRESS:PORT" },
	[OPT_PLACES] = { IN_LIST, "paths, or ADDRESS:PORT" },
	[OPT_ROUTES] = { IN_LIST, "ADDRESS:PORT=PATH, several of them" },
	[OPT_INTEGER] = { IN_UNSIGNED, "a whole number" },
	[OPT_SIZE] = { IN_U64, "a size in KiB, MiB or GiB" },
	[OPT_DURATION] = { IN_U64, "a time in ms, s, min or h" },
	[OPT_WORD] = { IN_LITERAL, "one word of" },
};

const char *config_value_kind(const struct config_option *row)
{
	return kinds[row->type].text;
}

/* Columns count letters, as editors do, not bytes. */
struct config_place config_value_place(
    const struct config_value *value, size_t at)
{
	const uint8_t *end = value->text.at + at;
	struct config_place place = { .line = value->line, .column = 1 };

	for (const uint8_t *byte = value->line_at; byte < end; byte++) {
		place.column += (*byte & 0xc0u) != 0x80u;
	}
	return place;
}

void config_value_range(const struct config_option *row, struct buf *out)
{
	switch (kinds[row->type].store) {
	case IN_UNSIGNED:
	case IN_U64:
		buf_put_str(out, "from ");
		config_number_write(row, row->min, out);
		buf_put_str(out, " to ");
		config_number_write(row, row->max, out);
		break;
	case IN_STRING:
	case IN_LIST:
	case IN_MAP:
		buf_put_str(out, row->min > 0 ? "from " : "at most ");
		if (row->min > 0) {
			buf_put_dec(out, row->min);
			buf_put_str(out, " to ");
		}
		buf_put_dec(out, row->max);
		buf_put_str(out, " ");
		buf_put_str(out, row->unit);
		break;
	case IN_LITERAL:
		for (size_t i = 0; row->words[i] != NULL; i++) {
			buf_put_str(out, i > 0 ? " " : "");
			buf_put_str(out, row->words[i]);
		}
		break;
	}
}

void config_value_range_text(
    const struct config_option *row, char out[static CONFIG_RANGE_BYTES])
{
	struct buf text;

	buf_init(&text, CONFIG_RANGE_BYTES);
	config_value_range(row, &text);
	buf_put_u8(&text, 0);
	if (buf_err(&text) == TL_OK) {
		memcpy(out, text.data, text.len);
	} else {
		out[0] = '\0'; /* out of memory: the mistake is told all the
		                * same */
	}
	buf_free(&text);
}

static enum tl_err check_length(const struct config_value *value, size_t len)
{
	const struct config_option *row = value->row;

	if (len >= row->min && len <= row->max) {
		return TL_OK;
	}
	if (len == 0) {
		config_complain(value->said, config_value_place(value, 0),
		    "%s: must not be empty", row->key);
	} else {
		config_complain(value->said, config_value_place(value, 0),
		    "%s: has %zu %s; it may have from %u to %u", row->key, len,
		    row->unit, (unsigned)row->min, (unsigned)row->max);
	}
	return TL_EINVAL;
}

static enum tl_err read_string(const struct config_value *value, char **field)
{
	struct config_word word = { 0 };
	size_t at = 0;
	enum tl_err err = config_word_take(value, true, &at, &word);

	if (err == TL_ENOENT) {
		word.text = calloc(1, 1);
		err = word.text == NULL ? TL_ENOMEM : TL_OK;
	}
	if (err == TL_OK && word.text[0] != '\0') {
		err = config_word_judge(value, &word);
	}
	if (err == TL_OK) {
		err = check_length(value, strlen(word.text));
	}
	if (err == TL_OK) {
		free(*field);
		*field = word.text;
		word.text = NULL;
	}
	free(word.text);
	return err;
}

static enum tl_err read_list(
    const struct config_value *value, struct config_list *field)
{
	struct config_list list = { 0 };
	enum tl_err err = config_list_read(value, &list);

	if (err == TL_OK) {
		err = check_length(value, list.n);
	}
	if (err == TL_OK) {
		config_list_free(field);
		*field = list;
	} else {
		config_list_free(&list);
	}
	return err;
}

static enum tl_err read_map(
    const struct config_value *value, struct config_map *field)
{
	struct config_map map = { 0 };
	enum tl_err err = config_map_read(value, &map);

	if (err == TL_OK) {
		err = check_length(value, map.n);
	}
	if (err == TL_OK) {
		config_map_free(field);
		*field = map;
	} else {
		config_map_free(&map);
	}
	return err;
}

static enum tl_err read_literal(
    const struct config_value *value, const char **field)
{
	const char *const *words = value->row->words;
	char all[CONFIG_RANGE_BYTES];

	for (size_t i = 0; words[i] != NULL; i++) {
		if (bytes_equal(value->text, bytes_str(words[i]))) {
			*field = words[i];
			return TL_OK;
		}
	}
	config_value_range_text(value->row, all);
	config_complain(value->said, config_value_place(value, 0),
	    "%s: must be one word of: %s", value->row->key, all);
	return TL_EINVAL;
}

enum tl_err config_value_read(const struct config_value *value, void *field)
{
	uint64_t number;
	enum tl_err err;

	switch (kinds[value->row->type].store) {
	case IN_STRING:
		return read_string(value, field);
	case IN_LIST:
		return read_list(value, field);
	case IN_MAP:
		return read_map(value, field);
	case IN_LITERAL:
		return read_literal(value, field);
	case IN_UNSIGNED:
		err = config_number_read(value, &number);
		if (err == TL_OK) {
			*(unsigned *)field = (unsigned)number;
		}
		return err;
	case IN_U64:
		err = config_number_read(value, &number);
		if (err == TL_OK) {
			*(uint64_t *)field = number;
		}
		return err;
	}
	return TL_EINVAL;
}

void config_value_write(
    const struct config_option *row, const void *field, struct buf *out)
{
	const struct config_list *list = field;
	const struct config_map *map = field;

	switch (kinds[row->type].store) {
	case IN_STRING:
		config_word_write(*(char *const *)field, true, out);
		break;
	case IN_LIST:
		for (size_t i = 0; i < list->n; i++) {
			buf_put_str(out, i > 0 ? " " : "");
			config_word_write(list->items[i], false, out);
		}
		break;
	case IN_MAP:
		for (size_t i = 0; i < map->n; i++) {
			buf_put_str(out, i > 0 ? " " : "");
			config_pair_write(&map->items[i], out);
		}
		break;
	case IN_LITERAL:
		buf_put_str(out, *(const char *const *)field);
		break;
	case IN_UNSIGNED:
		config_number_write(row, *(const unsigned *)field, out);
		break;
	case IN_U64:
		config_number_write(row, *(const uint64_t *)field, out);
		break;
	}
}

void config_value_free(const struct config_option *row, void *field)
{
	switch (kinds[row->type].store) {
	case IN_STRING:
		free(*(char **)field);
		*(char **)field = NULL;
		break;
	case IN_LIST:
		config_list_free(field);
		break;
	case IN_MAP:
		config_map_free(field);
		break;
	case IN_LITERAL:
	case IN_UNSIGNED:
	case IN_U64:
		break;
	}
}

bool config_value_empty(const struct config_option *row, const void *field)
{
	switch (kinds[row->type].store) {
	case IN_STRING:
		return (*(char *const *)field)[0] == '\0';
	case IN_LIST:
		return ((const struct config_list *)field)->n == 0;
	case IN_MAP:
		return ((const struct config_map *)field)->n == 0;
	case IN_LITERAL:
		return (*(const char *const *)field)[0] == '\0';
	case IN_UNSIGNED:
	case IN_U64:
		return false;
	}
	return false;
}
