/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/janitor.h - take out of Redis' streams what nobody needs any more.
 *
 * Promise:   an entry of "tips" goes only when it is old, and every group has
 *            been given it and has acknowledged it. Nothing is ever cut off by
 *            number.
 * Knows not: what is in an entry.
 * Runs in:   `tipline janitor`, on Redis' own host: the names of entries are
 *            compared with this host's clock.
 * Disk:      the password file.
 */
#ifndef TL_QUEUE_JANITOR_H
#define TL_QUEUE_JANITOR_H

#include <stddef.h>
#include <stdint.h>

#include "queue/reader.h"

/* What may go at which age, and why: docs/QUEUE.md, "Trimming". */
struct janitor_stream {
	const char *name;
	unsigned hours;    /* 0: as long as the operator says */
	bool acknowledged; /* and only then */
};
extern const struct janitor_stream janitor_streams[];
extern const size_t janitor_n_streams;

/* How many entries went, and how many old ones had to stay. */
struct janitor_done {
	unsigned hours; /* that they may be old */
	uint64_t gone;
	bool held; /* somebody has not acknowledged one that is old enough */
	/* By which the newest that was handed out is dated in the future: a
	 * clock was wrong, and nothing will be old for so long. 0: by none. */
	uint64_t ahead_days;
};

/*
 * Trim every stream once, as the user of opts (its consumer is not used); tips
 * when they are older than tips_hours. now_s is seconds since 1970. ret_done
 * has an element for each stream. Errors and *ret_why as reader_open().
 */
TL_MUST_CHECK enum tl_err janitor_run(const struct reader_opts *opts,
    unsigned tips_hours, int64_t now_s, struct janitor_done *ret_done,
    const char **ret_why);

#endif
