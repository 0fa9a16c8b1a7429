/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Words, lists of words, and pairs with an = between. */
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static enum tl_err complain_at(
    const struct config_value *value, size_t at, const char *what)
{
	config_complain(value->said, config_value_place(value, at), "%s: %s",
	    value->row->key, what);
	return TL_EINVAL;
}

/* *at stands on the opening quote; afterwards behind the closing one. */
static enum tl_err take_quoted(const struct config_value *value, bool whole,
    size_t *at, char *out, size_t *ret_len)
{
	struct bytes text = value->text;
	size_t start = *at;
	size_t len = 0;
	size_t i;

	for (i = start + 1; i < text.len && text.at[i] != '"'; i++) {
		if (text.at[i] == '\t') {
			return complain_at(value, i, "a tab in quotes");
		}
		if (text.at[i] == '\\') {
			i++;
			if (i == text.len ||
			    (text.at[i] != '"' && text.at[i] != '\\')) {
				return complain_at(value, i - 1,
				    "in quotes only \\\" and \\\\ may begin"
				    " with a backslash");
			}
		}
		out[len++] = (char)text.at[i];
	}
	if (i == text.len) {
		return complain_at(
		    value, start, "the quotes that begin here do not end");
	}
	i++;
	if (i < text.len && (whole || !is_blank(text.at[i]))) {
		return complain_at(value, i,
		    "nothing may follow the closing quotes; a quote inside is"
		    " written \\\"");
	}
	*at = i;
	*ret_len = len;
	return TL_OK;
}

static enum tl_err take_plain(const struct config_value *value, bool whole,
    size_t *at, char *out, size_t *ret_len)
{
	struct bytes text = value->text;
	size_t start = *at;
	size_t i;

	for (i = start; i < text.len; i++) {
		if (!whole && is_blank(text.at[i])) {
			break;
		}
		if (text.at[i] == '\t') {
			return complain_at(
			    value, i, "a tab in the value; write a space");
		}
		if (text.at[i] == '#' &&
		    (i == start || is_blank(text.at[i - 1]))) {
			return complain_at(value, i,
			    "a comment stands on a line of its own; if # is"
			    " part of the value, put it in \"quotes\"");
		}
		out[i - start] = (char)text.at[i];
	}
	*at = i;
	*ret_len = i - start;
	return TL_OK;
}

enum tl_err config_word_take(const struct config_value *value, bool whole,
    size_t *at, struct config_word *ret_word)
{
	struct bytes text = value->text;
	size_t pos = *at;
	size_t begin;
	size_t len = 0;
	char *out;
	enum tl_err err;

	while (pos < text.len && is_blank(text.at[pos])) {
		pos++;
	}
	if (pos == text.len) {
		return TL_ENOENT;
	}
	out = malloc(text.len - pos + 1);
	if (out == NULL) {
		return TL_ENOMEM;
	}
	begin = pos;
	if (text.at[pos] == '"') {
		err = take_quoted(value, whole, &pos, out, &len);
	} else {
		err = take_plain(value, whole, &pos, out, &len);
	}
	if (err != TL_OK) {
		free(out);
		return err;
	}
	out[len] = '\0';
	*at = pos;
	*ret_word = (struct config_word){ .text = out, .at = begin };
	return TL_OK;
}

static bool wants_quotes(const char *text, bool whole)
{
	size_t len = strlen(text);

	if (len == 0) {
		return !whole;
	}
	return text[0] == '"' || text[0] == ' ' || text[len - 1] == ' ' ||
	    strchr(text, '#') != NULL || (!whole && strchr(text, ' ') != NULL);
}

void config_word_write(const char *text, bool whole, struct buf *out)
{
	if (!wants_quotes(text, whole)) {
		buf_put_str(out, text);
		return;
	}
	buf_put_str(out, "\"");
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\') {
			buf_put_str(out, "\\");
		}
		buf_put(out, at, 1);
	}
	buf_put_str(out, "\"");
}

void config_list_free(struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->items[i]);
	}
	free(list->items);
	*list = (struct config_list){ 0 };
}

void config_map_free(struct config_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		free(map->items[i].key);
		free(map->items[i].value);
	}
	free(map->items);
	*map = (struct config_map){ 0 };
}

/* Takes the word's text. */
static enum tl_err list_add(const struct config_value *value,
    struct config_list *list, struct config_word *word)
{
	char **items;

	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->items[i], word->text) == 0) {
			return complain_at(
			    value, word->at, "this stands here twice");
		}
	}
	items = reallocarray(list->items, list->n + 2, sizeof(*items));
	if (items == NULL) {
		return TL_ENOMEM;
	}
	list->items = items;
	items[list->n++] = word->text;
	items[list->n] = NULL;
	word->text = NULL;
	return TL_OK;
}

/* Each bad item is told, so a bad one does not end the list. */
enum tl_err config_list_read(
    const struct config_value *value, struct config_list *ret_list)
{
	struct config_list list = { 0 };
	struct config_word word = { 0 };
	enum tl_err result = TL_OK;
	enum tl_err err;
	size_t at = 0;

	for (;;) {
		err = config_word_take(value, false, &at, &word);
		if (err != TL_OK) {
			break;
		}
		err = config_word_judge(value, &word);
		if (err == TL_OK) {
			err = list_add(value, &list, &word);
		}
		free(word.text);
		word.text = NULL;
		if (err == TL_ENOMEM) {
			break;
		}
		result = err == TL_OK ? result : err;
	}
	if (err != TL_ENOENT) {
		result = err; /* behind a broken quote nothing can be split */
	}
	if (result == TL_OK) {
		*ret_list = list;
	} else {
		config_list_free(&list);
	}
	return result;
}

/* As one word, in quotes where a number has blanks. */
void config_pair_write(const struct config_pair *pair, struct buf *out)
{
	struct buf text;

	buf_init(&text, CONFIG_LINE_BYTES_MAX);
	buf_put_str(&text, pair->key);
	buf_put_str(&text, "=");
	buf_put_str(&text, pair->value);
	buf_put_u8(&text, 0);
	if (buf_err(&text) == TL_OK) {
		config_word_write((const char *)text.data, false, out);
	} else {
		out->err = buf_err(&text);
	}
	buf_free(&text);
}

static bool is_one_of(const char *text, const char *const *words)
{
	size_t i = 0;

	while (words[i] != NULL && strcmp(text, words[i]) != 0) {
		i++;
	}
	return words[i] != NULL;
}

/* The two kinds of map: what is told of a pair that is wrong. */
struct pair_kind {
	const char *wanted, *key, *twice;
};
static const struct pair_kind url_pair = {
	"LANGUAGE=URL is wanted, such as default=https://...",
	"before the = stands a language or the word default",
	"this language has a page already",
};
static const struct pair_kind phone_pair = {
	"COUNTRY=NUMBER is wanted, such as KH=1288; in \"quotes\" where the"
	" number has blanks",
	"before the = stands a country of the form",
	"this country has a number already",
};

static enum tl_err judge_pair(const struct config_value *value,
    const struct config_word *word, const struct config_pair *pair)
{
	size_t skip = strlen(pair->key) + 1;
	bool known;
	enum tl_err err;

	if (value->row->type == OPT_URL_MAP) {
		err = config_word_url(value, word, skip);
		known = strcmp(pair->key, "default") == 0 ||
		    is_one_of(pair->key, config_languages);
	} else {
		err = config_word_phone(value, word, skip);
		known = is_one_of(pair->key, value->row->words);
	}
	return err == TL_OK && !known ? TL_ENOENT : err;
}

static enum tl_err map_add(const struct config_value *value,
    struct config_map *map, const struct config_word *word)
{
	const struct pair_kind *kind =
	    value->row->type == OPT_URL_MAP ? &url_pair : &phone_pair;
	struct config_pair pair = { 0 };
	struct config_pair *items;
	const char *equals = strchr(word->text, '=');
	enum tl_err err;

	if (equals == NULL) {
		return complain_at(value, word->at, kind->wanted);
	}
	pair.key = strndup(word->text, (size_t)(equals - word->text));
	pair.value = strdup(equals + 1);
	items = reallocarray(map->items, map->n + 1, sizeof(*items));
	map->items = items != NULL ? items : map->items;
	if (pair.key == NULL || pair.value == NULL || items == NULL) {
		err = TL_ENOMEM;
	} else {
		err = judge_pair(value, word, &pair);
	}
	if (err == TL_ENOENT) {
		err = complain_at(value, word->at, kind->key);
	}
	for (size_t i = 0; err == TL_OK && i < map->n; i++) {
		if (strcmp(map->items[i].key, pair.key) == 0) {
			err = complain_at(value, word->at, kind->twice);
		}
	}
	if (err == TL_OK) {
		map->items[map->n++] = pair;
	} else {
		free(pair.key);
		free(pair.value);
	}
	return err;
}

enum tl_err config_map_read(
    const struct config_value *value, struct config_map *ret_map)
{
	struct config_map map = { 0 };
	struct config_word word = { 0 };
	enum tl_err result = TL_OK;
	enum tl_err err;
	size_t at = 0;

	for (;;) {
		err = config_word_take(value, false, &at, &word);
		if (err != TL_OK) {
			break;
		}
		err = map_add(value, &map, &word);
		free(word.text);
		if (err == TL_ENOMEM) {
			break;
		}
		result = err == TL_OK ? result : err;
	}
	if (err != TL_ENOENT) {
		result = err;
	}
	if (result == TL_OK) {
		*ret_map = map;
	} else {
		config_map_free(&map);
	}
	return result;
}
