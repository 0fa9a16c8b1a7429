/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/urlencoded: forms of reporter pages. Bad text must not cost a
 * tip; bytes that no browser sends are refused.
 */
#include "server/net/urlencoded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lit.h"

/* A sanitizer's allocator ends the program otherwise. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static enum tl_err parse(struct bytes body, struct urlencoded *ret_form)
{
	/* an exact heap copy, so that ASan sees one byte too many */
	uint8_t *copy = malloc(body.len > 0 ? body.len : 1);
	enum tl_err err;

	assert_non_null(copy);
	if (body.len > 0) {
		memcpy(copy, body.at, body.len);
	}
	err = urlencoded_parse(bytes_of(copy, body.len), ret_form);
	free(copy);
	return err;
}

static void every_byte_comes_out_as_it_was_sent(void **state)
{
	static const struct {
		struct bytes body;
		struct bytes name;
		struct bytes value;
	} rows[] = {
		{ B("a=b"), B("a"), B("b") },
		{ B("a"), B("a"), B("") },
		{ B("a="), B("a"), B("") },
		{ B("=b"), B(""), B("b") },
		{ B("&a=b&"), B("a"), B("b") },
		{ B("a=b=c"), B("a"), B("b=c") },
		{ B("a+b=c+d"), B("a b"), B("c d") },
		{ B("t=%E1%9e%80"), B("t"), B("\xe1\x9e\x80") },
		{ B("t=%00%ff%C0"), B("t"), B("\0\xff\xc0") },
		{ B("t=\xff\r\n"), B("t"), B("\xff\r\n") },
		{ B("%26%3D=%2B%25"), B("&="), B("+%") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct urlencoded form;

		assert_int_equal(parse(rows[i].body, &form), TL_OK);
		assert_int_equal(form.n_pairs, 1);
		assert_true(bytes_equal(form.pairs[0].name, rows[i].name));
		assert_true(bytes_equal(form.pairs[0].value, rows[i].value));
		urlencoded_free(&form);
	}
}

static void nothing_is_an_empty_form(void **state)
{
	struct urlencoded form;

	(void)state;
	assert_int_equal(parse(B(""), &form), TL_OK);
	assert_int_equal(form.n_pairs, 0);
	urlencoded_free(&form);
	assert_int_equal(urlencoded_parse(bytes_of(NULL, 0), &form), TL_OK);
	assert_int_equal(form.n_pairs, 0);
	urlencoded_free(&form);
	assert_int_equal(parse(B("&&&"), &form), TL_OK);
	assert_int_equal(form.n_pairs, 0);
	urlencoded_free(&form);
}

static void a_broken_percent_is_refused_everywhere(void **state)
{
	static const struct bytes rows[] = { B("a=%"), B("a=%4"), B("a=%4&b=1"),
		B("a=%4g"), B("a=%g4"), B("a=%%41"), B("%4=b"), B("x=1&%=2"),
		B("a=%+1"), B("a=%4=1") };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct urlencoded form;

		assert_int_equal(parse(rows[i], &form), TL_EFORMAT);
		assert_int_equal(form.n_pairs, 0);
		assert_null(form.decoded.data);
	}
}

static void there_are_128_pairs_at_most(void **state)
{
	struct urlencoded form;
	struct buf body;

	(void)state;
	buf_init(&body, 1024);
	for (unsigned i = 0; i < URLENCODED_PAIRS_MAX; i++) {
		buf_put_str(&body, "a=1&");
	}
	assert_int_equal(parse(bytes_of(body.data, body.len), &form), TL_OK);
	assert_int_equal(form.n_pairs, URLENCODED_PAIRS_MAX);
	urlencoded_free(&form);
	buf_put_str(&body, "b");
	assert_int_equal(
	    parse(bytes_of(body.data, body.len), &form), TL_ETOOBIG);
	buf_free(&body);
}

static void every_cut_is_a_shorter_form_or_refused(void **state)
{
	static const char body[] = "text=%E1%9E%80+a&now=2&x=%0D%0A";

	(void)state;
	for (size_t len = 0; len < sizeof(body) - 1; len++) {
		struct urlencoded form;
		enum tl_err err = parse(bytes_of(body, len), &form);
		bool open = (len >= 1 && body[len - 1] == '%') ||
		    (len >= 2 && body[len - 2] == '%');

		assert_int_equal(err, open ? TL_EFORMAT : TL_OK);
		urlencoded_free(&form);
	}
}

static void memory_that_is_not_there_is_told(void **state)
{
	static const uint8_t byte = 'a';
	struct urlencoded form;

	(void)state;
	/* refused before a byte of it is looked at */
	assert_int_equal(
	    urlencoded_parse(bytes_of(&byte, SIZE_MAX / 2 + 1), &form),
	    TL_ENOMEM);
}

static void a_name_may_come_once(void **state)
{
	struct bytes value = B("untouched");
	struct urlencoded form;

	(void)state;
	assert_int_equal(parse(B("a=1&b=2&a=3&bb=4"), &form), TL_OK);
	assert_int_equal(
	    form_one(form.pairs, form.n_pairs, "a", &value), TL_EEXIST);
	assert_int_equal(
	    form_one(form.pairs, form.n_pairs, "c", &value), TL_ENOENT);
	assert_true(bytes_equal(value, B("untouched")));
	assert_int_equal(
	    form_one(form.pairs, form.n_pairs, "b", &value), TL_OK);
	assert_true(bytes_equal(value, B("2")));
	urlencoded_free(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_comes_out_as_it_was_sent),
		cmocka_unit_test(nothing_is_an_empty_form),
		cmocka_unit_test(a_broken_percent_is_refused_everywhere),
		cmocka_unit_test(there_are_128_pairs_at_most),
		cmocka_unit_test(every_cut_is_a_shorter_form_or_refused),
		cmocka_unit_test(memory_that_is_not_there_is_told),
		cmocka_unit_test(a_name_may_come_once),
	};

	return cmocka_run_group_tests_name(
	    "server/net/urlencoded", tests, NULL, NULL);
}
