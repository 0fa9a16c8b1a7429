/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/words: any bytes as the operator's file of a language. What is taken
 * gives pages that hold it, escaped and within their size; what is refused is
 * refused with a reason and the line that it is in.
 */
#include "web/words.h"

#include <assert.h>
#include <string.h>

#include "web/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t lines_of(struct bytes text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++) {
		n += text.at[i] == '\n';
	}
	return n;
}

static void make_pages(
    const struct web_words *words, const struct web_language *language)
{
	const struct page_site site = { .languages = { language },
		.n_languages = 1,
		.urgent_call = "1288" };
	const struct page_form form = {
		.idem = "00000000000000000000000000000000"
	};
	const struct page_box box = { .state = "abc", .status = 2 };
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert(page_form(&site, web_words_of(words, language), &form, &out) ==
	    TL_OK);
	assert(buf_err(&out) == TL_OK);
	buf_reset(&out);
	assert(page_box(&site, web_words_of(words, language), &box, &out) ==
	    TL_OK);
	assert(memchr(out.data, '\0', out.len) == NULL);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes text = bytes_of(data, len);
	const struct web_language *languages[2] = {
		web_language_find(bytes_str("en")),
		web_language_find(bytes_str("th")),
	};
	struct web_words_fault fault;
	struct web_words *words = NULL;
	enum tl_err err;

	assert(web_words_new(languages, 2, &words) == TL_OK);
	err = web_words_read(words, languages[0], text, &fault);
	if (err == TL_OK) {
		make_pages(words, languages[0]);
		err = web_words_judge(words, &fault);
		assert(err == TL_OK || fault.language == languages[1]);
	}
	if (err == TL_EINVAL && fault.language == languages[1]) {
		/* the same file again mends that, if its texts may be there */
		err = web_words_read(words, languages[1], text, &fault);
		assert(err != TL_OK || web_words_judge(words, &fault) == TL_OK);
	}
	if (err != TL_OK) {
		assert(err == TL_EINVAL && fault.what != NULL);
		assert(fault.line <= lines_of(text));
	}
	web_words_free(words);
	return 0;
}
