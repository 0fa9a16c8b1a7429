/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char pages_idem[] = "00112233445566778899aabbccddeeff";
const char pages_code[] = "1357924680135792468013579";
const char pages_state[] =
    "q8Xz1LmW0vRt7YbK3cNf9HsJ5dGp2QaUe6TiOoZkVxMwBnCrEySgDhFjAlPu4I-"
    "_8fKz2LqW1vRs7YnK4cMf0HtJ6dGo3QbUx5TjOeZiVaMyBpCuEwSrDgFhAlPk9N";

struct page_site pages_site(void)
{
	struct page_site site = { .urgent_call = "1288",
		.file_max_bytes = 3u * 1024u * 1024u };

	site.n_languages = web_language_count();
	for (size_t i = 0; i < site.n_languages; i++) {
		site.languages[i] = web_language_at(i);
	}
	return site;
}

const struct web_language *pages_language(const char *tag)
{
	const struct web_language *found = web_language_find(bytes_str(tag));

	assert_non_null(found);
	return found;
}

/* The page as a string; the caller frees it. */
char *pages_text(struct buf *out)
{
	char *text;

	buf_put_u8(out, 0);
	assert_int_equal(buf_err(out), TL_OK);
	text = strdup((const char *)out->data);
	assert_non_null(text);
	/* no byte 0 within */
	assert_int_equal(strlen(text), out->len - 1);
	buf_free(out);
	return text;
}

size_t pages_wire_len(const char *text, enum wire_kind kind, bool gzip)
{
	struct buf page, out;
	bool is_gzip;
	size_t len;

	buf_init(&page, PAGE_BYTES_MAX);
	buf_init(&out, PAGE_BYTES_MAX);
	buf_put_str(&page, text);
	assert_int_equal(wire_page(&page, kind, gzip, &out, &is_gzip), TL_OK);
	assert_true(is_gzip == gzip);
	len = out.len;
	buf_free(&page);
	buf_free(&out);
	return len;
}

char *pages_form(
    const struct page_site *site, const char *tag, const struct page_form *form)
{
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_form(site, pages_language(tag), form, &out), TL_OK);
	return pages_text(&out);
}

char *pages_receipt(const char *tag, bool again)
{
	struct page_site site = pages_site();
	struct page_receipt receipt = {
		.code = pages_code, .state = pages_state, .again = again
	};
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_receipt(&site, pages_language(tag), &receipt, &out), TL_OK);
	return pages_text(&out);
}

char *pages_error(const char *tag, int status)
{
	struct page_site site = pages_site();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(
	    page_error(&site, pages_language(tag), status, &out), TL_OK);
	return pages_text(&out);
}

char *pages_neutral(const char *tag)
{
	struct page_site site = pages_site();
	struct buf out;

	buf_init(&out, PAGE_BYTES_MAX);
	assert_int_equal(page_neutral(&site, pages_language(tag), &out), TL_OK);
	return pages_text(&out);
}

size_t pages_times(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text != NULL;
	     text = strstr(text + 1, part)) {
		n++;
	}
	return n;
}

/* What stands between open and close; the caller frees it. */
char *pages_between(const char *text, const char *open, const char *close)
{
	const char *begin = strstr(text, open);
	const char *end;

	assert_non_null(begin);
	begin += strlen(open);
	end = strstr(begin, close);
	assert_non_null(end);
	return strndup(begin, (size_t)(end - begin));
}
