/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/rules: a rule file is taken whole or refused with the line of its
 * first mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "base/buf.h"
#include "text/data.h"
#include "text/rules.h"

#define HEAD "version 1\n[R1] one\n"

static void a_mistake_is_told_with_its_line(void **state)
{
	static const struct {
		const char *file, *what;
		size_t line;
	} bad[] = {
		{ "", "there is no rule", 0 },
		{ "version 1\n", "there is no rule", 1 },
		{ "[R1] one\nP1 when now=1\n", "version", 2 },
		{ "version\n[R1] one\n", "1 to 40 characters", 1 },
		{ "version 12345678901234567890123456789012345678901\n",
		    "1 to 40 characters", 1 },
		{ "version \x01\n", "no text file", 0 },
		{ HEAD "\n# x\nP5 when now=1\n", "a line is", 5 },
		{ HEAD "P1 now=1\n", "\"when\" is missing", 3 },
		{ "version 1\nP1 when now=1\n", "no rule has begun", 2 },
		{ HEAD "P1 when nwo=1\n", "no question of the form", 3 },
		{ HEAD "P1 when now\n", "neither an answer", 3 },
		{ HEAD "P1 when\n", "neither an answer", 3 },
		{ HEAD "P1 when now=\n", "a value is missing", 3 },
		{ HEAD "P1 when now=1,\n", "a value is missing", 3 },
		{ HEAD "P1 when K.NONE\n", "no such group", 3 },
		{ HEAD "P1 when R1\n", "neither an answer", 3 },
		{ HEAD "P1 when R2\n", "neither an answer", 3 },
		{ HEAD "P1 when ilo>4\n", "compared with", 3 },
		{ HEAD "P1 when ilo<4\n", "compared with", 3 },
		{ HEAD "P1 when ilo>=\n", "missing or too long", 3 },
		{ HEAD "P1 when ilo>=1234567890\n", "missing or too long", 3 },
		{ HEAD "P1 when ilo=four\n", "digits only", 3 },
		{ HEAD "P1 when ilo=-1\n", "digits only", 3 },
		{ HEAD "P1 when (now=1\n", "not closed", 3 },
		{ HEAD "P1 when now=1)\n", "the line is not", 3 },
		{ HEAD "P1 when now=1 or\n", "neither an answer", 3 },
		{ HEAD "P1 when now=1 now=2\n", "the line is not", 3 },
		{ HEAD "flag when now=1\n", "a flag has words", 3 },
		{ HEAD "flag some words\n", "a flag has words", 3 },
		{ HEAD "[R1] again\n", "of this name already", 3 },
		{ HEAD "[] x\n", "begins with its name", 3 },
		{ HEAD "[R2 x\n", "begins with its name", 3 },
		{ HEAD "[R2]\n", "sentence for the officer", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rules *none = NULL;
		struct text_fault fault = { 0 };

		assert_int_equal(
		    rules_new(bytes_str(bad[i].file), &none, &fault),
		    TL_EFORMAT);
		assert_null(none);
		if (fault.line != bad[i].line ||
		    strstr(fault.what, bad[i].what) == NULL) {
			fail_msg(
			    "%zu: line %zu: %s", i, fault.line, fault.what);
		}
	}
}

static enum tl_err try_file(const struct buf *file, struct text_fault *fault)
{
	struct rules *made = NULL;
	enum tl_err err =
	    rules_new(bytes_of(file->data, file->len), &made, fault);

	rules_free(made);
	return err;
}

/* n times before and after with a number between them, behind head. */
static enum tl_err try_many(const char *head, const char *before,
    const char *after, unsigned n, struct text_fault *fault)
{
	struct buf file;
	enum tl_err err;

	buf_init(&file, 1u << 20);
	buf_put_str(&file, head);
	for (unsigned i = 0; i < n; i++) {
		buf_put_str(&file, before);
		buf_put_dec(&file, i);
		buf_put_str(&file, after);
	}
	err = try_file(&file, fault);
	buf_free(&file);
	return err;
}

static void too_much_is_refused(void **state)
{
	struct text_fault fault = { 0 };
	struct buf file;

	(void)state;
	assert_int_equal(
	    try_many("version 1\n", "[R", "] x\n", 96, &fault), TL_OK);
	assert_int_equal(
	    try_many("version 1\n", "[R", "] x\n", 97, &fault), TL_EFORMAT);
	assert_string_equal(fault.what, "the rules are too many");
	assert_int_equal(
	    try_many(HEAD, "P1 when now=", "\n", 256, &fault), TL_OK);
	assert_int_equal(
	    try_many(HEAD, "P1 when now=", "\n", 257, &fault), TL_EFORMAT);
	assert_string_equal(fault.what, "the lines are too many");
	assert_int_equal(
	    try_many(HEAD "P1 when now=0", " or now=", "", 1023, &fault),
	    TL_OK);
	assert_int_equal(
	    try_many(HEAD "P1 when now=0", " or now=", "", 1024, &fault),
	    TL_EFORMAT);
	assert_string_equal(fault.what, "the conditions are too many");
	buf_init(&file, 1u << 20);
	buf_put_str(&file, HEAD "P1 when ");
	for (int i = 0; i < 33; i++) {
		buf_put_str(&file, "(");
	}
	assert_int_equal(try_file(&file, &fault), TL_EFORMAT);
	assert_string_equal(fault.what, "brackets in too many brackets");
	buf_reset(&file);
	buf_put_str(&file, HEAD "#");
	while (file.len <= (size_t)64 * 1024) {
		buf_put_str(&file, "x");
	}
	assert_int_equal(try_file(&file, &fault), TL_EFORMAT);
	assert_non_null(strstr(fault.what, "64 KiB"));
	buf_free(&file);
}

/* The built-in file, cut anywhere: rules, or a line; never more than that. */
static void every_cut_and_every_changed_byte_is_rules_or_a_fault(void **state)
{
	struct buf file;

	(void)state;
	buf_init(&file, 1u << 16);
	buf_put(&file, data_rules, data_rules_len);
	assert_int_equal(buf_err(&file), TL_OK);
	for (size_t len = 0; len < data_rules_len; len++) {
		struct text_fault fault = { 0 };
		uint8_t *cut = malloc(len > 0 ? len : 1);
		struct rules *made = NULL;

		assert_non_null(cut);
		memcpy(cut, data_rules, len);
		if (rules_new(bytes_of(cut, len), &made, &fault) != TL_OK) {
			assert_non_null(fault.what);
		}
		rules_free(made);
		free(cut);
		file.data[len] ^= (uint8_t)(1u << len % 7);
		if (try_file(&file, &fault) != TL_OK) {
			assert_non_null(fault.what);
		}
		file.data[len] ^= (uint8_t)(1u << len % 7);
	}
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_is_told_with_its_line),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(
		    every_cut_and_every_changed_byte_is_rules_or_a_fault),
	};

	return cmocka_run_group_tests_name(
	    "text/rules_file", tests, NULL, NULL);
}
