/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/language.h"

#include <stdbool.h>
#include <stdint.h>

#include "web/catalogue.h"

/* Weight of one entry, in thousandths. */
#define WEIGHT_FULL 1000u

/* What browsers call a language that has another tag here. */
static const struct {
	const char *theirs;
	const char *ours;
} aliases[] = {
	{ "in", "id" },
	{ "tl", "fil" },
	/* also of zh-TW, by look-up: better read than Khmer */
	{ "zh", "zh-Hans" },
};

size_t web_language_count(void)
{
	return web_languages_n;
}

const struct web_language *web_language_at(size_t at)
{
	return at < web_languages_n ? &web_languages[at] : NULL;
}

const char *web_language_tag(const struct web_language *language)
{
	return language->tag;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool same_tag(struct bytes a, const char *tag)
{
	struct bytes b = bytes_str(tag);

	if (a.len != b.len) {
		return false;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.at[i]) != lower(b.at[i])) {
			return false;
		}
	}
	return true;
}

const struct web_language *web_language_find(struct bytes tag)
{
	for (size_t i = 0; i < web_languages_n; i++) {
		if (same_tag(tag, web_languages[i].tag)) {
			return &web_languages[i];
		}
	}
	return NULL;
}

static const struct web_language *find_offered(
    struct bytes tag, const struct web_language *const *offered, size_t n)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (same_tag(tag, aliases[i].theirs)) {
			tag = bytes_str(aliases[i].ours);
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (same_tag(tag, offered[i]->tag)) {
			return offered[i];
		}
	}
	return NULL;
}

/* RFC 4647, 3.4: the range, then the range without its last subtag, ... */
static const struct web_language *look_up(
    struct bytes range, const struct web_language *const *offered, size_t n)
{
	while (range.len > 0) {
		const struct web_language *found =
		    find_offered(range, offered, n);

		if (found != NULL) {
			return found;
		}
		do {
			range.len--;
		} while (range.len > 0 && range.at[range.len] != '-');
	}
	return NULL;
}

/* Cut text at the first c: the part before it goes, the rest stays. */
static struct bytes cut(struct bytes *text, uint8_t c)
{
	struct bytes part = *text;
	size_t len = 0;

	while (len < text->len && text->at[len] != c) {
		len++;
	}
	part.len = len;
	len = len < text->len ? len + 1 : len;
	*text = bytes_of(text->at + len, text->len - len);
	return part;
}

static struct bytes trim(struct bytes text)
{
	while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	while (text.len > 0 &&
	    (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t')) {
		text.len--;
	}
	return text;
}

/*
 * The weight that "q=0.8" says: RFC 9110, 12.4.2. What is no weight at all
 * counts as full: the language was named, and its name is what matters.
 */
static unsigned weight_of(struct bytes param)
{
	unsigned weight, unit = WEIGHT_FULL / 10;

	param = trim(param);
	if (param.len < 3 || lower(param.at[0]) != 'q' || param.at[1] != '=' ||
	    param.at[2] != '0' || (param.len > 3 && param.at[3] != '.')) {
		return WEIGHT_FULL;
	}
	weight = 0;
	for (size_t i = 4; i < param.len && unit > 0; i++) {
		if (param.at[i] < '0' || param.at[i] > '9') {
			return WEIGHT_FULL;
		}
		weight += unit * (unsigned)(param.at[i] - '0');
		unit /= 10;
	}
	return weight;
}

const struct web_language *web_language_pick(struct bytes accept_language,
    const struct web_language *const *offered, size_t n,
    const struct web_language *otherwise)
{
	const struct web_language *best = otherwise;
	unsigned best_weight = 0;

	if (accept_language.len > WEB_ACCEPT_BYTES_MAX) {
		accept_language.len = WEB_ACCEPT_BYTES_MAX;
	}
	while (accept_language.len > 0) {
		struct bytes param = cut(&accept_language, ',');
		struct bytes range = trim(cut(&param, ';'));
		unsigned weight = weight_of(param);
		const struct web_language *found;

		/* the first of equals: strictly more is needed */
		if (weight <= best_weight) {
			continue;
		}
		found = look_up(range, offered, n);
		if (found != NULL) {
			best = found;
			best_weight = weight;
		}
	}
	return best;
}
