/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/triage.h"

#include <stdlib.h>
#include <string.h>

#include "text/data.h"
#include "text/digits.h"
#include "text/fold.h"
#include "text/guess.h"
#include "text/lost.h"
#include "text/map_links.h"
#include "text/utf8.h"
#include "text/zawgyi.h"

#define STOPWORDS_MAX      256u
#define STOPWORD_MAX_BYTES 64u

/* A cry for help, stop writing to me, or nothing but thanks for help. */
enum stopword_kind { STOPWORD_HELP, STOPWORD_STOP, STOPWORD_THANKS };

/* A phrase that counts as a whole message only, folded. */
struct stopword {
	char text[STOPWORD_MAX_BYTES];
	size_t len;
	enum stopword_kind kind;
};

struct triage {
	struct rules *rules;
	struct keywords *keywords;
	struct guess *guess;
	struct map_links *links;
	struct stopword stopwords[STOPWORDS_MAX];
	size_t n_stopwords;
};

/* ---- lists ---------------------------------------------------------------
 */

static enum stopword_kind stopword_kind(struct bytes name)
{
	if (bytes_equal(name, bytes_str("HELP"))) {
		return STOPWORD_HELP;
	}
	return bytes_equal(name, bytes_str("THANKS")) ? STOPWORD_THANKS
						      : STOPWORD_STOP;
}

static enum tl_err add_stopword(struct triage *triage, const struct tsv *tsv)
{
	struct stopword *word = &triage->stopwords[triage->n_stopwords];
	enum stopword_kind kind = stopword_kind(tsv->columns[1]);
	struct fold fold;
	struct buf text;
	enum tl_err err;

	if (triage->n_stopwords == STOPWORDS_MAX) {
		return TL_EFORMAT;
	}
	/* "info" is no cry */
	if (kind == STOPWORD_HELP &&
	    bytes_equal(tsv->columns[2], bytes_str("info"))) {
		return TL_OK;
	}
	err = fold_text(tsv->columns[2], &fold);
	if (err != TL_OK) {
		return err;
	}
	buf_init(&text, sizeof(word->text));
	fold_put(&fold, &text);
	err = buf_err(&text);
	if (err == TL_OK && text.len > 0) {
		memcpy(word->text, text.data, text.len);
		word->len = text.len;
		word->kind = kind;
		triage->n_stopwords++;
	}
	buf_free(&text);
	fold_free(&fold);
	return err;
}

static enum tl_err read_stopwords(
    struct triage *triage, struct text_fault *ret_fault)
{
	struct tsv tsv;
	enum tl_err err = TL_OK;

	if (!tsv_open(&tsv, bytes_of(data_stopwords, data_stopwords_len),
		"lang\tkind\tphrase", ret_fault)) {
		return TL_EFORMAT;
	}
	while (err == TL_OK && tsv_next(&tsv, ret_fault)) {
		err = add_stopword(triage, &tsv);
	}
	return err == TL_OK && ret_fault->what != NULL ? TL_EFORMAT : err;
}

static struct bytes file_or(struct bytes file, const uint8_t *at, size_t len)
{
	return file.len > 0 ? file : bytes_of(at, len);
}

enum tl_err triage_new(const struct triage_files *files,
    struct triage **ret_triage, struct triage_fault *ret_fault)
{
	struct triage *triage = calloc(1, sizeof(*triage));
	struct triage_fault fault = { .file = "rules" };
	enum tl_err err = TL_ENOMEM;

	if (triage != NULL) {
		err =
		    rules_new(file_or(files->rules, data_rules, data_rules_len),
			&triage->rules, &fault.at);
	}
	if (err == TL_OK) {
		fault.file = "keywords";
		err = keywords_new(
		    file_or(files->keywords, data_keywords, data_keywords_len),
		    &triage->keywords, &fault.at);
	}
	if (err == TL_OK) {
		fault.file = "function-words";
		err = guess_new(
		    bytes_of(data_function_words, data_function_words_len),
		    &triage->guess, &fault.at);
	}
	if (err == TL_OK) {
		fault.file = "map-hosts";
		err =
		    map_links_new(bytes_of(data_map_hosts, data_map_hosts_len),
			&triage->links, &fault.at);
	}
	if (err == TL_OK) {
		fault.file = "stopwords";
		err = read_stopwords(triage, &fault.at);
	}
	if (err != TL_OK) {
		triage_free(triage);
		*ret_fault = fault;
		return err;
	}
	*ret_triage = triage;
	return TL_OK;
}

void triage_free(struct triage *triage)
{
	if (triage == NULL) {
		return;
	}
	rules_free(triage->rules);
	keywords_free(triage->keywords);
	guess_free(triage->guess);
	map_links_free(triage->links);
	free(triage);
}

size_t triage_bytes(const struct triage *triage)
{
	return sizeof(*triage) + rules_bytes(triage->rules) +
	    keywords_bytes(triage->keywords) + guess_bytes(triage->guess) +
	    map_links_bytes(triage->links);
}

const struct rules *triage_rules(const struct triage *triage)
{
	return triage->rules;
}

const struct keywords *triage_keywords(const struct triage *triage)
{
	return triage->keywords;
}

/* ---- the answers ---------------------------------------------------------
 */

static struct bytes find_answer(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->n_answers; i++) {
		if (strcmp(report->answers[i].name, name) == 0) {
			return report->answers[i].value;
		}
	}
	return bytes_of(NULL, 0);
}

/* The first ILO indicator that each answer of "ind" (1 to 16) stands for. */
static const uint8_t ilo_of[17] = { 0, 3, 5, 5, 6, 6, 7, 8, 9, 2, 4, 10, 11, 1,
	1, 3, 6 };

static int64_t count_ilo(const struct report *report)
{
	unsigned seen = 0;
	int64_t n = 0;

	for (size_t i = 0; i < report->n_answers; i++) {
		struct bytes value = report->answers[i].value;
		unsigned number = 0;

		if (strcmp(report->answers[i].name, "ind") != 0 ||
		    value.len > 2) {
			continue;
		}
		for (size_t k = 0; k < value.len; k++) {
			unsigned digit = value.at[k] - (unsigned)'0';

			number = digit < 10 ? number * 10 + digit : 99;
		}
		if (number < sizeof(ilo_of) && ilo_of[number] > 0 &&
		    (seen & 1u << ilo_of[number]) == 0) {
			seen |= 1u << ilo_of[number];
			n++;
		}
	}
	return n;
}

/* ---- the text ------------------------------------------------------------ */

static const struct stopword *stopword_of(
    const struct triage *triage, const struct fold *fold)
{
	const struct stopword *found = NULL;
	struct buf text;

	if (fold->n > STOPWORD_MAX_BYTES) {
		return NULL;
	}
	buf_init(&text, 4 * STOPWORD_MAX_BYTES);
	fold_put(fold, &text);
	for (size_t i = 0; found == NULL && buf_err(&text) == TL_OK &&
	     i < triage->n_stopwords;
	     i++) {
		if (bytes_equal(bytes_of(text.data, text.len),
			bytes_of(triage->stopwords[i].text,
			    triage->stopwords[i].len))) {
			found = &triage->stopwords[i];
		}
	}
	buf_free(&text);
	return found;
}

/* The same for a word that is drawn out: "stoppp". */
static enum tl_err find_stopword(const struct triage *triage,
    const struct fold *fold, const struct stopword **ret_found)
{
	struct fold single = { 0 };
	enum tl_err err = TL_OK;

	if (*ret_found == NULL) {
		*ret_found = stopword_of(triage, fold);
	}
	if (*ret_found == NULL && fold->has_extra) {
		err = fold_single(fold, &single);
		if (err == TL_OK) {
			*ret_found = stopword_of(triage, &single);
		}
		fold_free(&single);
	}
	return err;
}

static int64_t count_bits(unsigned bits)
{
	return __builtin_popcount(bits);
}

/* ---- all of it ----------------------------------------------------------- */

/* What the run has found so far. The hits of the text come first. */
struct found {
	struct fold text;
	struct fold other; /* read the other way, where that may be */
	enum zawgyi zawgyi;
	struct keyword_hits hits;
	size_t n_text; /* hits of the text; behind them those of perp */
	unsigned groups;
	const struct stopword *stopword;
	struct digits digits;
	struct map_links_found links; /* of the text */
};

static void found_free(struct found *found)
{
	fold_free(&found->text);
	fold_free(&found->other);
	keyword_hits_free(&found->hits);
}

/* Fold a text and look for words: Burmese that may be Zawgyi, or has a piece of
 * each, in both ways. */
static enum tl_err read_text(
    const struct triage *triage, struct bytes text, struct found *found)
{
	enum tl_err err;

	if (text.len == 0) {
		return TL_OK;
	}
	found->zawgyi = zawgyi_guess(text);
	err = found->zawgyi == ZAWGYI_YES ? fold_zawgyi(text, &found->text)
					  : fold_text(text, &found->text);
	if (err == TL_OK) {
		err =
		    keywords_find(triage->keywords, &found->text, &found->hits);
	}
	if (err == TL_OK &&
	    (found->zawgyi == ZAWGYI_UNSURE || zawgyi_is_mixed(text))) {
		err = found->zawgyi == ZAWGYI_YES
		    ? fold_text(text, &found->other)
		    : fold_zawgyi(text, &found->other);
		if (err == TL_OK) {
			err = keywords_find(
			    triage->keywords, &found->other, &found->hits);
		}
	}
	return err;
}

static enum tl_err look(const struct triage *triage,
    const struct report *report, struct found *found)
{
	struct found perp = { 0 };
	enum tl_err err = read_text(triage, report->text, found);

	if (err == TL_OK) {
		err = read_text(triage, find_answer(report, "perp"), &perp);
	}
	if (err == TL_OK) {
		err = keyword_hits_join(
		    &found->hits, &perp.hits, &found->n_text, &found->groups);
	}
	found->links = map_links_read(triage->links, report->text);
	found_free(&perp);
	return err;
}

/* A place that was sent with a messenger's own menu. */
static bool has_place(const struct report *report)
{
	for (size_t i = 0; i < report->n_media; i++) {
		struct bytes url = report->media[i].url;

		if (url.len > 4 && memcmp(url.at, "geo:", 4) == 0) {
			return true;
		}
	}
	return false;
}

/* Signs of the text without links to maps: a cry with where it comes from is as
 * short as the cry. */
static size_t length_of(const struct found *found)
{
	size_t n = found->text.n;

	return n > found->links.place_bytes ? n - found->links.place_bytes : 0;
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

static bool is_stopword(const struct found *found, enum stopword_kind kind)
{
	return found->stopword != NULL && found->stopword->kind == kind;
}

static void measure(
    const struct report *report, struct found *found, struct rules_in *in)
{
	bool is_web = strcmp(report->channel, "web") == 0;
	unsigned beside =
	    found->groups & (GROUP_BIT(GROUP_PLACE) | GROUP_BIT(GROUP_SOON));
	unsigned signs = found->groups & ~beside;

	if (!is_web) {
		found->digits = digits_read(report->text);
	}
	if ((signs & GROUP_BIT(GROUP_SAVE)) != 0 ||
	    is_stopword(found, STOPWORD_HELP)) {
		signs |= GROUP_BIT(GROUP_HELP);
	}
	if (is_stopword(found, STOPWORD_THANKS)) {
		signs &= ~GROUP_BIT(GROUP_HELP);
	}
	in->channel = report->channel;
	in->answers = report->answers;
	in->n_answers = report->n_answers;
	in->groups = signs | beside;
	in->measures[MEASURE_ilo] = count_ilo(report);
	in->measures[MEASURE_length] = (int64_t)length_of(found);
	/* a cry to be saved is one for help: they count as one */
	signs &= ~GROUP_BIT(GROUP_SAVE);
	in->measures[MEASURE_groups] = count_bits(signs);
	in->measures[MEASURE_other_groups] =
	    count_bits(signs & ~GROUP_BIT(GROUP_HELP));
	in->measures[MEASURE_zero] = found->digits.zero;
	in->measures[MEASURE_nine] = found->digits.nine;
	in->measures[MEASURE_place] =
	    (found->groups & GROUP_BIT(GROUP_PLACE)) != 0 ||
	    found->links.place || has_place(report) ||
	    find_answer(report, "where_near").len > 0 ||
	    find_answer(report, "where_province").len > 0;
	in->measures[MEASURE_links_only] = found->links.only;
	in->measures[MEASURE_flood] = has_flag(report, "flood");
	in->measures[MEASURE_honeypot] = has_flag(report, "honeypot");
}

static void add_flag(struct report *report, const char *flag)
{
	if (report->n_flags < REPORT_FLAGS_MAX && !has_flag(report, flag)) {
		report->flags[report->n_flags++] = flag;
	}
}

static void tell_words(const struct found *found, struct report *report)
{
	struct bytes perp = find_answer(report, "perp");

	report->n_words = 0;
	for (size_t i = 0;
	     i < found->hits.n && report->n_words < REPORT_WORDS_MAX; i++) {
		const struct keyword_hit *hit = &found->hits.at[i];
		bool in_text = i < found->n_text;
		struct bytes whole = in_text ? report->text : perp;
		struct bytes word =
		    bytes_of(whole.at + hit->at, hit->end - hit->at);

		report->words[report->n_words++] = (struct report_word){
			.group = keyword_group_name(hit->group),
			.lang = hit->lang,
			.in = in_text ? "" : "perp",
			.at = hit->at,
			.len = word.len,
			.word = utf8_valid(word)
			    ? utf8_cut(word, REPORT_WORD_BYTES)
			    : bytes_of(NULL, 0),
		};
	}
}

static void tell(const struct triage *triage, const struct found *found,
    const struct rules_out *out, struct report *report)
{
	report->priority = out->priority;
	report->n_rules = out->n_rules;
	memcpy(report->rules, out->rules, sizeof(report->rules));
	report->rules_version = rules_version(triage->rules);
	report->keywords_version = keywords_version(triage->keywords);
	report->lang_guess = guess_language(triage->guess, &found->text);
	for (size_t i = 0; i < out->n_flags; i++) {
		add_flag(report, out->flags[i]);
	}
	if (found->zawgyi != ZAWGYI_NO) {
		add_flag(report,
		    found->zawgyi == ZAWGYI_YES ? "zawgyi" : "maybe zawgyi");
	}
	if (lost_letters(report->text)) {
		add_flag(report, "letters lost");
	}
	if (found->digits.one) {
		add_flag(report, "may reply");
	}
	if (is_stopword(found, STOPWORD_STOP)) {
		add_flag(report, "stop");
	}
	tell_words(found, report);
}

enum tl_err triage_judge(const struct triage *triage, struct report *report)
{
	struct found found = { 0 };
	struct rules_in in;
	struct rules_out out;
	enum tl_err err = look(triage, report, &found);

	if (err == TL_OK) {
		err = find_stopword(triage, &found.text, &found.stopword);
	}
	if (err == TL_OK) {
		err = find_stopword(triage, &found.other, &found.stopword);
	}
	if (err == TL_OK) {
		rules_in_init(&in);
		measure(report, &found, &in);
		rules_run(triage->rules, &in, &out);
		tell(triage, &found, &out, report);
	}
	found_free(&found);
	return err;
}
