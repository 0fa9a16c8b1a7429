/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Keywords: any bytes are a list or are refused with a line; any bytes as a
 * text are searched, by that list and by the built-in one, and each hit lies
 * inside the text.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "text/triage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void search(const struct keywords *list, struct bytes text)
{
	struct keyword_hits hits = { 0 };
	struct fold fold;

	assert(fold_text(text, &fold) == TL_OK);
	assert(keywords_find(list, &fold, &hits) == TL_OK);
	for (size_t i = 0; i < hits.n; i++) {
		assert(hits.at[i].at < hits.at[i].end);
		assert(hits.at[i].end <= text.len);
		assert(i == 0 || hits.at[i - 1].at <= hits.at[i].at);
	}
	keyword_hits_free(&hits);
	fold_free(&fold);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct triage_files built_in;
	static struct triage *triage;
	struct triage_fault where;
	struct keywords *list = NULL;
	struct text_fault fault;
	struct report report = { .channel = "sms",
		.text = bytes_of(data, len) };

	if (triage == NULL) {
		assert(triage_new(&built_in, &triage, &where) == TL_OK);
	}
	search(triage_keywords(triage), bytes_of(data, len));
	assert(triage_judge(triage, &report) == TL_OK);
	assert(
	    report.priority >= PRIORITY_NOW && report.priority <= PRIORITY_LOW);
	if (keywords_new(bytes_of(data, len), &list, &fault) == TL_OK) {
		search(list, bytes_of(data, len));
		keywords_free(list);
	} else {
		assert(list == NULL && fault.what != NULL);
	}
	return 0;
}
