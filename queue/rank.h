/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/rank.h - which record goes before which, from the spool to Redis.
 *
 * Numbers are in frames, and never change.
 */
#ifndef TL_QUEUE_RANK_H
#define TL_QUEUE_RANK_H

enum rank {
	RANK_URGENT = 0, /* before all */
	RANK_TEXT = 1,
	RANK_PIECE = 2, /* of a file that came with a tip */
};
#define RANKS 3u

#endif
