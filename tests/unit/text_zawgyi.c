/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/zawgyi: Burmese of both kinds is told apart, and Zawgyi is read as the
 * Unicode that it means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "base/read_file.h"
#include "tests/lib/lit.h"
#include "text/tsv.h"
#include "text/utf8.h"
#include "text/zawgyi.h"

#define VECTORS       "tests/vectors/zawgyi.tsv"
#define OUT_MAX_BYTES ((size_t)1 << 20)
#define SENTENCE      40u /* bytes; shorter is a word or two */

static struct buf file;

static int read_vectors(void **state)
{
	(void)state;
	buf_init(&file, OUT_MAX_BYTES);
	return read_file(VECTORS, &file) == TL_OK ? 0 : -1;
}

static int free_vectors(void **state)
{
	(void)state;
	buf_free(&file);
	return 0;
}

typedef void (*pair_fn)(struct bytes unicode, struct bytes zawgyi, size_t line);

static void each_pair(pair_fn check)
{
	struct text_fault fault;
	struct tsv tsv;
	size_t n = 0;

	assert_true(tsv_open(
	    &tsv, bytes_of(file.data, file.len), "unicode\tzawgyi", &fault));
	while (tsv_next(&tsv, &fault)) {
		check(tsv.columns[0], tsv.columns[1], tsv.line);
		n++;
	}
	assert_null(fault.what);
	assert_true(n >= 60);
}

static struct buf put(const struct fold *fold)
{
	struct buf out;

	buf_init(&out, OUT_MAX_BYTES);
	fold_put(fold, &out);
	assert_int_equal(buf_err(&out), TL_OK);
	return out;
}

static bool same(const struct fold *a, const struct fold *b)
{
	struct buf x = put(a), y = put(b);
	bool equal =
	    bytes_equal(bytes_of(x.data, x.len), bytes_of(y.data, y.len));

	buf_free(&x);
	buf_free(&y);
	return equal;
}

static void check_meets(struct bytes unicode, struct bytes zawgyi, size_t line)
{
	struct fold meant, read;

	assert_int_equal(fold_text(unicode, &meant), TL_OK);
	assert_int_equal(fold_zawgyi(zawgyi, &read), TL_OK);
	if (!same(&meant, &read)) {
		fail_msg("line %zu", line);
	}
	fold_free(&meant);
	fold_free(&read);
}

static void zawgyi_folds_to_what_it_means(void **state)
{
	(void)state;
	each_pair(check_meets);
}

static void check_kept(struct bytes unicode, struct bytes zawgyi, size_t line)
{
	enum zawgyi guess = zawgyi_guess(unicode);

	(void)zawgyi;
	if (guess == ZAWGYI_YES ||
	    (guess != ZAWGYI_NO && unicode.len > SENTENCE)) {
		fail_msg("line %zu: %d", line, guess);
	}
}

static void burmese_of_unicode_stays_as_it_is(void **state)
{
	(void)state;
	each_pair(check_kept);
}

static void check_known(struct bytes unicode, struct bytes zawgyi, size_t line)
{
	enum zawgyi guess = zawgyi_guess(zawgyi);

	if (!bytes_equal(unicode, zawgyi) &&
	    (guess == ZAWGYI_NO ||
		(guess != ZAWGYI_YES && zawgyi.len > SENTENCE))) {
		fail_msg("line %zu: %d", line, guess);
	}
}

static void zawgyi_is_recognised_and_words_of_both_are_unsure(void **state)
{
	(void)state;
	each_pair(check_known);
	assert_int_equal(zawgyi_guess(B("သေ")), ZAWGYI_NO);
	assert_int_equal(zawgyi_guess(B("ကေလး")), ZAWGYI_UNSURE);
	assert_int_equal(zawgyi_guess(B("ကူညီပါ")), ZAWGYI_NO);
	/* as much of one as of the other: a quoted answer, perhaps */
	assert_int_equal(zawgyi_guess(B("ပိတ်ထားတယ် ပိတ္ထားတယ္")), ZAWGYI_UNSURE);
}

static void other_languages_are_no_zawgyi(void **state)
{
	static const char *const texts[] = {
		"",
		"help us",
		"ជួយផង",
		"\xff\xfe",
		/* Shan, Mon and S'gaw Karen of Unicode */
		"လိၵ်ႈတႆး",
		"မႂ်ႇသုင်ၶႃႈ ၵူႈၵေႃႉ",
		"ဘာသာမန်",
		"ကညီကျိာ်",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (zawgyi_guess(bytes_str(texts[i])) == ZAWGYI_YES) {
			fail_msg("%s", texts[i]);
		}
	}
}

static void a_converted_text_can_be_shown(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	/* a letter typed as zero, one sign for a whole word, a bad byte */
	assert_int_equal(
	    zawgyi_to_unicode(B("ေ၀း \u104e ၁၀၂ \xff ဦ ဦ ေေရႊႊ"), &out), TL_OK);
	assert_true(bytes_equal(
	    bytes_of(out.data, out.len), B("ဝေး ၎င်း ၁၀၂ \ufffd ဦ ဦ ရွှေ")));
	buf_free(&out);
	buf_init(&out, 2);
	assert_int_equal(zawgyi_to_unicode(B("ေ၀း"), &out), TL_ETOOBIG);
	buf_free(&out);
	buf_init(&out, 2);
	assert_int_equal(zawgyi_to_unicode(B(""), &out), TL_OK);
	buf_free(&out);
}

static void each_sign_knows_its_place_in_the_original(void **state)
{
	struct fold fold;

	(void)state;
	/* E stands in front of its letter there, behind it here */
	assert_int_equal(fold_zawgyi(B("x ေရာ"), &fold), TL_OK);
	assert_int_equal(fold.n, 5);
	assert_int_equal(fold.at[2].point, 0x101b);
	assert_int_equal(fold.at[2].at, 5);
	assert_int_equal(fold.at[3].point, 0x1031);
	assert_int_equal(fold.at[3].at, 2);
	assert_int_equal(fold.at[4].end, 11);
	fold_free(&fold);
}

/* Any signs of the block: nothing is lost but repeats, all is in bounds. */
static void any_signs_are_converted_in_bounds(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct fold_char in[96], out[96 * ZAWGYI_GROWS];
		size_t n = 1 + (size_t)round % 96, made;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (struct fold_char){
				.point = (0xffe + (seed >> 8) % 0xa4) & 0xffff,
				.at = (uint32_t)i,
				.end = (uint32_t)i + 1,
			};
		}
		made = zawgyi_convert(in, n, out);
		assert_in_range(made, 1, n * ZAWGYI_GROWS);
		for (size_t i = 0; i < made; i++) {
			assert_true(out[i].at < out[i].end);
			assert_true(out[i].end <= n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zawgyi_folds_to_what_it_means),
		cmocka_unit_test(burmese_of_unicode_stays_as_it_is),
		cmocka_unit_test(
		    zawgyi_is_recognised_and_words_of_both_are_unsure),
		cmocka_unit_test(other_languages_are_no_zawgyi),
		cmocka_unit_test(a_converted_text_can_be_shown),
		cmocka_unit_test(each_sign_knows_its_place_in_the_original),
		cmocka_unit_test(any_signs_are_converted_in_bounds),
	};

	return cmocka_run_group_tests_name(
	    "text/zawgyi", tests, read_vectors, free_vectors);
}
