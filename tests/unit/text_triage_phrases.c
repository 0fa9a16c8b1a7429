/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/triage: every phrase of the lists is found in a sentence, and every cry
 * for help is urgent alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/triage.h"

static struct triage *triage;

static int open_triage(void **state)
{
	const struct triage_files files = { 0 };
	struct triage_fault fault = { 0 };

	(void)state;
	if (triage_new(&files, &triage, &fault) != TL_OK) {
		print_error(
		    "%s:%zu: %s\n", fault.file, fault.at.line, fault.at.what);
		return -1;
	}
	return 0;
}

static int close_triage(void **state)
{
	(void)state;
	triage_free(triage);
	return 0;
}

/* Number i of what stands between strokes on one side of a gap, without its
 * blanks and star; nothing if there are not so many. */
static struct bytes side_of(struct bytes side, size_t i)
{
	size_t from = 0, to;

	for (; i > 0 && from < side.len; from++) {
		i -= side.at[from] == '|' ? 1 : 0;
	}
	to = from;
	while (to < side.len && side.at[to] != '|') {
		to++;
	}
	while (
	    to > from && (side.at[to - 1] == ' ' || side.at[to - 1] == '*')) {
		to--;
	}
	while (from < to && side.at[from] == ' ') {
		from++;
	}
	return bytes_of(side.at + from, i == 0 ? to - from : 0);
}

/* The phrase as it may stand in a text; of a row with a gap the first of one
 * side with number i of the other. False: there are not so many. */
static bool put_phrase(struct bytes phrase, size_t i, struct buf *out)
{
	const uint8_t *gap = memchr(phrase.at, '~', phrase.len);
	size_t n = gap == NULL ? phrase.len : (size_t)(gap - phrase.at);
	struct bytes left = bytes_of(phrase.at, n);
	struct bytes right;

	if (gap == NULL) {
		n -= phrase.at[n - 1] == '*' ? 1 : 0;
		buf_put(out, phrase.at, n);
		return i == 0;
	}
	right = bytes_of(gap + 1, phrase.len - n - 1);
	left = side_of(left, i % 2 == 0 ? i / 2 : 0);
	right = side_of(right, i % 2 == 0 ? 0 : i / 2);
	buf_put(out, left.at, left.len);
	buf_put_str(out, " ");
	buf_put(out, right.at, right.len);
	return left.len > 0 && right.len > 0;
}

/* As put_phrase(); nothing is there to find if there are not so many. */
static bool finds(const struct bytes *row, size_t i, const char *before,
    const char *after, bool *ret_found)
{
	struct keyword_hits hits = { 0 };
	struct fold fold;
	struct buf text;
	bool found = false, is_one;

	buf_init(&text, 1024);
	buf_put_str(&text, before);
	is_one = put_phrase(row[3], i, &text);
	buf_put_str(&text, after);
	assert_int_equal(
	    fold_text(bytes_of(text.data, text.len), &fold), TL_OK);
	assert_int_equal(
	    keywords_find(triage_keywords(triage), &fold, &hits), TL_OK);
	for (size_t k = 0; k < hits.n; k++) {
		found = found ||
		    bytes_equal(row[1],
			bytes_str(keyword_group_name(hits.at[k].group)));
	}
	keyword_hits_free(&hits);
	fold_free(&fold);
	buf_free(&text);
	*ret_found = found;
	return is_one;
}

#define SIDES_MAX 200u

/* Alone, and among other words. */
static void find_row(const struct tsv *tsv)
{
	/* plain words are told to nobody */
	bool is_plain = bytes_equal(tsv->columns[1], B("PLAIN"));

	for (size_t i = 0; i < SIDES_MAX; i++) {
		bool alone, among;

		if (finds(tsv->columns, i, "", "", &alone) &&
		    finds(tsv->columns, i, "abc, ", ". xyz", &among) &&
		    (alone == is_plain || among == is_plain)) {
			fail_msg("line %zu, %zu", tsv->line, i);
		}
	}
}

static void every_phrase_is_found_in_a_sentence(void **state)
{
	struct text_fault fault;
	struct tsv tsv;
	size_t n = 0;

	(void)state;
	assert_true(tsv_open(&tsv, bytes_of(data_keywords, data_keywords_len),
	    "lang\tgroup\tcombo_only\tphrase", &fault));
	while (tsv_next(&tsv, &fault)) {
		find_row(&tsv);
		n++;
	}
	assert_null(fault.what);
	assert_true(n > 400);
}

/* A short message of nothing but the phrase, as people write it. */
static void check_cry(const struct tsv *tsv, struct bytes phrase)
{
	static const struct {
		const char *channel, *before, *after;
	} ways[] = {
		{ "sms", "", "" },
		{ "web", "", "" },
		{ "sms", "", "!!!" },
		{ "sms", "\n ", " ...\r\n" },
		{ "whatsapp", "\u200b", "\u200b?" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct report report = { .channel = ways[i].channel };
		struct buf text;

		buf_init(&text, 256);
		buf_put_str(&text, ways[i].before);
		(void)put_phrase(phrase, 0, &text);
		buf_put_str(&text, ways[i].after);
		report.text = bytes_of(text.data, text.len);
		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (report.priority > 2) {
			fail_msg("line %zu, way %zu: P%d", tsv->line, i,
			    report.priority);
		}
		buf_free(&text);
	}
}

#define LANGUAGES_MAX 40u

/* Languages whose phrases were cried out. */
struct cries {
	char langs[LANGUAGES_MAX][KEYWORD_LANG_BYTES];
	size_t n_langs, n;
};

static void cry(struct cries *cries, const struct tsv *tsv, struct bytes phrase)
{
	struct bytes lang = tsv->columns[0];
	size_t i = 0;

	check_cry(tsv, phrase);
	cries->n++;
	while (i < cries->n_langs &&
	    !bytes_equal(lang, bytes_str(cries->langs[i]))) {
		i++;
	}
	if (i == cries->n_langs) {
		assert_in_range(lang.len, 1, KEYWORD_LANG_BYTES - 1);
		assert_in_range(i, 0, LANGUAGES_MAX - 1);
		memcpy(cries->langs[cries->n_langs++], lang.at, lang.len);
	}
}

static void every_cry_for_help_is_urgent_alone(void **state)
{
	struct cries cries = { 0 };
	struct text_fault fault;
	struct tsv tsv;

	(void)state;
	assert_true(tsv_open(&tsv, bytes_of(data_keywords, data_keywords_len),
	    "lang\tgroup\tcombo_only\tphrase", &fault));
	while (tsv_next(&tsv, &fault)) {
		if (bytes_equal(tsv.columns[1], bytes_str("HELP")) ||
		    bytes_equal(tsv.columns[1], bytes_str("SAVE"))) {
			cry(&cries, &tsv, tsv.columns[3]);
		}
	}
	assert_in_range(cries.n_langs, 18, LANGUAGES_MAX);
	assert_true(cries.n > 40);
	cries = (struct cries){ 0 };
	assert_true(tsv_open(&tsv, bytes_of(data_stopwords, data_stopwords_len),
	    "lang\tkind\tphrase", &fault));
	while (tsv_next(&tsv, &fault)) {
		if (bytes_equal(tsv.columns[1], bytes_str("HELP")) &&
		    !bytes_equal(tsv.columns[2], bytes_str("info"))) {
			cry(&cries, &tsv, tsv.columns[2]);
		}
	}
	assert_int_equal(cries.n_langs, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_phrase_is_found_in_a_sentence),
		cmocka_unit_test(every_cry_for_help_is_urgent_alone),
	};

	return cmocka_run_group_tests_name(
	    "text/triage, the lists", tests, open_triage, close_triage);
}
