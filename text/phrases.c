/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/phrases.h"

#include "text/data.h"
#include "text/tsv.h"

enum { ID, USE, LANG, TEXT };

bool phrases_each(bool (*fn)(const struct phrase *phrase, void *arg), void *arg)
{
	struct text_fault fault = { 0 };
	struct tsv tsv;

	if (!tsv_open(&tsv, bytes_of(data_phrases, data_phrases_len),
		"id\tuse\tlang\ttext", &fault)) {
		return false;
	}
	while (tsv_next(&tsv, &fault)) {
		struct bytes use = tsv.columns[USE];
		const struct phrase phrase = { .id = tsv.columns[ID],
			.lang = tsv.columns[LANG],
			.text = tsv.columns[TEXT],
			.use = bytes_equal(use, bytes_str("sms"))
			    ? PHRASE_SMS
			    : PHRASE_CODE };

		if (!fn(&phrase, arg)) {
			return false;
		}
	}
	return fault.what == NULL;
}

struct wanted {
	struct bytes text;
	enum phrase_use use;
};

/* False ends the walk: it is the one. */
static bool is_other(const struct phrase *phrase, void *arg)
{
	const struct wanted *wanted = arg;

	return !bytes_equal(phrase->text, wanted->text) ||
	    (phrase->use != PHRASE_SMS && phrase->use != wanted->use);
}

bool phrases_has(struct bytes text, enum phrase_use use)
{
	struct wanted wanted = { .text = text, .use = use };

	return !phrases_each(is_other, &wanted);
}
