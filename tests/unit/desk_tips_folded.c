/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips: whether a partner's person is named in a tip, where memory was out
 * when it was opened, or it is too long to be searched: in doubt they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"
#include "tests/lib/disk/bad_calls.h"

#define POINTS_MAX 500u
/* Folded, one sign of three bytes is eighteen signs. */
#define SIGN  "\xef\xb7\xba"
#define SIGNS 25000u
#define NAME  bytes_str("Sok Dara")

static struct tips *tips;

static void make_room(void)
{
	tips_free(tips);
	tips = tips_new((size_t)64 * 1024 * 1024);
	assert_non_null(tips);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	make_room();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tips_free(tips);
	tips = NULL;
	return 0;
}

static struct tip *add(uint8_t n)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .id = { n }, .len = 4000
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	tips_find(tips, item.id)->is_signed = true;
	return tips_find(tips, item.id);
}

static enum tl_err open_it(
    struct tip *tip, const char *text, const char *answer, const char *more)
{
	static char doc[SIGNS * 3 + 1024];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"%02x000000000000000000000000000000\","
	    "\"received\":\"2026-11-22T00:00:00Z\",\"priority\":3,"
	    "\"rules\":[],\"answers\":{\"where_words\":\"%s\"},\"sender\":{}"
	    "%s,\"text\":\"%s\"}",
	    tip->id[0], answer, more, text);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	return tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip);
}

/* In the text, and behind it in an answer. */
static void a_name_is_found_whatever_memory_was_out(void **state)
{
	static const char *const said[][2] = { { "it is Sok Dara", "a house" },
		{ "they hold us", "at Sok Dara's" },
		{ "t\xc3\xb4i b\xe1\xbb\x8b gi\xe1\xbb\xaf",
		    "s\xc3\xb4k dara" } };

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		unsigned failed = 1, n = 0;

		while (failed > 0) {
			struct tip *tip;
			enum tl_err err;

			make_room();
			tip = add(1);
			bad_calls_fail_any(++n, 0);
			err = open_it(tip, said[i][0], said[i][1], "");
			failed = bad_calls_end();
			if (err != TL_OK) {
				assert_int_equal(err, TL_ENOMEM);
				assert_int_equal(
				    open_it(tip, said[i][0], said[i][1], ""),
				    TL_OK);
			}
			assert_true(tip_names(tip, NAME));
			assert_false(tip_names(tip, bytes_str("Chan Vanna")));
			assert_in_range(n, 1, POINTS_MAX);
		}
		assert_true(n > 5);
	}
}

static const char *long_text(void)
{
	static char text[SIGNS * 3 + 1];

	for (size_t i = 0; i < SIGNS; i++) {
		memcpy(text + 3 * i, SIGN, 3);
	}
	return text;
}

#define PART(seq) \
	",\"channel\":\"sms\",\"gateway\":\"g\",\"to\":\"t\",\"thread\":" \
	"\"00000000000000000000000000000001\",\"thread_before\":" \
	"\"ffffffffffffffffffffffffffffffff\",\"concat\":{\"ref\":7," \
	"\"total\":2,\"seq\":" seq ",\"wide\":false}"

/* Each of them can be searched, and not what they are together. */
static void any_name_may_be_in_what_is_too_long_to_be_searched(void **state)
{
	const char *text = long_text();
	struct tip *one = add(1), *other = add(2);

	(void)state;
	assert_int_equal(open_it(one, text, "a house", PART("1")), TL_OK);
	assert_false(tip_names(one, NAME));
	assert_int_equal(open_it(other, text, "a house", PART("2")), TL_OK);
	assert_int_equal(tips_settle(tips, 0, NULL), TL_OK);
	assert_ptr_equal(other->of, one);
	assert_true(one->doc.len > 2 * strlen(text));
	assert_true(tip_names(one, NAME));
	/* no more than of others, when it is read anew */
	tips_forget(tips, 0);
	assert_int_equal(open_it(one, "short", "a house", PART("1")), TL_OK);
	assert_false(tip_names(one, NAME));
}

/* As of later words. */
static void it_may_be_in_what_came_later(void **state)
{
	struct tip *one = add(1), *more = add(2);

	(void)state;
	assert_int_equal(open_it(one, "short", "a house",
			     ",\"reply\":{\"key\":\"x\",\"mailbox\":"
			     "\"01010101010101010101010101010101\"}"),
	    TL_OK);
	assert_int_equal(open_it(more, "more", "a house",
			     ",\"kind\":\"more\",\"mailbox\":"
			     "\"01010101010101010101010101010101\""),
	    TL_OK);
	assert_int_equal(tips_settle(tips, 0, NULL), TL_OK);
	assert_ptr_equal(more->of, one);
	assert_false(tip_names(one, NAME));
	more->is_unfolded = true;
	assert_true(tip_names(one, NAME));
	assert_false(tip_names(one, bytes_str(" "))); /* that is no name */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_found_whatever_memory_was_out),
		TEST(any_name_may_be_in_what_is_too_long_to_be_searched),
		TEST(it_may_be_in_what_came_later),
	};

	return cmocka_run_group_tests_name(
	    "desk/tips folded", tests, NULL, NULL);
}
