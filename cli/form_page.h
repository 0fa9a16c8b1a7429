/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/form_page.h - one of our own pages, read as far as a test text that goes
 * through the form needs it: the form and what it hides, the receipt code.
 *
 * Promise:   any bytes give a page or a refusal; nothing of them is kept.
 * Knows not: HTML beyond what the pages of web/pages are made of, sockets.
 * Runs in:   tipline. Pure. Disk: nothing.
 */
#ifndef TL_CLI_FORM_PAGE_H
#define TL_CLI_FORM_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define FORM_PAGE_HIDDEN_MAX 32u
#define FORM_PAGE_WAIT_MAX_S 3600u

struct form_page_field {
	struct bytes name, value;
};

/* All of it is borrowed from the page. */
struct form_page {
	struct bytes lang;   /* of the page; empty: it says none */
	struct bytes action; /* of its first form; empty: there is none */
	struct form_page_field hidden[FORM_PAGE_HIDDEN_MAX];
	size_t n_hidden;
	bool asks_story; /* it has a place for the story */
	unsigned wait_s; /* it is not our turn for so long; 0: it is */
	size_t digits;   /* of the receipt code; 0: none */
};

/* TL_EFORMAT: a form that is none of ours. TL_ETOOBIG: it hides too much. */
TL_MUST_CHECK enum tl_err form_page_read(
    struct bytes page, struct form_page *ret_page);

/* Append what a browser would send of the form, as multipart/form-data: all
 * that it hides, and the story where it asks for one. boundary must not occur
 * in any of it. Errors stick in out. */
void form_page_fill(const struct form_page *page, const char *boundary,
    struct bytes story, struct buf *out);

#endif
