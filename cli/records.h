/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/records.h - a file of sealed records: the spool's part of a backup.
 *
 * Promise:   a file that was cut short or changed anywhere is not taken for a
 *            whole one.
 * Runs in:   the tipline command. Format: docs/FORMAT.md, "Backup".
 */
#ifndef TL_CLI_RECORDS_H
#define TL_CLI_RECORDS_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/hash.h"

#define RECORD_ID_BYTES 16u
/* id, channel, urgent, length: as in PUT and COPY */
#define RECORD_HEAD_BYTES (RECORD_ID_BYTES + 1u + 1u + 4u)

struct records {
	FILE *file; /* the caller's */
	uint8_t chain[HASH_BYTES];
	uint64_t n;
	struct buf bytes; /* the record that was read last */
};

/* Begin at the front of the file, and write its head, or read it (TL_EFORMAT).
 * End with records_end(). */
TL_MUST_CHECK enum tl_err records_create(struct records *records, FILE *file);
TL_MUST_CHECK enum tl_err records_read(struct records *records, FILE *file);
void records_end(struct records *records);

/* Add one, head and envelope as they stand in a COPY frame. TL_EFULL: no
 * room on the disk; TL_EIO. */
TL_MUST_CHECK enum tl_err records_add(
    struct records *records, struct bytes record);
/* Write the end and flush. TL_EFULL, TL_EIO. */
TL_MUST_CHECK enum tl_err records_finish(struct records *records);

/* The next one, which borrows from records. TL_ENOENT: that was all, and the
 * file is whole. TL_EFORMAT: it is not; TL_EIO, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err records_next(
    struct records *records, struct bytes *ret_record);

#endif
