/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "web/catalogue.h"
#include "web/lint.h"
#include "web/page.h"

#include "gen_web_texts.h"

#define NUMBER_MAX_BYTES 32u
#define TEXT_MAX_BYTES   512u

/* What an operator may say otherwise: who they are, what they promise and
 * where a case stands. Questions and answers are the form's. */
static const struct {
	const char *key;
	enum web_text text;
	enum lint_kind kind;
} own[] = {
	{ "title", TEXT_TITLE, LINT_TITLE },
	{ "call", TEXT_CALL, LINT_LINE },
	{ "call.free", TEXT_CALL_FREE, LINT_LINE },
	{ "notice.act", TEXT_NOTICE_ACT, LINT_LINE },
	{ "notice.read", TEXT_NOTICE_READ, LINT_LINE },
	{ "notice.promise", TEXT_NOTICE_PROMISE, LINT_LINE },
	{ "next.1", TEXT_NEXT_1, LINT_LINE },
	{ "next.2", TEXT_NEXT_2, LINT_LINE },
	{ "next.3", TEXT_NEXT_3, LINT_LINE },
	{ "status.1", TEXT_STATUS_1, LINT_LINE },
	{ "status.2", TEXT_STATUS_2, LINT_LINE },
	{ "status.3", TEXT_STATUS_3, LINT_LINE },
	{ "status.4", TEXT_STATUS_4, LINT_LINE },
	{ "status.5", TEXT_STATUS_5, LINT_LINE },
};
#define N_OWN (sizeof(own) / sizeof(own[0]))

static const char key_number[] = "urgent.call";
static const char key_free[] = "urgent.free";

struct entry {
	const struct web_language *from;
	struct web_language language; /* what pages see */
	const char **texts;
	char *replaced[N_OWN]; /* NULL: the compiled-in one */
	char *number;
};

struct web_words {
	struct entry entries[PAGE_LANGUAGES_MAX];
	size_t n;
};

enum tl_err web_words_new(const struct web_language *const *languages, size_t n,
    struct web_words **ret_words)
{
	struct web_words *words = calloc(1, sizeof(*words));

	if (words == NULL || n > PAGE_LANGUAGES_MAX) {
		free(words);
		return TL_ENOMEM;
	}
	for (words->n = 0; words->n < n; words->n++) {
		struct entry *entry = &words->entries[words->n];

		entry->from = languages[words->n];
		entry->texts = calloc(web_texts_n, sizeof(*entry->texts));
		if (entry->texts == NULL) {
			web_words_free(words);
			return TL_ENOMEM;
		}
		for (size_t i = 0; i < web_texts_n; i++) {
			entry->texts[i] = entry->from->texts[i];
		}
		entry->language = *entry->from;
		entry->language.texts = entry->texts;
	}
	*ret_words = words;
	return TL_OK;
}

void web_words_free(struct web_words *words)
{
	if (words == NULL) {
		return;
	}
	for (size_t l = 0; l < PAGE_LANGUAGES_MAX; l++) {
		free(words->entries[l].texts);
		free(words->entries[l].number);
		for (size_t i = 0; i < N_OWN; i++) {
			free(words->entries[l].replaced[i]);
		}
	}
	free(words);
}

static struct entry *find(
    struct web_words *words, const struct web_language *language)
{
	for (size_t i = 0; i < words->n; i++) {
		if (words->entries[i].from == language) {
			return &words->entries[i];
		}
	}
	return NULL;
}

const struct web_language *web_words_of(
    const struct web_words *words, const struct web_language *language)
{
	for (size_t i = 0; i < words->n; i++) {
		if (words->entries[i].from == language) {
			return &words->entries[i].language;
		}
	}
	return language;
}

/* ---- a line -------------------------------------------------------------- */

static struct bytes trim(struct bytes text)
{
	while (text.len > 0 && strchr(" \t\r", text.at[0]) != NULL &&
	    text.at[0] != '\0') {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	while (text.len > 0 && strchr(" \t\r", text.at[text.len - 1]) != NULL &&
	    text.at[text.len - 1] != '\0') {
		text.len--;
	}
	return text;
}

static bool is_number(const char *text)
{
	size_t digits = 0;

	for (const char *at = text; *at != '\0'; at++) {
		digits += *at >= '0' && *at <= '9';
	}
	return digits >= 2 && strlen(text) <= NUMBER_MAX_BYTES &&
	    strspn(text, "0123456789+-() ") == strlen(text);
}

/* Takes text over where it returns NULL; else it says what is wrong. */
static const char *put_text(struct entry *entry, size_t i, char *text)
{
	const struct lint_rules rules = {
		.kind = own[i].kind,
		.master =
		    web_language_find(bytes_str("en"))->texts[own[i].text],
	};
	const char *wrong = lint_text(&rules, text);

	if (wrong == NULL && entry->replaced[i] != NULL) {
		wrong = "this key stands here twice";
	}
	if (wrong == NULL) {
		entry->replaced[i] = text;
		entry->texts[own[i].text] = text;
	}
	return wrong;
}

static const char *put(struct entry *entry, struct bytes key, char *text)
{
	if (bytes_equal(key, bytes_str(key_number))) {
		if (!is_number(text) || entry->number != NULL) {
			return "one telephone number is wanted";
		}
		entry->number = text;
		entry->language.urgent_call = text;
		return NULL;
	}
	for (size_t i = 0; i < N_OWN; i++) {
		if (bytes_equal(key, bytes_str(own[i].key))) {
			return put_text(entry, i, text);
		}
	}
	return "no text of this key can be replaced";
}

static enum tl_err read_line(
    struct entry *entry, struct bytes line, struct web_words_fault *ret_fault)
{
	const uint8_t *equals = memchr(line.at, '=', line.len);
	struct bytes value = { 0 };
	char *text;

	ret_fault->what = "a line is: key = text";
	if (equals == NULL || memchr(line.at, '\0', line.len) != NULL) {
		return TL_EINVAL;
	}
	ret_fault->key = trim(bytes_of(line.at, (size_t)(equals - line.at)));
	value = trim(
	    bytes_of(equals + 1, line.len - (size_t)(equals - line.at) - 1));
	ret_fault->what = "this text is too long, or empty";
	if (value.len == 0 || value.len > TEXT_MAX_BYTES) {
		return TL_EINVAL;
	}
	if (bytes_equal(ret_fault->key, bytes_str(key_free))) {
		entry->language.urgent_free =
		    bytes_equal(value, bytes_str("yes"));
		ret_fault->what = "yes or no is wanted";
		return entry->language.urgent_free ||
			bytes_equal(value, bytes_str("no"))
		    ? TL_OK
		    : TL_EINVAL;
	}
	text = strndup((const char *)value.at, value.len);
	if (text == NULL) {
		return TL_ENOMEM;
	}
	ret_fault->what = put(entry, ret_fault->key, text);
	if (ret_fault->what != NULL) {
		free(text);
		return TL_EINVAL;
	}
	return TL_OK;
}

enum tl_err web_words_read(struct web_words *words,
    const struct web_language *language, struct bytes text,
    struct web_words_fault *ret_fault)
{
	struct entry *entry = find(words, language);
	enum tl_err err = TL_OK;

	*ret_fault = (struct web_words_fault){ .line = 0 };
	while (entry != NULL && err == TL_OK && text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
		struct bytes line = trim(bytes_of(text.at, len));

		ret_fault->line++;
		ret_fault->key = bytes_of(NULL, 0);
		if (line.len > 0 && line.at[0] != '#') {
			err = read_line(entry, line, ret_fault);
		}
		len += end != NULL;
		text = bytes_of(text.at + len, text.len - len);
	}
	if (err == TL_OK && entry != NULL && entry->language.urgent_free &&
	    entry->number == NULL) {
		*ret_fault = (struct web_words_fault){
			.key = bytes_str(key_free),
			.what = "urgent.call is missing beside it",
		};
		err = TL_EINVAL;
	}
	return err;
}

enum tl_err web_words_judge(
    const struct web_words *words, struct web_words_fault *ret_fault)
{
	for (size_t i = 0; i < N_OWN; i++) {
		const struct entry *lacks = NULL;
		bool replaced = false;

		for (size_t l = 0; l < words->n; l++) {
			if (words->entries[l].replaced[i] != NULL) {
				replaced = true;
			} else {
				lacks = &words->entries[l];
			}
		}
		if (replaced && lacks != NULL) {
			*ret_fault = (struct web_words_fault){
				.key = bytes_str(own[i].key),
				.what = "replaced in another language, and not"
					" in this one",
				.language = lacks->from,
			};
			return TL_EINVAL;
		}
	}
	return TL_OK;
}
