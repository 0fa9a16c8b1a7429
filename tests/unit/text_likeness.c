/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/likeness: texts that are nearly the same find each other, others do
 * not, and without the key nobody can tell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "base/buf.h"
#include "crypto/hash.h"
#include "tests/lib/lit.h"
#include "text/likeness.h"

static const uint8_t key[LIKENESS_KEY_BYTES] = { 1, 2, 3 };
static const uint8_t other_key[LIKENESS_KEY_BYTES] = { 1, 2, 4 };

static const char story[] =
    "They keep eleven of us on the third floor of a white building behind the "
    "market in Bavet. The door is locked and the guard has a stick.";

static bool make(struct bytes text, const uint8_t *with,
    uint8_t ret_likeness[static LIKENESS_BYTES])
{
	bool has = false;

	assert_int_equal(
	    likeness_make(text, hash_short, with, &has, ret_likeness), TL_OK);
	return has;
}

static unsigned percent(struct bytes a, struct bytes b)
{
	uint8_t x[LIKENESS_BYTES], y[LIKENESS_BYTES];

	assert_true(make(a, key, x));
	assert_true(make(b, key, y));
	assert_int_equal(likeness_percent(x, y), likeness_percent(y, x));
	return likeness_percent(x, y);
}

static void what_looks_the_same_is_the_same(void **state)
{
	static const struct {
		const char *a, *b;
	} pairs[] = {
		{ story, story },
		/* case, spaces, signs, digits, invisible signs */
		{ "Please come: 18 people are here, room 7!",
		    "PLEASE come -- ១៨ people are here\u200b (room 7)" },
		{ "heeeelp them please, the boss is here",
		    "help them please, the boss is here" },
		/* Vietnamese with and without marks */
		{ "Họ nhốt chúng tôi trong nhà kho ở Bavet",
		    "ho nhot chung toi trong nha kho o bavet" },
		/* Khmer typed in another order */
		{ "ស្ត្រី ១២ នាក់ ត្រូវគេឃុំឃាំង នៅផ្ទះនេះ",
		    "ស\u17d2\u179a\u17d2\u178f\u17b8 12 នាក់ ត្រូវគេឃុំឃាំង "
		    "នៅផ្ទះនេះ" },
		/* Burmese in Zawgyi and in Unicode */
		{ "သူေဌးက ႏိုင္ငံကူးလက္မွတ္ သိမ္းထားတယ္", "သူဌေးက နိုင်ငံကူးလက်မှတ် သိမ်းထားတယ်" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		unsigned same =
		    percent(bytes_str(pairs[i].a), bytes_str(pairs[i].b));

		if (same != 100) {
			fail_msg("pair %zu: %u", i, same);
		}
	}
}

static void near_texts_are_near(void **state)
{
	static const char *const rows[] = {
		/* a word changed, one added, a greeting, a part cut off */
		"They keep twelve of us on the third floor of a white building "
		"behind the market in Bavet. The door is locked and the guard "
		"has a stick.",
		"They keep eleven of us on the third floor of a white building "
		"behind the market in Bavet. The door is locked and the guard "
		"has a stick. Hurry!",
		("Hello, they keep eleven of us on the third floor of a white "
		 "building behind the market in Bavet. The door is locked and "
		 "the guard has a stick."),
		"They keep eleven of us on the third floor of a white building "
		"behind the market in Bavet. The door is locked and the guard",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned same = percent(bytes_str(story), bytes_str(rows[i]));

		if (same < LIKENESS_NEAR_PERCENT || same == 100) {
			fail_msg("row %zu: %u", i, same);
		}
	}
}

static void far_texts_are_far(void **state)
{
	static const char *const rows[] = {
		/* the same matter in other words; the same words elsewhere */
		"Eleven people cannot leave. A man with a stick stands at the "
		"door of the house, upstairs, near the market of Bavet.",
		"The white building on the third street behind the market is "
		"an old cinema that they keep for the children of Bavet.",
		"ខ្ញុំធ្វើការនៅក្នុងអគារធំមួយ ហើយគេមិនឱ្យចេញក្រៅទេ",
		"121212121212121212121212 1212121212121212 121212121212",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned same = percent(bytes_str(story), bytes_str(rows[i]));

		if (same >= LIKENESS_NEAR_PERCENT / 2) {
			fail_msg("row %zu: %u", i, same);
		}
	}
}

static void a_flood_of_words_hides_or_hits_nothing(void **state)
{
	struct buf all;

	(void)state;
	/* one text behind another is like neither, and so is a text of every
	 * short word there is: who wants to be linked to all is to none */
	buf_init(&all, 1u << 20);
	buf_put_str(&all, story);
	for (uint32_t i = 0; i < 20000; i++) {
		const uint8_t word[] = { ' ', (uint8_t)('a' + i % 26),
			(uint8_t)('a' + i / 26 % 26),
			(uint8_t)('a' + i / 676 % 26) };

		buf_put(&all, word, sizeof(word));
	}
	assert_int_equal(buf_err(&all), TL_OK);
	assert_true(percent(bytes_str(story), bytes_of(all.data, all.len)) <
	    LIKENESS_NEAR_PERCENT / 2);
	buf_free(&all);
}

static void without_the_key_nothing_is_alike(void **state)
{
	uint8_t mine[LIKENESS_BYTES], theirs[LIKENESS_BYTES];

	(void)state;
	assert_true(make(bytes_str(story), key, mine));
	assert_true(make(bytes_str(story), other_key, theirs));
	assert_true(likeness_percent(mine, theirs) < 5);
}

static void short_texts_have_none(void **state)
{
	uint8_t likeness[LIKENESS_BYTES] = { 7 };

	(void)state;
	assert_false(make(B(""), key, likeness));
	assert_false(make(B("help me, please"), key, likeness));
	/* 20 invisible signs more are none */
	assert_false(make(B("help me, please\u200b\u200b\u200b\u200b\u200b"
			    "\u200b\u200b\u200b\u200b\u200b\u200b\u200b"),
	    key, likeness));
	assert_int_equal(likeness[0], 7);
	assert_true(make(B("help me please, hurry"), key, likeness));
}

static void empty_fingerprints_are_not_alike(void **state)
{
	static const uint8_t none[LIKENESS_BYTES];

	(void)state;
	assert_int_equal(likeness_percent(none, none), 0);
}

/* The words of docs/FORMAT.md, followed by hand for one run of five signs. */
static void the_format_is_as_written_down(void **state)
{
	static const uint8_t run[] = { 0, 0, 0, 'a', 0, 0, 0, 'b', 0, 0, 0, 'c',
		0, 0, 0, 'd', 0, 0, 0x17, 0x80 };
	uint64_t hashed = hash_short(key, run, sizeof(run));
	size_t slot = (size_t)(hashed % LIKENESS_SLOTS);
	uint8_t likeness[LIKENESS_BYTES];
	unsigned value;

	(void)state;
	assert_true(make(B("ABCDក abcdក abcdក abcdក"), key, likeness));
	value = (unsigned)likeness[2 * slot] << 8 | likeness[2 * slot + 1];
	assert_in_range(value, 1, hashed >> 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_looks_the_same_is_the_same),
		cmocka_unit_test(near_texts_are_near),
		cmocka_unit_test(far_texts_are_far),
		cmocka_unit_test(a_flood_of_words_hides_or_hits_nothing),
		cmocka_unit_test(without_the_key_nothing_is_alike),
		cmocka_unit_test(short_texts_have_none),
		cmocka_unit_test(empty_fingerprints_are_not_alike),
		cmocka_unit_test(the_format_is_as_written_down),
	};

	return cmocka_run_group_tests_name("text/likeness", tests, NULL, NULL);
}
