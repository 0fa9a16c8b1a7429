/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_rescue.h - a new spool file out of what a damaged one still
 * gives.
 *
 * Promise:   the damaged file and its log are never written, and kept under
 *            another name (damaged-1.db, damaged-2.db, ...). A crash at any
 *            point leaves either the old file in its place or the new one,
 *            whole and synced.
 * Disk:      rescue.tmp while it is made, rescued.db while it is put in place.
 */
#ifndef TL_QUEUE_SPOOL_RESCUE_H
#define TL_QUEUE_SPOOL_RESCUE_H

#include <stdint.h>

#include "base/err.h"
#include "queue/spool.h"
#include "queue/spool_dir.h"

#define SPOOL_FILE "spool.db"

/*
 * Copy every readable record of the spool file that has its hash, the dedup
 * keys and the mail to a new file, and put that in its place. The new file
 * knows how many there were (meta: rescued, lost; lost is 1 where pages could
 * not be read and nobody knows what was on them). No connection is open.
 */
TL_MUST_CHECK enum tl_err spool_rescue(
    const struct spool_dir *dir, spool_hash_fn hash);

/* Go on where a rescue was cut off; at each start, before the file is
 * opened. */
TL_MUST_CHECK enum tl_err spool_rescue_resume(const struct spool_dir *dir);

#endif
