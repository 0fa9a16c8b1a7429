/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/page_parts.h - what the pages of web/page*.c have in common. For them
 * alone.
 *
 * Runs in:   intake workers. Pure.
 */
#ifndef TL_WEB_PAGE_PARTS_H
#define TL_WEB_PAGE_PARTS_H

#include "web/page.h"
#include "web/template.h"

#define PARTS_ITEMS_MAX  64u
#define PARTS_NUMBER_MAX 24u

/* A question whose answers are chosen: texts first to last, in the order of
 * their values. */
struct question {
	const char *name; /* on the wire */
	enum web_list list;
	unsigned first, last; /* numbers of texts */
	unsigned first_me;    /* about who writes; 0: the same words */
	const char *const *values;
};

extern const struct question question_now, question_country, question_province;

/* What every page is made of. */
struct page_parts {
	struct template_data data;
	struct template_item languages[PAGE_LANGUAGES_MAX];
	struct template_item items[PARTS_ITEMS_MAX];
	size_t n_items;
	char spoken[PAGE_SPOKEN][PARTS_NUMBER_MAX]; /* KiB of each */
	char size[PARTS_NUMBER_MAX];                /* of a file, at most */
	char minutes[PARTS_NUMBER_MAX]; /* so long is such a recording */
};

void parts_begin(struct page_parts *parts, const struct page_site *site,
    const struct web_language *language);

/* The answers of a question; what typed has under its name is chosen. */
void parts_answers(struct page_parts *parts, const struct question *question,
    const struct web_language *language, const struct page_typed *typed);

/* The first value under that name; empty if there is none. */
struct bytes parts_typed(const struct page_typed *typed, const char *name);

/* Digits in the digits of the language. Room for len digits of 4 bytes. */
size_t parts_own_digits(
    const struct web_language *language, struct bytes digits, uint8_t *ret_own);

/* Base64url of a state, or NULL: fit for a page. */
bool parts_is_state(const char *state);

/* A hidden key, or NULL: fit for a page. */
bool parts_is_idem(const char *idem);

#endif
