/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/triage: every row of the rule table is hit by what it is about and not
 * by what is near it; every phrase of the lists is found in a sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/data.h"
#include "text/triage.h"

#define ANSWERS_MAX 8u

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

/* "now=1 ind=15": answers. */
static size_t read_answers(char *text, struct report_answer *answers)
{
	size_t n = 0;

	while (*text != '\0') {
		char *end = text + strcspn(text, " ");
		char *equal = strchr(text, '=');

		*equal = '\0';
		answers[n].name = text;
		answers[n].value =
		    bytes_of(equal + 1, (size_t)(end - equal - 1));
		n++;
		text = *end == '\0' ? end : end + 1;
	}
	return n;
}

static void put_rules(const struct report *report, char *out, size_t max)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < report->n_rules; i++) {
		len += (size_t)snprintf(out + len, max - len, "%s%s",
		    i > 0 ? " " : "", report->rules[i].name);
	}
}

struct row {
	const char *channel, *answers, *text;
	int priority;
	const char *rules;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct report_answer answers[ANSWERS_MAX];
		char *copy = strdup(rows[i].answers);
		char rules[256];
		struct report report = {
			.channel = rows[i].channel,
			.text = bytes_str(rows[i].text),
			.answers = answers,
			.n_answers = read_answers(copy, answers),
		};

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		put_rules(&report, rules, sizeof(rules));
		if (report.priority != rows[i].priority ||
		    strcmp(rules, rows[i].rules) != 0) {
			fail_msg("row %zu (%s; %s): P%d %s, not P%d %s", i,
			    rows[i].answers, rows[i].text, report.priority,
			    rules, rows[i].priority, rows[i].rules);
		}
		free(copy);
	}
}

static void answers_hit_their_rules_and_no_others(void **state)
{
	static const struct row rows[] = {
		{ "web", "", "x", 3, "R14" },
		{ "web", "now=1", "x", 1, "R1" },
		{ "web", "now=2", "x", 2, "R2" },
		{ "web", "now=3", "x", 3, "R14" },
		{ "web", "now=9", "x", 3, "R14" },
		/* an empty answer is no "no", and no "yes" */
		{ "web", "now=", "x", 3, "R14" },
		{ "web", "now=11", "x", 3, "R14" },
		{ "web", "ind=15", "x", 2, "R2" },
		{ "web", "now=2 minor=1", "x", 1, "R2 R4" },
		{ "web", "now=2 minor=2", "x", 2, "R2 R4" },
		{ "web", "now=2 ind=16", "x", 1, "R2 R6" },
		{ "web", "now=2 ind=4", "x", 2, "R2" },
		{ "web", "now=1 ind=15", "x", 1, "R1 R2" },
		{ "web", "minor=1 ind=3", "x", 1, "R3 R4 R6" },
		{ "web", "minor=1 work=9", "x", 1, "R3 R4" },
		{ "web", "minor=1 work=8", "x", 1, "R3 R4" },
		{ "web", "minor=1 work=2", "x", 2, "R4" },
		{ "web", "minor=2 ind=3", "x", 2, "R4 R6" },
		{ "web", "minor=1", "x", 2, "R4" },
		{ "web", "minor=2", "x", 2, "R4" },
		{ "web", "minor=3", "x", 3, "R14" },
		{ "web", "ind=1 ind=4", "x", 1, "R5 R7" },
		{ "web", "ind=1 ind=11", "x", 1, "R5 R7" },
		{ "web", "ind=1 ind=5", "x", 2, "R7" },
		{ "web", "ind=4 ind=11", "x", 3, "R12" },
		{ "web", "ind=2", "x", 2, "R6" },
		{ "web", "ind=4", "x", 3, "R12" },
		{ "web", "ind=1", "x", 2, "R7" },
		{ "web", "ind=6 ind=10", "x", 2, "R7" },
		{ "web", "ind=6 ind=7", "x", 2, "R7" },
		{ "web", "ind=6 ind=8", "x", 3, "R12" },
		{ "web", "ind=7 ind=10", "x", 3, "R12" },
		{ "web", "ind=7 ind=8 ind=9 ind=12", "x", 2, "R8" },
		/* 4 and 5 are one indicator */
		{ "web", "ind=4 ind=5 ind=8 ind=9", "x", 3, "R12" },
		{ "web", "count=4", "x", 2, "R9" },
		{ "web", "count=3", "x", 3, "R14" },
		{ "web", "who=1 ind=9", "x", 2, "R10" },
		{ "web", "who=1", "x", 3, "R14" },
		{ "web", "who=2 ind=9", "x", 3, "R12" },
		{ "web", "who=5", "x", 3, "R13" },
		{ "web", "who=5 now=1", "x", 1, "R1" },
		{ "web", "who=5 minor=1", "x", 2, "R4 R13" },
		{ "sms", "", "x", 3, "R11 R14" },
		{ "sms", "where_near=mill", "x", 3, "R14" },
		{ "sms", "", "in Battambang", 3, "R14" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

#define LONG " and so on and so on and so on and so on and so on"

static void words_hit_their_rules_and_no_others(void **state)
{
	static const struct row rows[] = {
		{ "web", "", "help", 2, "K-SOS" },
		{ "web", "", "helpful", 3, "R14" },
		{ "web", "", "help" LONG, 3, "R14" },
		{ "web", "", "info", 3, "R14" },
		{ "web", "", "help us, debt", 1, "K-SOS K-DEBT" },
		{ "sms", "", "9", 2, "R11 K-SOS" },
		{ "sms", "", "9 my debt", 1, "R11 K-SOS K-DEBT" },
		{ "sms", "", "9 help", 1, "R11 K-SOS" },
		{ "web", "", "9 my debt", 3, "K-DEBT" },
		{ "sms", "", "0", 3, "R11 K-ZERO R14" },
		{ "sms", "", "1", 3, "R11 R14" },
		{ "web", "", "they beat him", 2, "K-HURT" },
		{ "web", "", "beaten path", 3, "R14" },
		{ "web", "", "he has a gun", 2, "K-HURT" },
		{ "web", "", "we are locked", 2, "K-HELD" },
		{ "web", "", "unlocked", 3, "R14" },
		{ "web", "", "locked, a knife", 1, "K-HURT K-HELD K-COMBO" },
		{ "web", "", "locked, a ransom", 1, "K-HELD K-COMBO K-RANSOM" },
		{ "web", "", "locked, a debt", 2, "K-HELD K-DEBT" },
		{ "web", "", "I will die", 1, "K-DIE" },
		{ "web", "", "diet", 3, "R14" },
		{ "web", "", "a girl, rape", 1, "K-HURT K-CHILD" },
		{ "web", "", "a girl, a gun", 1, "K-HURT K-CHILD" },
		{ "web", "", "a girl", 3, "R14" },
		{ "web", "", "prostitution", 3, "R14" },
		{ "web", "", "rape", 2, "K-HURT" },
		{ "web", "", "she was sold", 2, "K-SOLD" },
		{ "web", "", "soldier", 3, "R14" },
		{ "web", "", "took my id", 3, "K-DOC" },
		{ "web", "", "my debt", 3, "K-DEBT" },
		{ "web", "", "not paid", 3, "K-PAY" },
		{ "web", "", "not paid, my debt", 2, "K-DEBT K-PAY K-TWO" },
		{ "web", "", "a ransom", 2, "K-RANSOM" },
		{ "web", "", "prostitution at a compound", 3, "R14" },
		{ "web", "", "https://a.example www.b.example", 4, "QUAR" },
		{ "web", "", "see https://a.example", 3, "R14" },
		{ "web", "now=1", "https://a.example", 1, "R1" },
		{ "web", "perp=beat", "x", 2, "K-HURT" },
		/* combo_only, and longer hits */
		{ "web", "", "打我电话", 3, "R14" },
		{ "web", "", "杀猪盘", 3, "R14" },
		{ "web", "", "他们打我, 有刀", 2, "K-HURT" },
		{ "web", "", "lua dao", 3, "R14" },
		{ "web", "", "nợ", 3, "K-DEBT" },
		{ "web", "", "no", 3, "R14" },
		{ "web", "", "cứu", 2, "K-SOS" },
		{ "web", "", "CUU", 2, "K-SOS" },
		{ "web", "", "heeelp", 2, "K-SOS" },
		{ "web", "", "ช่วยยยย", 2, "K-SOS" },
		{ "web", "", "ช่วยๆ", 2, "K-SOS" },
		{ "web", "", "ช่วยยยด้วยยย", 2, "K-SOS K-SAVE" },
		{ "web", "", "🆘🆘", 2, "K-SOS" },
		{ "web", "", "117", 2, "K-SOS" },
		{ "sms", "", "999", 2, "R11 K-SOS" },
		{ "web", "", "chuoyy", 2, "K-SOS" },
		{ "web", "", "SOS", 2, "K-SOS" },
		{ "web", "", "can\u2019t leave", 2, "K-HELD" },
		{ "web", "", "ជួយ", 2, "K-SOS" },
		/* Zawgyi, sure and unsure, in the text and in an answer */
		{ "web", "", "ကယ္ပါ", 2, "K-SOS K-SAVE" },
		{ "web", "", "သူတို႔က ေသာ့ခတ္ထားတယ္", 2, "K-HELD" },
		/* a cry of Unicode below what was sent on in Zawgyi, and the
		 * other way about */
		{ "web", "", "ကၽြန္ေတာ္တို႔ကို ေသာ့ခတ္ထားတယ္ မေန႔က စာရတယ္။ ကယ်ပါ", 1,
		    "K-SAVE K-HELD K-COMBO" },
		{ "web", "",
		    "ကောင်းပါတယ် နေကောင်းလား ခင်ဗျား ဘယ်မှာလဲ ကျွန်တော် "
		    "အလုပ်ရှာနေပါတယ် ေသာ့ခတ္ထား",
		    2, "K-HELD" },
		{ "web", "", "ကေလး", 3, "R14" },
		{ "web", "", "ကေလး rape", 1, "K-HURT K-CHILD" },
		{ "web", "perp=ေသာ့ခတ္", "x", 2, "K-HELD" },
		{ "web", "", "ភូមិមួយ ឃុំព្រែក", 3, "R14" },
		{ "web", "", "ជួយ\u200bផង គេបង្ខាំង", 1,
		    "K-SOS K-SAVE K-HELD K-COMBO" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void the_officer_sees_the_words_where_they_are(void **state)
{
	struct report report = { .channel = "sms",
		.text = B("1 girl. គេ\u200bវាយ") };

	(void)state;
	assert_int_equal(triage_judge(triage, &report), TL_OK);
	assert_int_equal(report.priority, 1);
	assert_int_equal(report.n_words, 2);
	assert_string_equal(report.words[0].group, "CHILD");
	assert_int_equal(report.words[0].at, 2);
	assert_true(bytes_equal(report.words[0].word, B("girl")));
	assert_string_equal(report.words[1].group, "VIOLENCE");
	assert_string_equal(report.words[1].lang, "km");
	assert_int_equal(report.words[1].at, 17);
	assert_true(bytes_equal(report.words[1].word, B("វាយ")));
	assert_string_equal(report.rules_version, "2026-11-23.1");
	assert_int_equal(strncmp(report.keywords_version, "cksum ", 6), 0);
}

static void words_of_zawgyi_are_where_they_were_typed(void **state)
{
	struct report report = { .channel = "sms", .text = B("အခု ေသာ့ခတ္ထား") };

	(void)state;
	assert_int_equal(triage_judge(triage, &report), TL_OK);
	assert_int_equal(report.n_words, 1);
	assert_true(bytes_equal(report.words[0].word, B("ေသာ့ခတ္")));
	assert_string_equal(report.lang_guess, "my");
}

static bool has_flag(const struct report *report, const char *flag)
{
	for (size_t i = 0; i < report->n_flags; i++) {
		if (strcmp(report->flags[i], flag) == 0) {
			return true;
		}
	}
	return false;
}

static void flags_tell_what_changes_no_priority(void **state)
{
	static const struct {
		const char *channel, *text, *flag;
		bool set;
	} rows[] = {
		{ "sms", "0", "no contact", true },
		{ "sms", "0 1", "may reply", false },
		{ "sms", "1", "may reply", true },
		{ "web", "0", "no contact", false },
		{ "sms", "STOP!", "stop", true },
		{ "sms", "stoppp", "stop", true },
		{ "sms", "STOPALL", "stop", true },
		{ "sms", "START", "stop", false },
		{ "sms", "(0)", "no contact", true },
		{ "sms", "stop, they beat us", "stop", false },
		{ "sms", "ឈប់", "stop", true },
		{ "sms", "x", "place missing", true },
		{ "web", "x", "place missing", false },
		{ "web", "www.a.example", "quarantine", true },
		{ "sms", "ကယ္ပါ", "zawgyi", true },
		{ "sms", "ကေလး", "maybe zawgyi", true },
		{ "sms", "ကယ်ပါ", "zawgyi", false },
		{ "sms", "ကယ်ပါ", "maybe zawgyi", false },
		{ "sms", "ရပ္", "stop", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = rows[i].channel,
			.text = bytes_str(rows[i].text) };

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (has_flag(&report, rows[i].flag) != rows[i].set) {
			fail_msg("row %zu: %s", i, rows[i].flag);
		}
	}
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

static void words_that_look_alike_are_told_apart(void **state)
{
	static const struct {
		const char *text, *groups;
	} rows[] = {
		{ "杀猪盘", "SCAM" },
		{ "杀", "DIE" },
		{ "打我电话", "" },
		{ "打我, 锁", "HELD VIOLENCE" },
		{ "nợ", "DEBT" },
		{ "no", "" },
		{ "NO!", "" },
		{ "lua dao", "SCAM" },
		{ "dao", "" },
		{ "သေနတ်", "WEAPON" },
		{ "sos", "HELP" },
		{ "S.O.S", "HELP" },
		{ "chuoy", "HELP" },
		{ "chuoyy", "HELP" },
		{ "chuyo", "" },
		{ "heeelp", "HELP" },
		{ "helppp", "HELP" },
		{ "Can\u2019t leave", "HELD" },
		{ "cant leave", "HELD" },
		{ "Fishing boat, no pay, cannot leave.", "HELD PAY" },
		{ "I can not leave", "HELD" },
		{ "naka-lock", "HELD" },
		{ "naka lock", "HELD" },
		{ "cứu", "HELP" },
		{ "cuu", "HELP" },
		{ "ឃុំ", "" },
		{ "khum Preaek", "" },
		/* longer words hide what stands in them by chance, alone */
		{ "限时秒杀", "" },
		{ "秒杀 他们杀人", "DIE" },
		{ "သတ်မှတ်ထားသော", "" },
		{ "သတ်မှတ် သတ်မယ်", "DIE" },
		{ "ຂ້າພະເຈົ້າຢາກຖາມ", "" },
		{ "ຂ້າພະເຈົ້າ ເຂົາຊິຂ້າ", "DIE" },
		{ "ล็อกอินไม่ได้", "" },
		{ "ล็อกอิน ล็อกประตู", "HELD" },
		{ "วายยยย", "" },
		/* one spelling of both, in the copy without marks */
		{ "tôi bị bận", "" },
		{ "tôi bị bán", "SOLD" },
		{ "toi bi ban", "SOLD" },
		/* two shapes of one letter; a vowel pressed twice */
		{ "គេមិនឲ្យចេញ", "HELD" },
		{ "គេមិនឱ្យចេញ", "HELD" },
		{ "ជួយខ្ញុំុ", "HELP" },
		{ "🆘", "HELP" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = "web",
			.text = bytes_str(rows[i].text) };
		char groups[128] = "";
		size_t len = 0;

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		for (size_t k = 0; k < GROUPS; k++) {
			const char *name =
			    keyword_group_name((enum keyword_group)k);
			bool found = false;

			for (size_t w = 0; w < report.n_words; w++) {
				found = found ||
				    strcmp(report.words[w].group, name) == 0;
			}
			if (found) {
				len += (size_t)snprintf(groups + len,
				    sizeof(groups) - len, "%s%s",
				    len > 0 ? " " : "", name);
			}
		}
		if (strcmp(groups, rows[i].groups) != 0) {
			fail_msg("%s: %s", rows[i].text, groups);
		}
	}
}

static void the_language_is_guessed_or_unknown(void **state)
{
	static const struct {
		const char *text, *lang;
	} rows[] = {
		{ "ខ្ញុំនៅក្នុងផ្ទះ", "km" },
		{ "ฉันอยู่ในบ้าน", "th" },
		{ "ຂ້ອຍຢູ່ເຮືອນ", "lo" },
		{ "ကျွန်တော် အိမ်မှာ", "my" },
		{ "我在家里", "zh-Hans" },
		{ "আমি বাড়িতে আছি", "bn" },
		{ "म यहाँ छु मलाई", "ne" },
		{ "tôi ở nhà của anh", "vi" },
		{ "toi o nha cua anh", "vi" },
		{ "saya tidak bisa keluar dari rumah ini", "id" },
		{ "saya nak balik tapi boss tak bagi", "ms" },
		{ "nandito po ako sa bahay", "fil" },
		{ "I am in the house", "en" },
		{ "khnom nov phteah", "km-Latn" },
		{ "xyzzy", "" },
		{ "", "" },
		{ "123", "" },
		{ "これはペンです", "" },
		{ "मैं यहाँ हूँ और नहीं है", "" },
		{ "passport ខ្ញុំត្រូវគេដក boss", "km" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = { .channel = "web",
			.text = bytes_str(rows[i].text) };

		assert_int_equal(triage_judge(triage, &report), TL_OK);
		if (strcmp(report.lang_guess, rows[i].lang) != 0) {
			fail_msg("%s: %s", rows[i].text, report.lang_guess);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_hit_their_rules_and_no_others),
		cmocka_unit_test(words_hit_their_rules_and_no_others),
		cmocka_unit_test(the_officer_sees_the_words_where_they_are),
		cmocka_unit_test(words_of_zawgyi_are_where_they_were_typed),
		cmocka_unit_test(flags_tell_what_changes_no_priority),
		cmocka_unit_test(every_phrase_is_found_in_a_sentence),
		cmocka_unit_test(every_cry_for_help_is_urgent_alone),
		cmocka_unit_test(words_that_look_alike_are_told_apart),
		cmocka_unit_test(the_language_is_guessed_or_unknown),
	};

	return cmocka_run_group_tests_name(
	    "text/triage", tests, open_triage, close_triage);
}
