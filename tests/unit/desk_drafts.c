/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/drafts: what was begun comes back the same, lies sealed, has a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/drafts.h"

static struct drafts *drafts;
static char text[DRAFT_TEXT_BYTES + 1];

static int set_up(void **state)
{
	(void)state;
	memset(text, 'x', sizeof(text));
	drafts = crypto_start() == TL_OK ? drafts_new() : NULL;
	return drafts == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	drafts_free(drafts);
	return 0;
}

static enum tl_err put(const char *name, const char *what)
{
	return drafts_put(drafts, bytes_str(name), bytes_str(what));
}

/* What is there; NULL: nothing. */
static const char *there(const char *name)
{
	static char found[100];
	struct buf out;
	enum tl_err err;

	buf_init(&out, sizeof(found) - 1);
	err = drafts_get(drafts, bytes_str(name), &out);
	assert_true(err == TL_OK || err == TL_ENOENT);
	assert_true(out.len < sizeof(found));
	if (out.len > 0) {
		memcpy(found, out.data, out.len);
	}
	found[out.len] = 0;
	buf_free(&out);
	return err == TL_OK ? found : NULL;
}

static void what_was_begun_comes_back_until_it_is_dropped(void **state)
{
	(void)state;
	assert_null(there("a"));
	assert_int_equal(put("a", "one"), TL_OK);
	assert_int_equal(put("ab", "two"), TL_OK);
	assert_string_equal(there("a"), "one");
	assert_int_equal(put("a", "three"), TL_OK);
	assert_string_equal(there("a"), "three");
	assert_string_equal(there("ab"), "two");
	drafts_drop(drafts, bytes_str("a"));
	drafts_drop(drafts, bytes_str("a"));
	assert_null(there("a"));
	assert_string_equal(there("ab"), "two");
	assert_int_equal(put("c", ""), TL_OK);
	assert_string_equal(there("c"), "");
}

static void too_much_is_refused_and_changes_nothing(void **state)
{
	const struct bytes big = bytes_of(text, DRAFT_TEXT_BYTES);
	char name[16] = "n0";
	size_t n = 0;

	(void)state;
	assert_int_equal(put("a", "one"), TL_OK);
	assert_int_equal(
	    drafts_put(drafts, bytes_str("a"), bytes_of(text, sizeof(text))),
	    TL_ETOOBIG);
	assert_int_equal(put("", "one"), TL_ETOOBIG);
	assert_int_equal(
	    drafts_put(drafts, bytes_of(text, DRAFT_NAME_BYTES + 1), big),
	    TL_ETOOBIG);
	while (drafts_put(drafts, bytes_str(name), big) == TL_OK) {
		assert_true(++n < DRAFTS_MAX);
		(void)snprintf(name, sizeof(name), "n%zu", n);
	}
	assert_int_equal(n, DRAFTS_BYTES / DRAFT_TEXT_BYTES);
	assert_string_equal(there("a"), "one");
	/* another text in the place of one that is there */
	assert_int_equal(drafts_put(drafts, bytes_str("n1"), big), TL_OK);
	drafts_drop(drafts, bytes_str("n1"));
	assert_int_equal(drafts_put(drafts, bytes_str("z"), big), TL_OK);
}

static void so_many_may_be_there(void **state)
{
	char name[16] = "n0";

	(void)state;
	for (unsigned i = 0; i < DRAFTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(put(name, "x"), TL_OK);
	}
	assert_int_equal(put("one more", "x"), TL_EFULL);
	assert_int_equal(put("n7", "y"), TL_OK);
	drafts_drop(drafts, bytes_str("n8"));
	assert_int_equal(put("one more", "x"), TL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(what_was_begun_comes_back_until_it_is_dropped),
		TEST(too_much_is_refused_and_changes_nothing),
		TEST(so_many_may_be_there),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
