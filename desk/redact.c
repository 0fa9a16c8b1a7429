/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/redact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/fold.h"
#include "text/utf8.h"

#define BLOCKS       "\u2588\u2588\u2588\u2588\u2588"
#define DIGITS_LEAST 7u
/* The longest word that is taken behind a title, in scripts without blanks. */
#define WORD_SIGNS 24u
/* What is shorter is not looked for in other places. */
#define AGAIN_BYTES 3u

static const char *const why_names[] = {
	[REDACT_OFFICER] = "officer",
	[REDACT_NUMBER] = "number",
	[REDACT_HANDLE] = "handle",
	[REDACT_NAME] = "name",
	[REDACT_PLACE] = "place",
	[REDACT_PLATE] = "plate",
};

/* Words behind which a name or a place stands, in the languages of the form.
 * Drafts, like the keyword lists. */
static const struct {
	enum redact_why why;
	const char *word;
} leads[] = {
	{ REDACT_NAME, "mr" },
	{ REDACT_NAME, "mrs" },
	{ REDACT_NAME, "miss" },
	{ REDACT_NAME, "ms" },
	{ REDACT_NAME, "boss" },
	{ REDACT_NAME, "named" },
	{ REDACT_NAME, "name is" },
	{ REDACT_NAME, "លោក" },
	{ REDACT_NAME, "អ្នកស្រី" },
	{ REDACT_NAME, "ឈ្មោះ" },
	{ REDACT_NAME, "ចៅកែ" },
	{ REDACT_NAME, "นาย" },
	{ REDACT_NAME, "นางสาว" },
	{ REDACT_NAME, "ชื่อ" },
	{ REDACT_NAME, "tên" },
	{ REDACT_NAME, "ông" },
	{ REDACT_NAME, "名叫" },
	{ REDACT_NAME, "နာမည်" },
	{ REDACT_NAME, "ຊື່" },
	{ REDACT_NAME, "bernama" },
	{ REDACT_NAME, "pangalan" },
	{ REDACT_NAME, "নাম" },
	{ REDACT_NAME, "नाम" },
	{ REDACT_PLACE, "village" },
	{ REDACT_PLACE, "street" },
	{ REDACT_PLACE, "phum" },
	{ REDACT_PLACE, "ភូមិ" },
	{ REDACT_PLACE, "ផ្លូវ" },
	{ REDACT_PLACE, "หมู่บ้าน" },
	{ REDACT_PLACE, "ซอย" },
	{ REDACT_PLACE, "làng" },
	{ REDACT_PLACE, "ບ້ານ" },
	{ REDACT_PLACE, "kampung" },
	{ REDACT_PLACE, "desa" },
	{ REDACT_PLACE, "barangay" },
	{ REDACT_PLACE, "গ্রাম" },
	{ REDACT_PLACE, "गाउँ" },
};

const char *redact_why_name(enum redact_why why)
{
	return why_names[why];
}

/* ---- what to suggest ------------------------------------------------------
 */

struct search {
	struct bytes text;
	struct fold fold;
	struct redact_spans *spans;
};

static bool is_digit(const struct fold_char *c)
{
	return c->point >= '0' && c->point <= '9';
}

static bool is_latin(const struct fold_char *c)
{
	return (c->point >= 'a' && c->point <= 'z') ||
	    (c->point >= 0xc0 && c->point < 0x250) ||
	    (c->point >= 0x1e00 && c->point < 0x1f00);
}

static bool is_blank(const struct fold_char *c)
{
	return c->point == ' ';
}

static void add(
    struct search *search, size_t at, size_t end, enum redact_why why)
{
	struct redact_spans *spans = search->spans;

	for (size_t i = 0; i < spans->n; i++) {
		const struct redact_span *other = &spans->items[i];

		if (at < other->at + other->len && other->at < end) {
			return; /* somebody was here before */
		}
	}
	if (spans->n == REDACT_SPANS_MAX) {
		spans->full = true;
		return;
	}
	spans->items[spans->n++] =
	    (struct redact_span){ .at = at, .len = end - at, .why = why };
}

/* The signs [from, to) of the folded copy. */
static void add_signs(
    struct search *search, size_t from, size_t to, enum redact_why why)
{
	if (to > from) {
		add(search, search->fold.at[from].at,
		    search->fold.at[to - 1].end, why);
	}
}

static bool is_space_byte(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool has(struct bytes word, const char *what)
{
	return memmem(word.at, word.len, what, strlen(what)) != NULL;
}

/* @name, somebody@somewhere, https://..., t.me/... */
static void find_handles(struct search *search)
{
	struct bytes text = search->text;
	size_t at = 0;

	while (at < text.len) {
		size_t end = at;

		while (end < text.len && !is_space_byte(text.at[end])) {
			end++;
		}
		if (end > at + 3) {
			struct bytes word = bytes_of(text.at + at, end - at);

			if (has(word, "@") || has(word, "://") ||
			    has(word, "www.") || has(word, "t.me/")) {
				add(search, at, end, REDACT_HANDLE);
			}
		}
		at = end + 1;
	}
}

/* Digits with single blanks between them, as numbers are written. */
static void find_numbers(struct search *search)
{
	const struct fold *fold = &search->fold;
	size_t at = 0;

	while (at < fold->n) {
		size_t end = at, digits = 0, last = at;

		while (end < fold->n &&
		    (is_digit(&fold->at[end]) ||
			(digits > 0 && is_blank(&fold->at[end]) &&
			    !is_blank(&fold->at[end - 1])))) {
			if (is_digit(&fold->at[end])) {
				digits++;
				last = end + 1;
			}
			end++;
		}
		if (digits >= DIGITS_LEAST) {
			add_signs(search, at, last, REDACT_NUMBER);
		}
		at = end > at ? end : at + 1;
	}
}

/* How many signs from at on fn says yes to, at most max. */
static size_t run_of(const struct fold *fold, size_t at, size_t max,
    bool (*fn)(const struct fold_char *c))
{
	size_t n = 0;

	while (n < max && at + n < fold->n && fn(&fold->at[at + n])) {
		n++;
	}
	return n;
}

/* Was every Latin letter of these signs written as a capital? */
static bool are_capitals(const struct search *search, size_t at, size_t n)
{
	for (size_t i = at; i < at + n; i++) {
		uint8_t c = search->text.at[search->fold.at[i].at];

		if (c < 'A' || c > 'Z') {
			return false;
		}
	}
	return true;
}

/* "2A-1234", "51a 43210", "WXY 123": digits or capitals, letters, digits. */
static size_t plate_at(const struct search *search, size_t at)
{
	const struct fold *fold = &search->fold;
	size_t i = at, front, letters, digits;

	if (at > 0 &&
	    (is_digit(&fold->at[at - 1]) || is_latin(&fold->at[at - 1]))) {
		return 0;
	}
	front = run_of(fold, i, 2, is_digit);
	i += front;
	i += run_of(fold, i, 1, is_blank);
	letters = run_of(fold, i, 4, is_latin);
	front += are_capitals(search, i, letters) ? 1 : 0;
	i += letters;
	i += run_of(fold, i, 1, is_blank);
	digits = run_of(fold, i, 6, is_digit);
	i += digits;
	return front >= 1 && letters >= 1 && letters <= 3 && digits >= 3 &&
		digits <= 5 && (i == fold->n || !is_latin(&fold->at[i]))
	    ? i
	    : 0;
}

static void find_plates(struct search *search)
{
	for (size_t at = 0; at < search->fold.n; at++) {
		size_t end =
		    is_blank(&search->fold.at[at]) ? 0 : plate_at(search, at);

		if (end > 0) {
			add_signs(search, at, end, REDACT_PLATE);
			at = end - 1;
		}
	}
}

static bool is_word_sign(const struct fold_char *c)
{
	return !is_blank(c);
}

/* Does a word of the text that was written with a capital letter begin? */
static bool begins_capital(const struct search *search, size_t sign)
{
	const struct fold *fold = &search->fold;
	uint8_t c;

	if (sign >= fold->n) {
		return false;
	}
	c = search->text.at[fold->at[sign].at];
	return c >= 'A' && c <= 'Z';
}

/* The word at a sign; a second one where both begin with a capital. */
static size_t word_end(const struct search *search, size_t at)
{
	const struct fold *fold = &search->fold;
	size_t end = at + run_of(fold, at, WORD_SIGNS, is_word_sign);

	if (begins_capital(search, at) && begins_capital(search, end + 1)) {
		end++;
		end += run_of(fold, end, WORD_SIGNS, is_word_sign);
	}
	return end;
}

/* The lead stands at this sign: as a word, in scripts that have blanks. */
static bool lead_at(const struct fold *fold, size_t at, const struct fold *lead)
{
	size_t end = at + lead->n;

	if (end > fold->n) {
		return false;
	}
	for (size_t i = 0; i < lead->n; i++) {
		if (fold->at[at + i].point != lead->at[i].point) {
			return false;
		}
	}
	return !is_latin(&lead->at[0]) ||
	    ((at == 0 || !is_latin(&fold->at[at - 1])) && end < fold->n &&
		!is_latin(&fold->at[end]));
}

static void find_behind(
    struct search *search, const struct fold *lead, enum redact_why why)
{
	const struct fold *fold = &search->fold;

	for (size_t at = 0; lead->n > 0 && at < fold->n; at++) {
		size_t from = at + lead->n;

		if (!lead_at(fold, at, lead)) {
			continue;
		}
		from += run_of(fold, from, 1, is_blank);
		add_signs(search, from, word_end(search, from), why);
	}
}

static enum tl_err find_leads(struct search *search)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		struct fold lead = { 0 };
		enum tl_err err = fold_text(bytes_str(leads[i].word), &lead);

		if (err != TL_OK) {
			return err;
		}
		find_behind(search, &lead, leads[i].why);
		fold_free(&lead);
	}
	return TL_OK;
}

/* The same words in other places. */
static void find_again(struct search *search)
{
	size_t n = search->spans->n;

	for (size_t i = 0; i < n; i++) {
		struct redact_span span = search->spans->items[i];
		size_t from = 0;

		if (span.len < AGAIN_BYTES) {
			continue;
		}
		for (;;) {
			const uint8_t *found = memmem(search->text.at + from,
			    search->text.len - from, search->text.at + span.at,
			    span.len);

			if (found == NULL) {
				break;
			}
			from = (size_t)(found - search->text.at) + span.len;
			add(search, from - span.len, from, span.why);
		}
	}
}

static int by_place(const void *a, const void *b)
{
	const struct redact_span *x = a;
	const struct redact_span *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

enum tl_err redact_suggest(struct bytes text, struct redact_spans *ret_spans)
{
	struct search search = { .text = text, .spans = ret_spans };
	enum tl_err err = fold_text(text, &search.fold);

	ret_spans->n = 0;
	ret_spans->full = false;
	if (err == TL_OK) {
		find_handles(&search);
		find_numbers(&search);
		find_plates(&search);
		err = find_leads(&search);
	}
	if (err == TL_OK) {
		find_again(&search);
		qsort(ret_spans->items, ret_spans->n,
		    sizeof(ret_spans->items[0]), by_place);
	}
	fold_free(&search.fold);
	return err;
}

/* ---- blacking out ---------------------------------------------------------
 */

static bool inside_sign(struct bytes text, size_t at)
{
	return at < text.len && (text.at[at] & 0xc0u) == 0x80u;
}

/* Is this byte in a span, or in a sign that is? */
static bool is_black(
    struct bytes text, size_t at, const struct redact_span *spans, size_t n)
{
	size_t end = at + 1;

	while (inside_sign(text, end)) {
		end++;
	}
	for (size_t i = 0; i < n; i++) {
		if (at < spans[i].at + spans[i].len && spans[i].at < end) {
			return true;
		}
	}
	return false;
}

enum tl_err redact_text(struct bytes text, const struct redact_span *spans,
    size_t n, struct buf *out)
{
	bool was_black = false;
	size_t at = 0;

	if (!utf8_valid(text)) {
		return TL_EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		if (spans[i].at > text.len ||
		    spans[i].len > text.len - spans[i].at) {
			return TL_EINVAL;
		}
	}
	while (at < text.len) {
		size_t end = at + 1;
		bool black = is_black(text, at, spans, n);

		while (inside_sign(text, end)) {
			end++;
		}
		if (!black) {
			buf_put(out, text.at + at, end - at);
		} else if (!was_black) {
			buf_put_str(out, BLOCKS);
		}
		was_black = black;
		at = end;
	}
	return buf_err(out);
}
