/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/guess.h"

#include <stdlib.h>
#include <string.h>

#define WORD_POINTS_MAX 24u
#define WORDS_MAX       4096u
#define LETTERS_LEAST   2u

/* Languages that words decide on; the first of an even score wins only where
 * the table says so. */
enum language { EN, VI, MS, ID, FIL, KM_LATN, NE, HI, LANGUAGES };

static const char *const tags[LANGUAGES] = { [EN] = "en",
	[VI] = "vi",
	[MS] = "ms",
	[ID] = "id",
	[FIL] = "fil",
	[KM_LATN] = "km-Latn",
	[NE] = "ne",
	[HI] = "hi" };

static const struct script {
	uint32_t first, last;
	const char *tag; /* NULL: words decide; "": a language we do not know */
} scripts[] = {
	{ 'a', 'z', NULL },
	{ 0xdf, 0x24f, NULL },
	{ 0x1e00, 0x1eff, NULL },
	{ 0x0900, 0x097f, NULL },
	{ 0x1780, 0x17ff, "km" },
	{ 0x0e00, 0x0e7f, "th" },
	{ 0x0e80, 0x0eff, "lo" },
	{ 0x1000, 0x109f, "my" },
	{ 0x0980, 0x09ff, "bn" },
	{ 0x4e00, 0x9fff, "zh-Hans" },
	{ 0x3400, 0x4dbf, "zh-Hans" },
	{ 0x3040, 0x30ff, "" },
	{ 0xac00, 0xd7af, "" },
	{ 0x0370, 0x06ff, "" },
	{ 0x0a00, 0x0dff, "" },
};
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

struct word {
	uint64_t hash;      /* 0: free */
	uint32_t languages; /* bits */
};

struct guess {
	struct word words[WORDS_MAX];
	size_t n;
};

/* ---- the list ------------------------------------------------------------ */

static uint64_t hash_word(const struct fold_char *at, size_t n)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ at[i].point) * 1099511628211u;
	}
	return hash | 1;
}

static size_t place_of(const struct guess *guess, uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) % WORDS_MAX;

	while (guess->words[i].hash != 0 && guess->words[i].hash != hash) {
		i = (i + 1) % WORDS_MAX;
	}
	return i;
}

static enum tl_err add_word(
    struct guess *guess, const struct tsv *tsv, struct text_fault *ret_fault)
{
	struct fold fold;
	unsigned language = 0;
	struct word *word;
	enum tl_err err;

	while (language < LANGUAGES &&
	    !bytes_equal(tsv->columns[0], bytes_str(tags[language]))) {
		language++;
	}
	if (language == LANGUAGES || guess->n == WORDS_MAX / 2) {
		*ret_fault = (struct text_fault){ tsv->line,
			language == LANGUAGES ? "no language that words "
						"decide on"
					      : "the words are too many" };
		return TL_EFORMAT;
	}
	err = fold_text(tsv->columns[1], &fold);
	if (err != TL_OK) {
		return err;
	}
	word = &guess->words[place_of(guess, hash_word(fold.at, fold.n))];
	guess->n += word->hash == 0 ? 1 : 0;
	word->hash = hash_word(fold.at, fold.n);
	word->languages |= 1u << language;
	fold_free(&fold);
	return TL_OK;
}

enum tl_err guess_new(
    struct bytes file, struct guess **ret_guess, struct text_fault *ret_fault)
{
	struct guess *guess = calloc(1, sizeof(*guess));
	struct tsv tsv;
	enum tl_err err = TL_OK;

	*ret_fault = (struct text_fault){ 0 };
	if (guess == NULL) {
		return TL_ENOMEM;
	}
	if (!tsv_open(&tsv, file, "lang\tword", ret_fault)) {
		err = TL_EFORMAT;
	}
	while (err == TL_OK && tsv_next(&tsv, ret_fault)) {
		err = add_word(guess, &tsv, ret_fault);
	}
	if (err == TL_OK && ret_fault->what != NULL) {
		err = TL_EFORMAT;
	}
	if (err != TL_OK) {
		guess_free(guess);
		return err;
	}
	*ret_guess = guess;
	return TL_OK;
}

void guess_free(struct guess *guess)
{
	free(guess);
}

size_t guess_bytes(const struct guess *guess)
{
	return sizeof(*guess);
}

/* ---- the guess ----------------------------------------------------------- */

static size_t script_of(uint32_t point)
{
	size_t i = 0;

	while (i < SCRIPTS &&
	    (point < scripts[i].first || point > scripts[i].last)) {
		i++;
	}
	return i;
}

/* Letters that no other listed language has. */
static bool is_vietnamese(uint32_t point)
{
	return point == 0x0111 || point == 0x01a1 || point == 0x01b0 ||
	    point == 0x0103 || (point >= 0x1ea0 && point <= 0x1ef9);
}

static void count_words(const struct guess *guess, const struct fold *text,
    unsigned score[static LANGUAGES])
{
	for (size_t i = 0; i < text->n; i++) {
		size_t n = 0;
		uint32_t languages = 0;
		bool vietnamese = false;

		while (i + n < text->n && text->at[i + n].point != ' ') {
			vietnamese =
			    vietnamese || is_vietnamese(text->at[i + n].point);
			n++;
		}
		if (n > 0 && n <= WORD_POINTS_MAX) {
			uint64_t hash = hash_word(text->at + i, n);

			languages =
			    guess->words[place_of(guess, hash)].languages;
		}
		languages |= vietnamese ? 1u << VI : 0;
		for (unsigned k = 0; k < LANGUAGES; k++) {
			score[k] += languages >> k & 1u;
		}
		i += n;
	}
}

static const char *by_words(const struct guess *guess, const struct fold *text)
{
	unsigned score[LANGUAGES] = { 0 };
	unsigned best = 0;
	bool even = false;

	count_words(guess, text, score);
	for (unsigned k = 1; k < LANGUAGES; k++) {
		best = score[k] > score[best] ? k : best;
	}
	for (unsigned k = 0; k < LANGUAGES; k++) {
		even = even ||
		    (k != best && score[k] == score[best] &&
			!(best == MS && k == ID));
	}
	return score[best] == 0 || even || best == HI ? "" : tags[best];
}

const char *guess_language(const struct guess *guess, const struct fold *text)
{
	size_t letters[SCRIPTS + 1] = { 0 };
	size_t by_word = 0, best = SCRIPTS, last = SCRIPTS;

	for (size_t i = 0; i < text->n; i++) {
		uint32_t point = text->at[i].point;

		if (point < 'a') {
			continue; /* spaces and digits are of none */
		}
		/* neighbours are mostly of one script */
		if (last == SCRIPTS || point < scripts[last].first ||
		    point > scripts[last].last) {
			last = script_of(point);
		}
		letters[last]++;
	}
	for (size_t i = 0; i < SCRIPTS; i++) {
		if (scripts[i].tag == NULL) {
			by_word += letters[i];
		} else if (best == SCRIPTS || letters[i] > letters[best]) {
			best = i;
		}
	}
	/* a name or an English word inside does not change the language */
	if (letters[best] * 2 >= by_word && letters[best] > 0) {
		return scripts[best].tag;
	}
	return by_word >= LETTERS_LEAST ? by_words(guess, text) : "";
}
