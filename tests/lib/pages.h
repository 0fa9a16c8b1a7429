/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/pages.h - a reporter's pages as strings. What does not hold fails
 * the cmocka test that asked; whoever gets a string frees it.
 */
#ifndef TL_TESTS_LIB_PAGES_H
#define TL_TESTS_LIB_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "web/catalogue.h"
#include "web/page.h"
#include "web/wire.h"

/* A form's key, a receipt code, and a state as long as a real one and as hard
 * to compress. */
extern const char pages_idem[];
extern const char pages_code[];
extern const char pages_state[];

/* In all languages, with a line to call. */
struct page_site pages_site(void);
const struct web_language *pages_language(const char *tag);

/* What out holds, which is freed. */
char *pages_text(struct buf *out);

char *pages_form(const struct page_site *site, const char *tag,
    const struct page_form *form);
char *pages_receipt(const char *tag, bool again);
char *pages_error(const char *tag, int status);
char *pages_neutral(const char *tag);

/* Bytes that the page takes on its way. */
size_t pages_wire_len(const char *text, enum wire_kind kind, bool gzip);

/* How often part stands in text. */
size_t pages_times(const char *text, const char *part);

/* What stands between the first open and the next close. */
char *pages_between(const char *text, const char *open, const char *close);

#endif
