/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/print: what is printed is read again to the same, and the documents
 * people read are what the table says.
 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"

#define TEXT_BYTES_MAX (1024u * 1024u)

static void hear(void *arg, const char *sentence)
{
	(void)arg;
	print_error("%s\n", sentence);
}

static struct config *parse(const struct buf *text, const char *folder)
{
	struct config *config = NULL;

	assert_int_equal(buf_err(text), TL_OK);
	assert_int_equal(config_parse(bytes_of(text->data, text->len), "f",
			     folder, hear, NULL, &config),
	    TL_OK);
	return config;
}

static void print(const struct config *config, struct buf *out)
{
	buf_init(out, TEXT_BYTES_MAX);
	config_print(config, out);
	assert_int_equal(buf_err(out), TL_OK);
}

/* Print, read elsewhere, print: the same. Frees text. */
static void comes_back_the_same(struct buf *text)
{
	struct config *config = parse(text, "/etc/tipline");
	struct config *again;
	struct buf first;
	struct buf second;

	print(config, &first);
	again = parse(&first, "/elsewhere");
	print(again, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	assert_int_equal(config->programs, again->programs);
	buf_free(&first);
	buf_free(&second);
	buf_free(text);
	config_free(config);
	config_free(again);
}

static void text_comes_back(const char *string)
{
	struct buf text;

	buf_init(&text, TEXT_BYTES_MAX);
	buf_put_str(&text, string);
	comes_back_the_same(&text);
}

static void a_printed_configuration_is_read_again_to_the_same(void **state)
{
	(void)state;
	text_comes_back("");
	text_comes_back(
	    "[site]\ntitle = \" # \\\"\\\\\"\nlanguages = en km th\n"
	    "exit_urls = th=https://a/?b=c default=https://d\n"
	    "[redis]\nsocket = \"a b/#c\"\nreplicas = 16\n");
	text_comes_back("[spool]\npath = x\n"
			"receipt_keys = \"a b\" \"c\\\"\" d#e\n"
			"min_free = 16385 KiB\nlow_free = 3GiB\n");
}

/* In the sample, a line that is one option or section behind a #. */
static bool is_option_line(const char *line)
{
	size_t word = strspn(line + 1, "abcdefghijklmnopqrstuvwxyz_");

	return line[0] == '#' &&
	    (line[1] == '[' ||
		(word > 0 && strncmp(line + 1 + word, " =", 2) == 0));
}

static void the_sample_is_right_as_it_is(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, TEXT_BYTES_MAX);
	config_sample(&text);
	comes_back_the_same(&text);
}

static void the_sample_is_right_with_every_option_set(void **state)
{
	struct buf sample;
	struct buf text;
	size_t options = 0;
	char *save = NULL;

	(void)state;
	buf_init(&sample, TEXT_BYTES_MAX);
	buf_init(&text, TEXT_BYTES_MAX);
	config_sample(&sample);
	buf_put_u8(&sample, 0);
	assert_int_equal(buf_err(&sample), TL_OK);
	for (char *line = strtok_r((char *)sample.data, "\n", &save);
	     line != NULL; line = strtok_r(NULL, "\n", &save)) {
		const char *set = is_option_line(line) ? line + 1 : line;

		options += set[0] != '#' && set[0] != '[';
		buf_put_str(&text, set);
		buf_put_str(&text, "\n");
	}
	assert_int_equal(options, config_n_options());
	comes_back_the_same(&text);
	buf_free(&sample);
}

/* The tests run in the top folder of the tree. */
static void file_is(const char *path, const struct buf *text, const char *how)
{
	FILE *file = fopen(path, "rb");
	char *found = malloc(text->len + 1);
	size_t len;

	assert_int_equal(buf_err(text), TL_OK);
	assert_non_null(found);
	assert_non_null(file);
	len = fread(found, 1, text->len + 1, file);
	(void)fclose(file);
	if (len != text->len || memcmp(found, text->data, len) != 0) {
		print_error("%s is old; run: build/tipline check %s > %s\n",
		    path, how, path);
		fail();
	}
	free(found);
}

static void the_documents_are_what_the_table_says(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, TEXT_BYTES_MAX);
	config_sample(&text);
	file_is("docs/tipline.conf.sample", &text, "--sample");
	buf_reset(&text);
	config_man(&text);
	file_is("docs/man/tipline.conf.5", &text, "--man");
	buf_free(&text);
}

static void the_man_page_names_every_option(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, TEXT_BYTES_MAX);
	config_man(&text);
	buf_put_u8(&text, 0);
	assert_int_equal(buf_err(&text), TL_OK);
	for (size_t i = 0; i < config_n_options(); i++) {
		char wanted[128];

		(void)snprintf(wanted, sizeof(wanted), ".TP\n.B %s\n",
		    config_option_name(config_option_at(i)));
		assert_non_null(strstr((const char *)text.data, wanted));
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_printed_configuration_is_read_again_to_the_same),
		cmocka_unit_test(the_sample_is_right_as_it_is),
		cmocka_unit_test(the_sample_is_right_with_every_option_set),
		cmocka_unit_test(the_documents_are_what_the_table_says),
		cmocka_unit_test(the_man_page_names_every_option),
	};

	return cmocka_run_group_tests_name("config/print", tests, NULL, NULL);
}
