/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/fold: what people type in two ways meets, and what differs stays
 * apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/digits.h"
#include "text/fold.h"
#include "text/tsv.h"
#include "text/utf8.h"

#define OUT_MAX_BYTES ((size_t)16u << 20)

static struct buf folded(struct bytes text, bool unmarked)
{
	struct fold fold = { 0 }, plain = { 0 };
	struct buf out;

	assert_int_equal(fold_text(text, &fold), TL_OK);
	buf_init(&out, OUT_MAX_BYTES);
	if (unmarked) {
		assert_int_equal(fold_unmarked(&fold, &plain), TL_OK);
	}
	fold_put(unmarked ? &plain : &fold, &out);
	assert_int_equal(buf_err(&out), TL_OK);
	fold_free(&plain);
	fold_free(&fold);
	return out;
}

static bool meet(struct bytes a, struct bytes b, bool unmarked)
{
	struct buf x = folded(a, unmarked), y = folded(b, unmarked);
	bool same =
	    bytes_equal(bytes_of(x.data, x.len), bytes_of(y.data, y.len));

	buf_free(&x);
	buf_free(&y);
	return same;
}

struct pair {
	const char *a, *b;
};

static void what_is_typed_in_two_ways_meets(void **state)
{
	static const struct pair pairs[] = {
		{ "កណ\u17d2\u178aាល", "កណ\u17d2\u178fាល" },
		{ "ឧត\u17d2\u178aរមានជ័យ", "ឧត\u17d2\u178fរមានជ័យ" },
		{ "ជួយ\u200bផង", "ជួយផង" },
		{ "\u1780\u17c1\u17b8", "\u1780\u17be" },
		{ "\u1780\u17c1\u17b6", "\u1780\u17c4" },
		{ "\u1780\u17be\u17b6", "\u1780\u17c4\u17b8" },
		{ "\u179f\u17d2\u179a\u17d2\u178f\u17b8",
		    "\u179f\u17d2\u178f\u17d2\u179a\u17b8" },
		{ "\u1780\u17d2\u17d2\u179a", "\u1780\u17d2\u179a" },
		{ "\u1780\u17c6\u17bb", "\u1780\u17bb\u17c6" },
		{ "\u1780\u17c6\u17b6", "\u1780\u17b6\u17c6" },
		{ "\u1794\u17bb\u17b6\u179f\u17d2\u1796\u17d0\u179a",
		    "\u1794\u17c9\u17b6\u179f\u17d2\u1796\u17d0\u179a" },
		{ "\u179f\u17bb\u17b8", "\u179f\u17ca\u17b8" },
		{ "Can\u2019t leave", "cant leave" },
		{ "naka-lock", "naka lock" },
		{ "\u0e19\u0e4d\u0e49\u0e32", "\u0e19\u0e49\u0e33" },
		{ "\u0e17\u0e4d\u0e32", "\u0e17\u0e33" },
		{ "\u0e40\u0e40\u0e21\u0e48", "\u0e41\u0e21\u0e48" },
		{ "ຫນີ້", "ໜີ້" },
		{ "\u0ec0\u0ec0\u0e94", "\u0ec1\u0e94" },
		{ "១៨", "18" },
		{ "๑๘", "18" },
		{ "໑໘", "18" },
		{ "၁၈", "18" },
		{ "১৮", "18" },
		{ "१८", "18" },
		{ "１８", "18" },
		{ "၁၀၂", "102" },
		{ "၀", "0" },
		{ "\u1040\u102d\u102f\u1004\u103a\u1038",
		    "\u101d\u102d\u102f\u1004\u103a\u1038" },
		{ "HELP\r\n\t  me!!", "help me" },
		{ "\ufb01ne", "fine" },
		{ "c\u0323u\u031b\u0301u", "c\u0323\u1ee9u" },
		{ "Ｓ Ｏ Ｓ", "s o s" },
		{ "he\u00adlp\ufeff", "help" },
		{ "HEEEEELP", "heelp" },
		{ "ឲ្យ", "ឱ្យ" },
		{ "ជ\u17b4ួយ", "ជួយ" },
		{ "ខ\u17d2ញ\u17bb\u17c6\u17bb", "ខ្ញុំ" },
		{ "បាាាា", "បា" },
		{ "🆘!", "sos" },
		{ "a🆘b", "a sos b" },
		{ "ช่วยๆ", "ช่วย" },
		{ "ជួយៗ", "ជួយ" },
		{ "ຊ່ວຍໆ", "ຊ່ວຍ" },
		{ "ช่วยยยย", "ช่วยย" },
		{ "ជួយយយ", "ជួយយ" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!meet(
			bytes_str(pairs[i].a), bytes_str(pairs[i].b), false)) {
			fail_msg("pair %zu: %s %s", i, pairs[i].a, pairs[i].b);
		}
	}
}

/* The signs of ASCII have a table; their wide forms go the long way. */
static void ascii_folds_like_its_wide_forms(void **state)
{
	(void)state;
	for (uint32_t point = '!'; point <= '~'; point++) {
		const uint8_t narrow[] = { 'x', (uint8_t)point, 'y' };
		struct buf wide;

		buf_init(&wide, 16);
		utf8_put(&wide, 'x');
		utf8_put(&wide, point + 0xfee0);
		utf8_put(&wide, 'y');
		assert_true(meet(bytes_of(narrow, sizeof(narrow)),
		    bytes_of(wide.data, wide.len), false));
		buf_free(&wide);
	}
}

/* What stands behind a text decides whether all steps are gone through. */
static void letters_without_marks_fold_alike_in_front_of_others(void **state)
{
	static const uint8_t other[] = { 'x', 0xe1, 0x9e, 0x80 };

	(void)state;
	for (unsigned pair = 0; pair < 0x80 * 0x80; pair++) {
		uint8_t text[6] = { (uint8_t)(pair / 0x80),
			(uint8_t)(pair % 0x80) };
		struct fold alone, before;

		memcpy(text + 2, other, sizeof(other));
		assert_int_equal(fold_text(bytes_of(text, 3), &alone), TL_OK);
		assert_int_equal(fold_text(bytes_of(text, 6), &before), TL_OK);
		assert_int_equal(before.n, alone.n + 1);
		for (size_t i = 0; i < alone.n; i++) {
			assert_int_equal(alone.at[i].point, before.at[i].point);
			assert_int_equal(alone.at[i].at, before.at[i].at);
			assert_int_equal(alone.at[i].end, before.at[i].end);
			assert_int_equal(alone.at[i].extra, before.at[i].extra);
		}
		fold_free(&alone);
		fold_free(&before);
	}
}

static void what_differs_stays_apart(void **state)
{
	static const struct pair pairs[] = {
		{ "\u1780\u17bb\u17c6", "\u1780\u17c9\u17c6" },
		{ "cứu", "cuu" },
		{ "nợ", "no" },
		{ "help", "heelp" },
		{ "ကိ", "ကီ" },
		{ "ក", "ខ" },
		{ "a b", "ab" },
		{ "ยย", "ย" },
		{ "1000", "100" },
		{ "\u17b1", "\u17a2" },
		{ "ក\u17c1\u17c1", "ក\u17c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_false(
		    meet(bytes_str(pairs[i].a), bytes_str(pairs[i].b), false));
	}
}

static void marks_fall_in_the_unmarked_copy(void **state)
{
	(void)state;
	assert_true(meet(B("cứu tôi, đừng đi"), B("CUU TOI dung di"), true));
	/* only Latin loses its marks */
	assert_false(meet(B("កី"), B("ក"), true));
}

static void long_runs_are_tried_as_one_letter(void **state)
{
	struct fold fold, single;
	struct buf out;

	(void)state;
	assert_int_equal(
	    fold_text(B("heeelp baa 1000 ช่วยยยด้วยยย"), &fold), TL_OK);
	assert_true(fold.has_extra);
	assert_int_equal(fold_single(&fold, &single), TL_OK);
	buf_init(&out, 64);
	fold_put(&single, &out);
	assert_true(bytes_equal(
	    bytes_of(out.data, out.len), B("help baa 1000 ช่วยด้วย")));
	/* the letter stands for all that were typed */
	assert_int_equal(single.at[1].at, 1);
	assert_int_equal(single.at[1].end, 4);
	buf_free(&out);
	fold_free(&single);
	fold_free(&fold);
}

static void each_sign_knows_its_place_in_the_original(void **state)
{
	struct bytes text = B("a\u200b \u1780\u17c1\u17b8 \xff Z");
	struct fold fold;

	(void)state;
	assert_int_equal(fold_text(text, &fold), TL_OK);
	assert_int_equal(fold.n, 6);
	assert_int_equal(fold.at[2].point, 0x1780);
	assert_int_equal(fold.at[2].at, 5);
	assert_int_equal(fold.at[3].point, 0x17be);
	assert_int_equal(fold.at[3].at, 8);
	assert_int_equal(fold.at[3].end, 14);
	assert_int_equal(fold.at[5].point, 'z');
	assert_int_equal(fold.at[5].end, text.len);
	assert_true(fold.was_repaired);
	fold_free(&fold);
}

static void check_stable(struct bytes text)
{
	struct buf once = folded(text, false);
	struct buf twice = folded(bytes_of(once.data, once.len), false);

	assert_true(bytes_equal(
	    bytes_of(once.data, once.len), bytes_of(twice.data, twice.len)));
	buf_free(&once);
	buf_free(&twice);
}

static void folding_the_lists_again_changes_nothing(void **state)
{
	struct text_fault fault;
	struct tsv tsv;
	size_t n = 0;

	(void)state;
	assert_true(tsv_open(&tsv, bytes_of(data_keywords, data_keywords_len),
	    "lang\tgroup\tcombo_only\tphrase", &fault));
	while (tsv_next(&tsv, &fault)) {
		check_stable(tsv.columns[3]);
		n++;
	}
	assert_true(n > 400);
}

/* Signs that rules are about, so that random texts meet the rules. */
static const uint32_t odd[] = { 0x1780, 0x178a, 0x178f, 0x179a, 0x17b6, 0x17b8,
	0x17bb, 0x17be, 0x17c1, 0x17c4, 0x17c6, 0x17c7, 0x17c9, 0x17ca, 0x17cc,
	0x17d0, 0x17d2, 0x17d2, 0x17dd, 0x0e19, 0x0e33, 0x0e38, 0x0e40, 0x0e48,
	0x0e4d, 0x0ec0, 0x0ec8, 0x0ecd, 0x1000, 0x1025, 0x102e, 0x1037, 0x1039,
	0x103a, 0x1040, 0x1041, 0x101d, 'a', 'E', 'e', 'e', 0x0301, 0x031b,
	0x0323, 0x0130, 0x212a, 0x1e9e, 0xfdfa, ' ', '-', '\'', 0x200b, 0x00b4,
	0x0331, 'H', 0xac00, 0x11a8, 0x1100, 0x1161, 0x09c7, 0x09be, 0x0958,
	0x3099, 0x304b, 0x0345, 0x03b1, 0x1f80, 0x0f71, 0x0f72, 0x2126, 0x17b1,
	0x17b2, 0x17b4, 0x0e46, 0x17d7, 0x1f198, 0x0e22, 0x0e22, 0x0e22 };

static void folding_random_texts_again_changes_nothing(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct buf text;

		buf_init(&text, 4096);
		for (int i = 0; i < 2 + round % 24; i++) {
			seed = seed * 1664525 + 1013904223;
			utf8_put(&text,
			    odd[(seed >> 8) % (sizeof(odd) / sizeof(odd[0]))]);
		}
		check_stable(bytes_of(text.data, text.len));
		buf_free(&text);
	}
}

static void long_runs_of_marks_are_sorted_too(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, OUT_MAX_BYTES);
	utf8_put(&text, 0x1780);
	for (int i = 0; i < 5000; i++) {
		utf8_put(&text, i % 2 == 0 ? 0x17c6 : 0x17b8);
	}
	buf_put_str(&text, "a");
	for (int i = 0; i < 5000; i++) {
		utf8_put(&text, i % 2 == 0 ? 0x0301 : 0x0323);
	}
	check_stable(bytes_of(text.data, text.len));
	buf_free(&text);
}

static void digits_say_what_they_say_alone_or_in_front(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} rows[] = {
		{ "9", "9" },
		{ "0", "0" },
		{ "1", "1" },
		{ " 9 . ", "9" },
		{ "*9#", "9" },
		{ "9,1", "91" },
		{ "1 0", "0" },
		{ "៩", "9" },
		{ "๐", "0" },
		{ "၉", "9" },
		{ "９", "9" },
		{ "9 help", "9" },
		{ "9.help", "9" },
		{ "៩ ជួយ", "9" },
		{ "9ជួយ", "9" },
		{ "0 do not call", "0" },
		/* a story, no permission */
		{ "1 girl is locked in", "" },
		{ "9pm they come", "" },
		{ "0.5 kg", "" },
		{ "9 000 riel", "" },
		{ "9.5 hours", "" },
		{ "119", "" },
		{ "12", "" },
		{ "2", "" },
		{ "", "" },
		{ "help 9", "" },
		{ "9!", "9" },
		{ "9!!! ", "9" },
		{ "(0)", "0" },
		{ "9! they come", "9" },
		{ "999", "9" },
		{ "00", "0" },
		{ "٩", "9" },
		/* no permission, and numbers */
		{ "1!", "" },
		{ "1?", "" },
		{ "11", "" },
		{ "190", "" },
		{ "911", "" },
		{ "9?5", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct digits digits = digits_read(bytes_str(rows[i].text));
		char said[4] = "";
		size_t n = 0;

		if (digits.nine) {
			said[n++] = '9';
		}
		if (digits.zero) {
			said[n++] = '0';
		}
		if (digits.one) {
			said[n++] = '1';
		}
		assert_string_equal(said, rows[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_in_two_ways_meets),
		cmocka_unit_test(ascii_folds_like_its_wide_forms),
		cmocka_unit_test(
		    letters_without_marks_fold_alike_in_front_of_others),
		cmocka_unit_test(what_differs_stays_apart),
		cmocka_unit_test(marks_fall_in_the_unmarked_copy),
		cmocka_unit_test(long_runs_are_tried_as_one_letter),
		cmocka_unit_test(each_sign_knows_its_place_in_the_original),
		cmocka_unit_test(folding_the_lists_again_changes_nothing),
		cmocka_unit_test(folding_random_texts_again_changes_nothing),
		cmocka_unit_test(long_runs_of_marks_are_sorted_too),
		cmocka_unit_test(digits_say_what_they_say_alone_or_in_front),
	};

	return cmocka_run_group_tests_name("text/fold", tests, NULL, NULL);
}
