/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/lint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "web/utf8.h"

#define ZWSP UINT32_C(0x200b)

enum class {
	OTHER,  /* signs, digits, spaces, and all scripts with spaces */
	LETTER, /* begins a syllable in a script without spaces */
	SUB,    /* Khmer coeng, Myanmar virama: takes the next letter below */
	MARK,   /* belongs to the letter before it */
};

/* Unicode 15 blocks of the scripts that are written without spaces. */
static const struct {
	uint32_t first, last;
	enum class class;
} classes[] = {
	{ 0x0e01, 0x0e2f, LETTER }, /* Thai */
	{ 0x0e30, 0x0e3a, MARK },
	{ 0x0e40, 0x0e44, LETTER },
	{ 0x0e45, 0x0e4e, MARK },
	{ 0x0e81, 0x0eaf, LETTER }, /* Lao */
	{ 0x0eb0, 0x0ebd, MARK },
	{ 0x0ec0, 0x0ec4, LETTER },
	{ 0x0ec6, 0x0ecd, MARK },
	{ 0x0edc, 0x0edf, LETTER },
	{ 0x1000, 0x102a, LETTER }, /* Myanmar */
	{ 0x102b, 0x1038, MARK },
	{ 0x1039, 0x1039, SUB },
	{ 0x103a, 0x103e, MARK },
	{ 0x103f, 0x103f, LETTER },
	{ 0x104c, 0x1055, LETTER },
	{ 0x1056, 0x109d, MARK },
	{ 0x1780, 0x17b3, LETTER }, /* Khmer */
	{ 0x17b4, 0x17d1, MARK },
	{ 0x17d2, 0x17d2, SUB },
	{ 0x17d3, 0x17d3, MARK },
	{ 0x17d7, 0x17d7, MARK }, /* repeats the word before it */
	{ 0x17dc, 0x17dd, MARK },
};

static const struct {
	const char *word;
	enum lint_kind kind;
} kinds[] = {
	{ "line", LINT_LINE },
	{ "answer", LINT_ANSWER },
	{ "question", LINT_QUESTION },
	{ "button", LINT_BUTTON },
	{ "title", LINT_TITLE },
	{ "name", LINT_NAME },
	{ "digits", LINT_DIGITS },
};

/* What one walk over a text counts. */
struct walk {
	uint32_t before;   /* the code point before, 0 at the start */
	enum class class;  /* its class */
	unsigned run;      /* letters without a place to break */
	unsigned words;    /* of the whole text */
	unsigned sentence; /* words since the last full stop */
	unsigned clusters; /* what a reader sees as characters */
	bool in_word;
	bool has_zwsp;
};

int lint_kind_of(const char *word, unsigned long len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].word) == len &&
		    memcmp(kinds[i].word, word, len) == 0) {
			return (int)kinds[i].kind;
		}
	}
	return -1;
}

static enum class class_of(uint32_t point) {
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++){
	    if (point >= classes[i].first && point <= classes[i].last){
		return classes[i].class; }
}
return OTHER;
}

/* Every browser has had a Thai dictionary for long. */
static bool is_thai(uint32_t point)
{
	return point >= 0x0e00 && point <= 0x0e7f;
}

static bool is_space(uint32_t point)
{
	return point == ' ' || point == 0xa0 || point == 0x3000;
}

static bool is_stop(uint32_t point)
{
	return point == '.' || point == '?' || point == 0x17d4 ||
	    point == 0x17d5 || point == 0x3002 || point == 0xff1f ||
	    point == 0x104b || point == 0x0964;
}

/* Scripts whose spelling needs joiners: Devanagari, Bengali, Myanmar. */
static bool takes_joiner(uint32_t point)
{
	return (point >= 0x0900 && point <= 0x09ff) ||
	    (point >= 0x1000 && point <= 0x109f);
}

static const char *forbidden(const struct walk *walk, uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
		return "a control character";
	}
	if (point == '!' || point == 0xff01) {
		return "an exclamation mark";
	}
	if (point == 0xfeff || (point >= 0x200e && point <= 0x200f) ||
	    (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f)) {
		return "an invisible character";
	}
	if ((point == 0x200c || point == 0x200d) &&
	    !takes_joiner(walk->before)) {
		return "a joiner where the script needs none";
	}
	if (is_space(point) && (walk->before == 0 || is_space(walk->before))) {
		return "a space at the start, or two spaces";
	}
	return NULL;
}

/* The place of U+200B, seen from the code point behind it. */
static const char *misplaced(const struct walk *walk, uint32_t point)
{
	if (point == ZWSP && walk->class != LETTER && walk->class != MARK) {
		return "U+200B not behind a letter";
	}
	if (walk->before == ZWSP && class_of(point) != LETTER) {
		return "U+200B not before a letter";
	}
	return NULL;
}

static void count(struct walk *walk, uint32_t point)
{
	enum class class = class_of(point);
	bool ends = is_space(point) || point == ZWSP;

	if (class == OTHER || is_thai(point)) {
		walk->run = 0;
	} else if (class == LETTER) {
		walk->run++;
	}
	if (point != ZWSP && class != MARK && class != SUB &&
	    walk->class != SUB) {
		walk->clusters++;
	}
	if (!ends && !is_stop(point) && !walk->in_word) {
		walk->words++;
		walk->sentence++;
	}
	walk->in_word = !ends && (walk->in_word || !is_stop(point));
	if (is_space(point) && is_stop(walk->before)) {
		walk->sentence = 0;
	}
	walk->has_zwsp = walk->has_zwsp || point == ZWSP;
	walk->before = point;
	walk->class = class;
}

static const char *too_much(
    const struct walk *walk, const struct lint_rules *rules)
{
	enum lint_kind kind = rules->kind;
	bool short_one = kind == LINT_BUTTON || kind == LINT_TITLE;
	unsigned max = rules->words_max > 0 ? rules->words_max : LINT_WORDS_MAX;

	if (walk->sentence > max) {
		return "a sentence of too many words";
	}
	if (kind == LINT_QUESTION && walk->words > max) {
		return "a question of too many words";
	}
	if (short_one && walk->clusters > LINT_CLUSTERS_MAX) {
		return "more than 20 characters";
	}
	if (walk->has_zwsp && (kind == LINT_TITLE || kind == LINT_NAME)) {
		return "U+200B in a title or a name";
	}
	if (walk->run > LINT_RUN_MAX) {
		return "a long run without U+200B between words";
	}
	return NULL;
}

static const char *lint_points(const char *text, const struct lint_rules *rules)
{
	struct bytes left = bytes_str(text);
	struct walk walk = { .before = 0 };
	const char *wrong = NULL;

	while (left.len > 0 && wrong == NULL) {
		uint32_t point;
		bool valid;
		size_t len = utf8_next(left, &point, &valid);

		if (!valid) {
			return "not UTF-8";
		}
		wrong = forbidden(&walk, point);
		if (wrong == NULL) {
			wrong = misplaced(&walk, point);
		}
		count(&walk, point);
		if (wrong == NULL) {
			wrong = too_much(&walk, rules);
		}
		left = bytes_of(left.at + len, left.len - len);
	}
	if (wrong == NULL && (walk.before == 0 || is_space(walk.before))) {
		return "empty, or a space at the end";
	}
	if (wrong == NULL && walk.before == ZWSP) {
		return "U+200B at the end";
	}
	return wrong;
}

/* Ten digits in a row, so that the first one tells the others. */
static const char *lint_digits(const char *text)
{
	struct bytes left = bytes_str(text);
	uint32_t first = 0;
	unsigned n = 0;

	while (left.len > 0) {
		uint32_t point;
		bool valid;
		size_t len = utf8_next(left, &point, &valid);

		first = n == 0 ? point : first;
		if (!valid || point != first + n) {
			return "not ten digits in a row";
		}
		n++;
		left = bytes_of(left.at + len, left.len - len);
	}
	return n == 10 ? NULL : "not ten digits in a row";
}

/* How often the len bytes of part stand in text. */
static unsigned times(const char *text, const char *part, size_t len)
{
	unsigned n = 0;

	for (; *text != '\0'; text++) {
		n += strncmp(text, part, len) == 0 ? 1 : 0;
	}
	return n;
}

/* Each {name} of a stands in b as often as in a. */
static bool holds_placeholders(const char *a, const char *b)
{
	for (const char *at = strchr(a, '{'); at != NULL;
	     at = strchr(at + 1, '{')) {
		const char *end = strchr(at, '}');

		if (end == NULL ||
		    times(a, at, (size_t)(end - at) + 1) !=
			times(b, at, (size_t)(end - at) + 1)) {
			return false;
		}
	}
	return true;
}

static bool is_latin(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_listed(const char *words, const char *word, size_t len)
{
	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (n == len && memcmp(words, word, len) == 0) {
			return true;
		}
		words += n;
		words += strspn(words, " ");
	}
	return false;
}

bool lint_is_listed(const char *words, const char *word)
{
	return is_listed(words, word, strlen(word));
}

/* English that was left in a text of another script. */
static const char *lint_latin(const char *text, const char *words)
{
	while (*text != '\0') {
		size_t len = 0;

		if (*text == '{') {
			text += strcspn(text, "}");
			continue;
		}
		while (is_latin(text[len])) {
			len++;
		}
		if (len > 0 && !is_listed(words, text, len)) {
			return "a Latin word that X-Latin-Words does not list";
		}
		text += len > 0 ? len : 1;
	}
	return NULL;
}

const char *lint_text(const struct lint_rules *rules, const char *text)
{
	const char *wrong = lint_points(text, rules);

	if (wrong == NULL && rules->kind == LINT_DIGITS) {
		return lint_digits(text);
	}
	if (wrong == NULL && !holds_placeholders(text, text)) {
		return "a brace that nothing closes";
	}
	if (wrong == NULL && rules->master != NULL &&
	    (!holds_placeholders(rules->master, text) ||
		!holds_placeholders(text, rules->master))) {
		return "other placeholders than the master";
	}
	if (wrong == NULL && rules->latin_words != NULL) {
		return lint_latin(text, rules->latin_words);
	}
	return wrong;
}
