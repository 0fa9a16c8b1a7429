/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A page that is said to be ours: any bytes are read or refused, and what was
 * read lies within them and can be filled in. */
#include <stddef.h>
#include <stdint.h>

#include "cli/form_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_within(struct bytes part, const uint8_t *data, size_t size)
{
	if (part.len > 0 &&
	    (part.at < data || part.len > size ||
		(size_t)(part.at - data) > size - part.len)) {
		__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct form_page page;
	struct buf body;

	if (form_page_read(bytes_of(data, size), &page) != TL_OK) {
		return 0;
	}
	if (page.n_hidden > FORM_PAGE_HIDDEN_MAX ||
	    page.wait_s > FORM_PAGE_WAIT_MAX_S) {
		__builtin_trap();
	}
	is_within(page.lang, data, size);
	is_within(page.action, data, size);
	for (size_t i = 0; i < page.n_hidden; i++) {
		is_within(page.hidden[i].name, data, size);
		is_within(page.hidden[i].value, data, size);
	}
	buf_init(&body, 65536);
	form_page_fill(&page, "x", bytes_str("story"), &body);
	buf_free(&body);
	return 0;
}
