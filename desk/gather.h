/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/gather.h - a file that came with a tip, from its pieces, which are
 * records of their own. Format: docs/FORMAT.md, "Files".
 *
 * Promise:   end() hears NULL only of a file that is whole and has the hash
 *            that the report says. Never more than GATHER_BYTES.
 * Knows not: what it is for; who asked.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_GATHER_H
#define TL_DESK_GATHER_H

#include <jansson.h>

#include "desk/web.h"

#define GATHER_BYTES ((size_t)16u * 1024u * 1024u)
/* At one time: each may hold as much in memory. */
#define GATHER_MAX 4u

struct gather_fns {
	/* The next bytes, borrowed. False: enough of it. */
	bool (*piece)(struct bytes raw, void *arg);
	/* Once, at last. word and sentence are static, and NULL if all is
	 * well. */
	void (*end)(const char *word, const char *sentence, void *arg);
};

/* So many are on their way that no other one may be begun. */
bool gather_is_busy(const struct web *web);

/* Begin. file is an item of a report's attachments, and kept; fns is static.
 * Where memory is out, end() is told at once. */
void gather(
    struct web *web, json_t *file, const struct gather_fns *fns, void *arg);

/* Have all pieces of it come? */
bool gather_has_all(const struct web *web, const json_t *file);

#endif
