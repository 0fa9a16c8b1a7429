/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/json_memory.h - was there memory for all that was read as JSON?
 *
 * Promise:   what is left out of a document or a list because memory was out
 *            can be told from what was not in it: silence that stands for a yes
 *            is asked for twice.
 * Knows not: whose it was. What runs in between counts as well.
 * Runs in:   the desk's web process, in one thread.
 * Disk:      none.
 */
#ifndef TL_DESK_JSON_MEMORY_H
#define TL_DESK_JSON_MEMORY_H

#include <jansson.h>

/* From here on jansson takes its memory by this, and gives it to free().
 * Before, nothing is counted. */
void json_memory_start(json_malloc_t by);

/* How often it was not to be had. The same before and after: all was read. */
unsigned json_memory_lacks(void);

#endif
