/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lines to options. A mistake never ends the reading: the operator gets all
 * of them at once. */
#include "config/config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/judge.h"
#include "config/lines.h"
#include "config/nearest.h"
#include "config/options.h"
#include "config/say.h"
#include "config/value.h"

/* a longer one is more likely a pasted secret than a key */
#define SHOWN_KEY_BYTES_MAX 24u

struct parse {
	struct config *config;
	struct config_marks *marks;
	struct config_said said;
	const char *folder;
	const struct config_section *section; /* NULL: unknown, or none yet */
	bool before_sections;
	size_t set; /* in marks->options */
	/* the line in hand */
	struct bytes line;
	unsigned number;
};

static struct config_place place_at(
    const struct parse *parse, const uint8_t *byte)
{
	struct config_place place = { .line = parse->number, .column = 1 };

	for (const uint8_t *at = parse->line.at; at < byte; at++) {
		place.column += (*at & 0xc0u) != 0x80u;
	}
	return place;
}

static void say_silently(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

/* Give every option of config (or of one gateway) its default. */
static enum tl_err set_defaults(void *base, bool of_gateway)
{
	const struct config_section *gateway =
	    config_section_find(bytes_str("gateway"));

	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		struct config_said said = { "default", say_silently, NULL, 0 };
		struct config_value value = {
			.row = row,
			.text = bytes_str(row->def),
			.folder = "/",
			.said = &said,
			.line_at = (const uint8_t *)row->def,
		};
		void *field = (char *)base + row->field;
		enum tl_err err = TL_OK;

		if (config_option_in(row, gateway) != of_gateway) {
			continue;
		}
		if (row->type == OPT_WORD && row->def[0] == '\0') {
			*(const char **)field = "";
		} else {
			err = config_value_read(&value, field);
		}
		assert(err != TL_EINVAL); /* a test walks the table */
		if (err != TL_OK) {
			return err;
		}
	}
	return TL_OK;
}

static void free_fields(void *base, bool of_gateway)
{
	const struct config_section *gateway =
	    config_section_find(bytes_str("gateway"));

	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);

		if (config_option_in(row, gateway) == of_gateway) {
			config_value_free(row, (char *)base + row->field);
		}
	}
}

void config_free(struct config *config)
{
	if (config == NULL) {
		return;
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		free(config->gateways[i].name);
		free_fields(&config->gateways[i], true);
	}
	free(config->gateways);
	free_fields(config, false);
	free(config->path);
	free(config);
}

/* The gateway is there, with its name, even if the name is taken already: its
 * other lines are still to be judged. */
static enum tl_err add_gateway(struct parse *parse, struct bytes name)
{
	struct config *config = parse->config;
	size_t n = config->n_gateways;
	struct config_gateway *gateways;

	for (size_t i = 0; i < n; i++) {
		if (bytes_equal(name, bytes_str(config->gateways[i].name))) {
			config_complain(&parse->said, place_at(parse, name.at),
			    "[gateway %s] stands on line %u already; each"
			    " gateway has a name of its own",
			    config->gateways[i].name,
			    parse->marks->gateways[i].place.line);
		}
	}
	if (n == CONFIG_GATEWAYS_MAX) {
		config_complain(&parse->said, place_at(parse, name.at),
		    "more than %u gateways", CONFIG_GATEWAYS_MAX);
		parse->section = NULL;
		return TL_OK;
	}
	gateways = reallocarray(config->gateways, n + 1, sizeof(*gateways));
	if (gateways == NULL) {
		return TL_ENOMEM;
	}
	config->gateways = gateways;
	gateways[n] = (struct config_gateway){ 0 };
	config->n_gateways = n + 1;
	gateways[n].name = strndup((const char *)name.at, name.len);
	if (gateways[n].name == NULL) {
		return TL_ENOMEM;
	}
	parse->marks->gateways[n].place = place_at(parse, parse->line.at);
	parse->set = n + 1;
	config->programs |= parse->section->programs;
	return set_defaults(&gateways[n], true);
}

static void complain_section(struct parse *parse, struct bytes word)
{
	const char *names[CONFIG_OPTIONS_MAX];
	const char *near;

	for (size_t i = 0; i < config_n_sections; i++) {
		names[i] = config_sections[i].name;
	}
	near = config_nearest(word, names, config_n_sections);
	if (near != NULL) {
		config_complain(&parse->said, place_at(parse, word.at),
		    "there is no such section; did you mean [%s]?", near);
		return;
	}
	config_complain(&parse->said, place_at(parse, word.at),
	    "there is no such section; see tipline.conf(5) or tipline check"
	    " --sample");
}

static enum tl_err begin_named(struct parse *parse, struct bytes name)
{
	if (!config_is_name(name)) {
		config_complain(&parse->said, place_at(parse, name.at),
		    "write [gateway NAME], NAME of 1 to %u letters a-z,"
		    " digits and -; the gateway sends to /sms/NAME",
		    CONFIG_NAME_BYTES_MAX);
		parse->section = NULL;
		return TL_OK;
	}
	return add_gateway(parse, name);
}

static enum tl_err begin_section(struct parse *parse, struct bytes inside)
{
	struct bytes word = config_cut_word(&inside);
	const struct config_section *section = config_section_find(word);
	struct config_mark *mark;

	parse->before_sections = false;
	parse->section = section;
	parse->set = 0;
	if (section == NULL) {
		complain_section(parse, word);
		return TL_OK;
	}
	if (section->named) {
		return begin_named(parse, inside);
	}
	parse->config->programs |= section->programs;
	mark = &parse->marks->sections[section - config_sections];
	if (inside.len > 0) {
		config_complain(&parse->said, place_at(parse, inside.at),
		    "nothing may follow the section's name: write [%s]",
		    section->name);
	} else if (mark->place.line > 0) {
		config_complain(&parse->said, place_at(parse, word.at),
		    "[%s] begins on line %u already; put its lines there",
		    section->name, mark->place.line);
	} else {
		mark->place = place_at(parse, parse->line.at);
	}
	return TL_OK;
}

static bool may_be_shown(struct bytes key)
{
	bool plain = key.len > 0 && key.len <= SHOWN_KEY_BYTES_MAX;

	for (size_t i = 0; i < key.len && plain; i++) {
		plain =
		    (key.at[i] >= 'a' && key.at[i] <= 'z') || key.at[i] == '_';
	}
	return plain;
}

/* names gets the keys of the section; returns how many. */
static size_t keys_of(const struct config_section *section,
    const char *names[static CONFIG_OPTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < config_n_options(); i++) {
		if (config_option_in(config_option_at(i), section)) {
			names[n++] = config_option_name(config_option_at(i));
		}
	}
	return n;
}

static void complain_key(struct parse *parse, struct bytes key)
{
	const char *section = parse->section->name;
	const char *names[CONFIG_OPTIONS_MAX];
	size_t n = keys_of(parse->section, names);
	struct bytes shown = may_be_shown(key) ? key : bytes_str("such key");
	const char *near = config_nearest(key, names, n);
	struct config_place place = place_at(parse, key.at);

	for (size_t i = 0; i < config_n_sections; i++) {
		if (config_option_find(&config_sections[i], key) != NULL) {
			config_complain(&parse->said, place,
			    "[%s] has no %.*s; it belongs to [%s]", section,
			    (int)key.len, (const char *)key.at,
			    config_sections[i].name);
			return;
		}
	}
	if (near != NULL) {
		config_complain(&parse->said, place,
		    "[%s] has no %.*s; did you mean %s?", section,
		    (int)shown.len, (const char *)shown.at, near);
		return;
	}
	config_complain(&parse->said, place,
	    "[%s] has no %.*s; see tipline.conf(5) or tipline check --sample",
	    section, (int)shown.len, (const char *)shown.at);
}

static enum tl_err read_value(struct parse *parse,
    const struct config_option *row, struct bytes key, struct bytes text)
{
	struct config_mark *mark =
	    &parse->marks->options[parse->set][config_option_index(row)];
	struct config_value value = {
		.row = row,
		.text = text,
		.folder = parse->folder,
		.said = &parse->said,
		.line_at = parse->line.at,
		.line = parse->number,
	};
	char *base = parse->set > 0
	    ? (char *)&parse->config->gateways[parse->set - 1]
	    : (char *)parse->config;
	enum tl_err err;

	if (mark->place.line > 0) {
		config_complain(&parse->said, place_at(parse, key.at),
		    "%s stands on line %u already; take one of them out",
		    row->key, mark->place.line);
		return TL_OK;
	}
	mark->place = place_at(parse, text.at);
	err = config_value_read(&value, base + row->field);
	mark->bad = err == TL_EINVAL;
	return err == TL_EINVAL ? TL_OK : err;
}

static enum tl_err read_key(struct parse *parse, struct bytes line)
{
	struct bytes key;
	struct bytes text;
	const struct config_option *row;

	if (!config_cut_key(line, &key, &text)) {
		config_complain(&parse->said, place_at(parse, line.at),
		    "a line is `[section]`, `key = value` or `# comment`");
		return TL_OK;
	}
	if (parse->before_sections) {
		config_complain(&parse->said, place_at(parse, key.at),
		    "no section has begun yet; write a line such as [site]"
		    " before this one");
		return TL_OK;
	}
	if (parse->section == NULL) {
		return TL_OK; /* the section was complained about */
	}
	row = config_option_find(parse->section, key);
	if (row == NULL) {
		complain_key(parse, key);
		return TL_OK;
	}
	return read_value(parse, row, key, text);
}

static enum tl_err read_line(struct parse *parse)
{
	const char *wrong = NULL;
	size_t at = 0;
	struct bytes line = parse->line;

	if (!config_line_good(line, &at, &wrong)) {
		config_complain(
		    &parse->said, place_at(parse, line.at + at), "%s", wrong);
		return TL_OK;
	}
	line = config_trim(line);
	if (line.len == 0 || line.at[0] == '#') {
		return TL_OK;
	}
	if (line.at[0] != '[') {
		return read_key(parse, line);
	}
	if (line.at[line.len - 1] != ']') {
		config_complain(&parse->said,
		    place_at(parse, line.at + line.len - 1),
		    "a section is [name] on a line of its own, and ends"
		    " with ]");
		parse->section = NULL;
		parse->before_sections = false;
		return TL_OK;
	}
	return begin_section(
	    parse, config_trim(bytes_of(line.at + 1, line.len - 2)));
}

/* What is no text at all is told once and not read. */
static bool is_text(struct parse *parse, struct bytes *text)
{
	const uint8_t *nul =
	    text->len == 0 ? NULL : memchr(text->at, 0, text->len);
	struct config_place place = { .line = 1, .column = 1 };

	if (text->len > CONFIG_FILE_BYTES_MAX) {
		config_complain(&parse->said, (struct config_place){ 0 },
		    "the file has more than 1 MiB; is it the right one?");
		return false;
	}
	if (nul != NULL) {
		for (const uint8_t *at = text->at; at < nul; at++) {
			place.line += *at == '\n';
			place.column = *at == '\n' ? 1 : place.column + 1;
		}
		config_complain(&parse->said, place,
		    "a NUL byte; the file must be UTF-8 text");
		return false;
	}
	if (text->len >= 3 && memcmp(text->at, "\xef\xbb\xbf", 3) == 0) {
		config_complain(&parse->said, place,
		    "a byte order mark stands before the first letter; save"
		    " the file as UTF-8 without it");
		*text = bytes_of(text->at + 3, text->len - 3);
	}
	return true;
}

static enum tl_err read_lines(struct parse *parse, struct bytes text)
{
	enum tl_err err = TL_OK;

	while (text.len > 0 && err == TL_OK) {
		parse->line = config_cut_line(&text);
		parse->number++;
		err = read_line(parse);
	}
	return err;
}

/* Whoever reads the printed configuration reads lines of our own limit. */
static enum tl_err judge_lengths(struct parse *parse)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < config_n_options() && err == TL_OK; i++) {
		const struct config_option *row = config_option_at(i);
		struct config_place place = parse->marks->options[0][i].place;
		struct buf line;

		if (place.line == 0) {
			continue;
		}
		buf_init(&line, CONFIG_LINE_BYTES_MAX);
		buf_put_str(&line, config_option_name(row));
		buf_put_str(&line, " = ");
		config_value_write(
		    row, (const char *)parse->config + row->field, &line);
		err = buf_err(&line);
		buf_free(&line);
		if (err == TL_ETOOBIG) {
			config_complain(&parse->said, place,
			    "%s: with its paths written out it is longer than"
			    " %u bytes; use a folder with a shorter name",
			    row->key, CONFIG_LINE_BYTES_MAX);
			err = TL_OK;
		}
	}
	return err;
}

static enum tl_err set_urls(struct config *config)
{
	for (size_t i = 0; i < config->n_gateways; i++) {
		struct config_gateway *gateway = &config->gateways[i];
		char *url = NULL;

		if (gateway->url[0] != '\0') {
			continue;
		}
		if (asprintf(&url, "%s/sms/%s", config->site.public_url,
			gateway->name) < 0) {
			return TL_ENOMEM;
		}
		free(gateway->url);
		gateway->url = url;
	}
	return TL_OK;
}

static enum tl_err parse_all(struct parse *parse, struct bytes text)
{
	enum tl_err err;

	if (!is_text(parse, &text)) {
		return TL_OK;
	}
	err = set_defaults(parse->config, false);
	if (err == TL_OK) {
		err = read_lines(parse, text);
	}
	if (err == TL_OK) {
		err = set_urls(parse->config);
	}
	if (err == TL_OK) {
		err = judge_lengths(parse);
	}
	if (err == TL_OK) {
		config_judge(parse->config, parse->marks, &parse->said);
	}
	return err;
}

enum tl_err config_parse(struct bytes text, const char *name,
    const char *folder, config_say_fn say, void *arg,
    struct config **ret_config)
{
	struct parse parse = {
		.said = { .name = name, .say = say, .arg = arg },
		.folder = folder,
		.before_sections = true,
	};
	enum tl_err err = TL_ENOMEM;

	assert(folder[0] == '/');
	parse.config = calloc(1, sizeof(*parse.config));
	parse.marks = calloc(1, sizeof(*parse.marks));
	if (parse.config == NULL || parse.marks == NULL) {
		goto out;
	}
	parse.config->path = strdup(name);
	if (parse.config->path == NULL) {
		goto out;
	}
	err = parse_all(&parse, text);
	config_complain_rest(&parse.said);
	if (err == TL_OK && parse.said.n > 0) {
		err = TL_EINVAL;
	}
	if (err != TL_OK) {
		goto out;
	}
	*ret_config = parse.config;
	parse.config = NULL;
out:
	config_free(parse.config);
	free(parse.marks);
	return err;
}
