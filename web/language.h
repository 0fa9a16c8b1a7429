/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/language.h - the languages that the pages are written in.
 *
 * Promise:   a language is one file in web/po, complete or the build fails.
 * Knows not: which of them the operator offers, requests.
 * Runs in:   intake workers. Pure: no file, clock or socket.
 * Disk:      nothing; the catalogues are compiled in.
 */
#ifndef TL_WEB_LANGUAGE_H
#define TL_WEB_LANGUAGE_H

#include <stddef.h>

#include "base/bytes.h"

/* Longest Accept-Language that is looked at; the rest is ignored. */
#define WEB_ACCEPT_BYTES_MAX 1024u

/* Static, for ever; compared by address. */
struct web_language;

/* All there are, in the order of their tags. at >= the count gives NULL. */
size_t web_language_count(void);
const struct web_language *web_language_at(size_t at);

/* "km", "en", ... as in paths and in <html lang>. */
const char *web_language_tag(const struct web_language *language);

/* The language of exactly this tag, without regard to case; NULL if there is
 * none. For the configuration and for paths. */
const struct web_language *web_language_find(struct bytes tag);

/*
 * The best of the n offered languages for the value of an Accept-Language
 * field (RFC 9110, section 12.5.4; look-up as RFC 4647, section 3.4), or
 * otherwise. Whatever the bytes are, the answer is one of these. Browsers'
 * old and wide tags are understood: tl is fil, in is id, zh is zh-Hans.
 */
const struct web_language *web_language_pick(struct bytes accept_language,
    const struct web_language *const *offered, size_t n,
    const struct web_language *otherwise);

#endif
