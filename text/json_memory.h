/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/json_memory.h - was there memory for all that was read as JSON?
 *
 * Promise:   JSON is read whole or not at all. jansson leaves out characters of
 *            a string for which it has no room, and reads on as if they had not
 *            been there: a house number, or the NOT of a sentence. What else is
 *            left out of a document or a list because memory was out can be
 *            told from what was not in it: silence that stands for a yes is
 *            asked for twice.
 * Knows not: whose it was. What runs in between counts as well.
 * Runs in:   each process that reads JSON, in one thread.
 * Disk:      none.
 */
#ifndef TL_TEXT_JSON_MEMORY_H
#define TL_TEXT_JSON_MEMORY_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"

/* Read text, with jansson's JSON_ flags for decoding. json_decref() ends *ret.
 * TL_EFORMAT: it is not JSON; *ret_error, which may be NULL, says where.
 * TL_ENOMEM: there was no memory for all of it. */
TL_MUST_CHECK enum tl_err json_memory_load(
    struct bytes text, size_t flags, json_t **ret, json_error_t *ret_error);

/* The same for who does nothing in either case: NULL. */
json_t *json_memory_text(struct bytes text, size_t flags);

/* How often jansson had no memory. The same before and after: all was read. */
unsigned json_memory_lacks(void);

/* From here on it takes its memory by this instead of malloc(), and gives it to
 * free(): for who tries what happens where there is none. */
void json_memory_by(json_malloc_t by);

#endif
