/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_file.h - the bytes of one ledger file: heads, frames, chain.
 *
 * Promise:   a frame that was changed anywhere is told from one that a crash
 *            cut short; nothing is allocated by a length that is not proved.
 * Knows not: which files there are, who locks them.
 * Disk:      reads through a descriptor that the caller opened.
 *
 * Layout: docs/QUEUE.md, "Ledger".
 */
#ifndef TL_QUEUE_LEDGER_FILE_H
#define TL_QUEUE_LEDGER_FILE_H

#include "base/buf.h"
#include "queue/ledger.h"

#define LEDGER_FILE_HEAD_BYTES  56u
#define LEDGER_FRAME_HEAD_BYTES 32u

/* Append the head of file number, which goes on from chain, and move chain
 * over it. */
void ledger_file_head(struct buf *out, ledger_hash_fn hash, uint32_t number,
    uint8_t chain[static LEDGER_HASH_BYTES]);

/* Append a frame for rec and move chain over it. The length of rec->sealed
 * must be within LEDGER_RECORD_BYTES. On an error of out chain is not
 * moved. */
void ledger_file_frame(struct buf *out, ledger_hash_fn hash,
    const struct ledger_record *rec, uint8_t chain[static LEDGER_HASH_BYTES]);

/* A walk over one file, from its head or from some frame on. */
struct ledger_walk {
	int fd; /* the caller's */
	ledger_hash_fn hash;
	uint64_t at;  /* where the next frame begins */
	uint64_t end; /* length of the file */
	uint8_t chain[LEDGER_HASH_BYTES];
	struct buf bytes; /* the frame that was read last */
	const char *what; /* after TL_EFORMAT: what is wrong */
};

/* Begin; bytes must be ended with ledger_walk_end(). */
void ledger_walk_begin(
    struct ledger_walk *walk, ledger_hash_fn hash, int fd, uint64_t end);
void ledger_walk_end(struct ledger_walk *walk);

/* Read the head, which must be of file number and go on from walk->chain.
 * Returns TL_EFORMAT or TL_EIO. */
TL_MUST_CHECK enum tl_err ledger_walk_head(
    struct ledger_walk *walk, uint32_t number);

/*
 * Read the next frame. *ret_rec borrows from walk until the next call.
 * Returns TL_ENOENT at the end of the file, TL_EAGAIN if the last frame is
 * incomplete (walk->at is where it begins), TL_EFORMAT for damage, TL_EIO,
 * TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ledger_walk_next(
    struct ledger_walk *walk, struct ledger_record *ret_rec);

#endif
