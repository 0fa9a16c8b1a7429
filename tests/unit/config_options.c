/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/options: each row is whole. Parser, sample file and man page believe
 * the table, so the table is what is tested.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"

#define ROW_FAILS(row, what) \
	do { \
		print_error("%s: %s\n", (row)->key, (what)); \
		fail(); \
	} while (0)

static bool is_of_words(enum config_type type)
{
	return type == OPT_WORD || type == OPT_WORDS || type == OPT_PHONE_MAP;
}

static void every_row_is_complete(void **state)
{
	const unsigned all = CONFIG_INTAKE | CONFIG_SPOOL | CONFIG_RELAY |
	    CONFIG_DESK | CONFIG_CLI;

	(void)state;
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		bool is_path = row->type == OPT_PATH ||
		    row->type == OPT_PATHS || row->type == OPT_PLACE;

		if (row->text == NULL || strlen(row->text) < 40 ||
		    row->text[strlen(row->text) - 1] != '.') {
			ROW_FAILS(row, "its text is no sentence");
		}
		if (row->type < OPT_STRING || row->type >= OPT_TYPES_END) {
			ROW_FAILS(row, "has no type");
		}
		if (row->programs == 0 || (row->programs & ~all) != 0 ||
		    (row->needs & ~row->programs) != 0) {
			ROW_FAILS(row, "nobody reads it, or who needs it");
		}
		if (row->takes != OPT_AT_RELOAD &&
		    row->takes != OPT_AT_RESTART) {
			ROW_FAILS(row, "does not say when it takes effect");
		}
		if (is_of_words(row->type) !=
			(row->words != NULL && row->words[0] != NULL) ||
		    (row->type != OPT_WORD &&
			(row->unit == NULL || row->max == 0 ||
			    row->min > row->max))) {
			ROW_FAILS(row, "has no words, or no range");
		}
		if (is_path != (row->file != FILE_NONE)) {
			ROW_FAILS(row, "a path that leads to nothing");
		}
		if (row->def[0] == '\0' && row->example == NULL) {
			ROW_FAILS(row, "has neither default nor example");
		}
		if (row->needs != 0 && row->def[0] != '\0' &&
		    row->type != OPT_WORD) {
			ROW_FAILS(row, "needed, yet has a default");
		}
	}
}

static void every_row_stands_once_and_in_a_section(void **state)
{
	(void)state;
	assert_in_range(config_n_options(), 1, CONFIG_OPTIONS_MAX);
	assert_in_range(config_n_sections, 1, CONFIG_OPTIONS_MAX);
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		size_t sections = 0;

		for (size_t j = 0; j < i; j++) {
			bool gateways = strncmp(row->key, "gateway.", 8) == 0 ||
			    strncmp(config_option_at(j)->key, "gateway.", 8) ==
				0;

			assert_string_not_equal(
			    row->key, config_option_at(j)->key);
			if (row->field == config_option_at(j)->field &&
			    !gateways) {
				ROW_FAILS(row, "shares its field");
			}
		}
		for (size_t j = 0; j < config_n_sections; j++) {
			sections += config_option_in(row, &config_sections[j]);
		}
		assert_int_equal(sections, 1);
		assert_ptr_equal(config_option_of(row->key), row);
		assert_int_equal(config_option_index(row), i);
	}
}

static void count(void *arg, const char *sentence)
{
	print_error("%s\n", sentence);
	(*(size_t *)arg)++;
}

/* Read text into a fresh field as the row's value; write it back. */
static void read_and_write(const struct config_option *row, const char *text)
{
	size_t said_n = 0;
	struct config_said said = { "row", count, &said_n, 0 };
	union {
		char *string;
		struct config_list list;
		struct config_map map;
		unsigned number;
		uint64_t u64;
		const char *literal;
	} field;
	struct config_value value = {
		.row = row,
		.text = bytes_str(text),
		.folder = "/folder",
		.said = &said,
		.line_at = (const uint8_t *)text,
		.line = 1,
	};
	struct buf out;

	memset(&field, 0, sizeof(field));
	if (config_value_read(&value, &field) != TL_OK || said_n != 0) {
		ROW_FAILS(row, text);
	}
	buf_init(&out, CONFIG_LINE_BYTES_MAX);
	config_value_write(row, &field, &out);
	assert_int_equal(buf_err(&out), TL_OK);
	assert_int_equal(out.len == 0, text[0] == '\0');
	buf_free(&out);
	config_value_free(row, &field);
}

static void every_default_and_example_is_a_right_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);

		if (row->type != OPT_WORD || row->def[0] != '\0') {
			read_and_write(row, row->def);
		}
		if (row->example != NULL) {
			read_and_write(row, row->example);
		}
	}
}

static void both_ends_of_every_range_are_right_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_n_options(); i++) {
		const struct config_option *row = config_option_at(i);
		struct buf text;

		if (row->type != OPT_INTEGER && row->type != OPT_SIZE &&
		    row->type != OPT_DURATION) {
			continue;
		}
		for (int end = 0; end < 2; end++) {
			buf_init(&text, 64);
			config_number_write(
			    row, end == 0 ? row->min : row->max, &text);
			buf_put_u8(&text, 0);
			read_and_write(row, (const char *)text.data);
			buf_free(&text);
		}
		/* the field of an integer is an unsigned */
		assert_true(row->type != OPT_INTEGER || row->max <= INT32_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(every_row_stands_once_and_in_a_section),
		cmocka_unit_test(every_default_and_example_is_a_right_value),
		cmocka_unit_test(both_ends_of_every_range_are_right_values),
	};

	return cmocka_run_group_tests_name("config/options", tests, NULL, NULL);
}
