/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct heard heard;

void heard_add(void *arg, const char *sentence)
{
	struct heard *to = arg;

	to->len += (size_t)snprintf(
	    to->text + to->len, sizeof(to->text) - to->len, "%s\n", sentence);
	assert_true(to->len < sizeof(to->text));
	to->n++;
}

enum tl_err heard_parse(struct bytes text, struct config **ret_config)
{
	/* an exact heap copy, so that ASan sees one byte too many */
	uint8_t *copy = malloc(text.len > 0 ? text.len : 1);
	enum tl_err err;

	assert_non_null(copy);
	if (text.len > 0) {
		memcpy(copy, text.at, text.len);
	}
	memset(&heard, 0, sizeof(heard));
	err = config_parse(bytes_of(copy, text.len), "f", "/etc/tipline",
	    heard_add, &heard, ret_config);
	free(copy);
	return err;
}

struct config *heard_right(const char *text)
{
	struct config *config = NULL;
	enum tl_err err = heard_parse(bytes_str(text), &config);

	if (err != TL_OK) {
		print_error("%s", heard.text);
	}
	assert_int_equal(err, TL_OK);
	assert_int_equal(heard.n, 0);
	return config;
}

void heard_wrong_n(const char *text, size_t n, const char *const *wanted)
{
	struct config *untouched = (struct config *)&heard;
	struct config *config = untouched;

	assert_int_equal(heard_parse(bytes_str(text), &config), TL_EINVAL);
	assert_ptr_equal(config, untouched);
	for (size_t i = 0; i < n; i++) {
		if (strstr(heard.text, wanted[i]) == NULL) {
			print_error(
			    "wanted: %s\nheard:\n%s", wanted[i], heard.text);
			fail();
		}
	}
	if (heard.n != n) {
		print_error("wanted %zu mistakes, heard:\n%s", n, heard.text);
		fail();
	}
}

void heard_wrong(const char *text, const char *wanted)
{
	heard_wrong_n(text, 1, &wanted);
}
