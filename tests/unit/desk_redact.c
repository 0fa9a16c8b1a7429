/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/redact: what is black leaves nothing behind, and what should be black
 * is suggested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/redact.h"
#include "tests/lib/assert_bytes.h"

#define BLACK "\u2588\u2588\u2588\u2588\u2588"

static struct redact_spans spans;

/* text with all that is suggested taken out */
static const char *without(const char *text)
{
	static struct buf out;
	static bool used;

	if (!used) {
		buf_init(&out, 1u << 20);
		used = true;
	}
	buf_reset(&out);
	assert_int_equal(redact_suggest(bytes_str(text), &spans), TL_OK);
	assert_int_equal(
	    redact_text(bytes_str(text), spans.items, spans.n, &out), TL_OK);
	buf_put_u8(&out, 0);
	assert_int_equal(buf_err(&out), TL_OK);
	return (const char *)out.data;
}

static void what_names_somebody_is_suggested(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "call +855 12 345 678 now", "call +" BLACK " now" },
		{ "call 012-345-678.", "call " BLACK "." },
		{ "ទូរស័ព្ទ ០១២ ៣៤៥ ៦៧៨", "ទូរស័ព្ទ " BLACK },
		{ "โทร ๐๘๑๒๓๔๕๖๗๘ ด่วน", "โทร " BLACK " ด่วน" },
		{ "fb @sok.dara2 or a@b.org", "fb " BLACK " or " BLACK },
		{ "see https://t.me/xyz", "see " BLACK },
		{ "the van is 2A-1234", "the van is " BLACK },
		{ "van 1AB 4321, white", "van " BLACK ", white" },
		{ "Mr Sok Dara beats us. Sok Dara drinks",
		    "Mr " BLACK " beats us. " BLACK " drinks" },
		{ "boss wang is here", "boss " BLACK " is here" },
		{ "in the village Prey Nob near",
		    "in the village " BLACK " near" },
		{ "នៅភូមិ ព្រៃនប់ ក្បែរ", "នៅភូមិ " BLACK " ក្បែរ" },
		/* these tell nobody's name */
		{ "eleven of us, 2026, third floor",
		    "eleven of us, 2026, third floor" },
		{ "the bossy one", "the bossy one" },
		{ "12 hours for 300 dollars", "12 hours for 300 dollars" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(without(rows[i].text), rows[i].want);
	}
}

static void spans_are_in_order_and_have_nothing_in_common(void **state)
{
	size_t end = 0;

	(void)state;
	(void)without("Mr 012345678 @sok 2A-1234 boss @dara 012345678 mr x");
	assert_true(spans.n >= 4);
	for (size_t i = 0; i < spans.n; i++) {
		assert_true(spans.items[i].at >= end);
		assert_true(spans.items[i].len > 0);
		end = spans.items[i].at + spans.items[i].len;
	}
}

static void too_many_are_said(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 1u << 20);
	for (unsigned i = 0; i < REDACT_SPANS_MAX + 5; i++) {
		buf_put_str(&text, "01234");
		buf_put_dec(&text, 10000 + i);
		buf_put_str(&text, " x ");
	}
	assert_int_equal(
	    redact_suggest(bytes_of(text.data, text.len), &spans), TL_OK);
	assert_int_equal(spans.n, REDACT_SPANS_MAX);
	assert_true(spans.full);
	buf_free(&text);
}

static struct buf blacked;

static const char *black(
    const char *text, const struct redact_span *some, size_t n)
{
	buf_reset(&blacked);
	assert_int_equal(
	    redact_text(bytes_str(text), some, n, &blacked), TL_OK);
	buf_put_u8(&blacked, 0);
	assert_int_equal(buf_err(&blacked), TL_OK);
	return (const char *)blacked.data;
}

static void no_length_and_no_half_of_a_sign_is_left(void **state)
{
	const struct redact_span one = { .at = 2, .len = 1 };
	const struct redact_span touching[] = { { .at = 4, .len = 2 },
		{ .at = 2, .len = 2 }, { .at = 3, .len = 2 } };
	const struct redact_span half = { .at = 2, .len = 1 }; /* of 3 bytes */

	(void)state;
	assert_string_equal(black("abcdef", &one, 1), "ab" BLACK "def");
	assert_string_equal(black("abcdefgh", touching, 3), "ab" BLACK "gh");
	assert_string_equal(black("aកb", &half, 1), "a" BLACK "b");
	assert_string_equal(black("abc", NULL, 0), "abc");
}

static void a_span_beyond_the_text_is_refused(void **state)
{
	static const struct redact_span odd[] = { { .at = 4, .len = 0 },
		{ .at = 0, .len = 4 }, { .at = 3, .len = SIZE_MAX },
		{ .at = SIZE_MAX, .len = 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		buf_reset(&blacked);
		assert_int_equal(
		    redact_text(bytes_str("abc"), &odd[i], 1, &blacked),
		    TL_EINVAL);
		assert_int_equal(blacked.len, 0);
	}
	assert_int_equal(
	    redact_text(bytes_str("a\xff"), NULL, 0, &blacked), TL_EINVAL);
}

static int set_up(void **state)
{
	(void)state;
	buf_init(&blacked, 1u << 16);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&blacked);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_names_somebody_is_suggested),
		cmocka_unit_test(spans_are_in_order_and_have_nothing_in_common),
		cmocka_unit_test(too_many_are_said),
		cmocka_unit_test(no_length_and_no_half_of_a_sign_is_left),
		cmocka_unit_test(a_span_beyond_the_text_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
