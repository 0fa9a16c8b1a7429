/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/catalogue.h - the texts of the pages, in every language.
 *
 * Promise:   every language has every text; web/tool_po.c refused the build
 *            otherwise. The tables are generated from web/po.
 * Knows not: where a text is used. Nothing here is escaped.
 * Runs in:   intake workers, build tools, tests. Pure.
 * Disk:      nothing.
 *
 * The generated gen_web_texts.h names the texts: key exit.skip is
 * TEXT_EXIT_SKIP, Q4@me is TEXT_Q4_ME.
 */
#ifndef TL_WEB_CATALOGUE_H
#define TL_WEB_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

struct web_language {
	const char *tag;
	const char *const *texts; /* web_texts_n */
	/* of who speaks it, see words.h; compiled in is none */
	const char *urgent_call;
	bool urgent_free;
};

extern const struct web_language web_languages[];
extern const size_t web_languages_n;

/* The keys, in the order of the texts. */
extern const char *const web_text_keys[];
extern const size_t web_texts_n;

#endif
