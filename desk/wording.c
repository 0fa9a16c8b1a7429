/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/wording.h"

#include <string.h>

#include "text/fold.h"

#define FOLDED_BYTES 16384u
/* The longest number that is not one: a year, an hour with minutes. */
#define DIGITS_MAX 4u

/* What this is about, and who asks. In no list of words: reporters seldom say
 * so. In the languages of the officers; those of the phrase book have been
 * looked at by people. */
static const char *const topics[] = {
	"police",
	"traffick",
	"rescue",
	"victim",
	"hotline",
	"helpline",
	"shelter",
	"embassy",
	"slavery",
	"anonymous",
	"your report",
	"your tip",
	"tip line",
	"ប៉ូលិស",
	"នគរបាល",
	"ជួញដូរ",
	"សង្គ្រោះ",
	"ជនរងគ្រោះ",
	"ស្ថានទូត",
};

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "://", "www.", an address of mail, a name with a dot inside. */
static bool has_link(struct bytes text)
{
	if (memmem(text.at, text.len, "://", 3) != NULL ||
	    memchr(text.at, '@', text.len) != NULL) {
		return true;
	}
	for (size_t i = 1; i + 2 < text.len; i++) {
		if (text.at[i] == '.' && is_letter(text.at[i + 1]) &&
		    is_letter(text.at[i + 2]) && text.at[i - 1] != ' ' &&
		    text.at[i - 1] != '.' && text.at[i - 1] != '\n') {
			return true;
		}
	}
	return false;
}

/* In a folded text, where all digits are ASCII and what may stand between them
 * is a space. */
static bool has_number(const struct buf *folded)
{
	size_t n = 0;

	for (size_t i = 0; i < folded->len; i++) {
		uint8_t c = folded->data[i];

		if (c >= '0' && c <= '9') {
			n++;
		} else if (c != ' ') {
			n = 0;
		}
		if (n > DIGITS_MAX) {
			return true;
		}
	}
	return false;
}

static enum tl_err fold_into(struct bytes text, struct buf *out)
{
	struct fold fold = { 0 };
	enum tl_err err = fold_text(text, &fold);

	if (err == TL_OK) {
		fold_put(&fold, out);
		err = buf_err(out);
	}
	fold_free(&fold);
	return err;
}

static bool holds(const struct buf *folded, const char *phrase)
{
	struct buf what;
	bool found = true; /* where memory is out */

	buf_init(&what, FOLDED_BYTES);
	if (fold_into(bytes_str(phrase), &what) == TL_OK) {
		while (what.len > 0 && what.data[what.len - 1] == ' ') {
			what.len--;
		}
		found = what.len > 0 &&
		    memmem(folded->data, folded->len, what.data, what.len) !=
			NULL;
	}
	buf_free(&what);
	return found;
}

bool wording_names(struct bytes text, const char *name)
{
	struct buf folded;
	bool found = true;

	buf_init(&folded, FOLDED_BYTES);
	if (name[0] == '\0') {
		found = false;
	} else if (fold_into(text, &folded) == TL_OK) {
		found = folded.len > 0 && holds(&folded, name);
	}
	buf_free(&folded);
	return found;
}

static bool has_topic(const struct buf *folded)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (holds(folded, topics[i])) {
			return true;
		}
	}
	return false;
}

/* Stems that mean nothing by themselves are no word, and "tomorrow" neither. */
static bool has_keyword(const struct keywords *keywords, struct bytes text)
{
	struct keyword_hits hits = { 0 };
	struct fold fold = { 0 };
	enum tl_err err = fold_text(text, &fold);
	bool found;

	if (err == TL_OK) {
		err = keywords_find(keywords, &fold, &hits);
	}
	found = err != TL_OK;
	for (size_t i = 0; i < hits.n; i++) {
		found = found ||
		    (!hits.at[i].combo_only && hits.at[i].group != GROUP_SOON);
	}
	keyword_hits_free(&hits);
	fold_free(&fold);
	return found;
}

static const char *fault_of(const struct keywords *keywords, struct bytes text,
    const struct buf *folded)
{
	if (has_link(text)) {
		return "No link and no address may go to a telephone.";
	}
	if (has_number(folded)) {
		return "No number and no code may go to a telephone.";
	}
	if (has_topic(folded) || has_keyword(keywords, text)) {
		return "A word in it tells what this is about.";
	}
	return NULL;
}

const char *wording_fault(const struct keywords *keywords, struct bytes text)
{
	const char *fault = "The text cannot be looked through.";
	struct buf folded;

	buf_init(&folded, FOLDED_BYTES);
	if (fold_into(text, &folded) == TL_OK) {
		fault = fault_of(keywords, text, &folded);
	}
	buf_free(&folded);
	return fault;
}
