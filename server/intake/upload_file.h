/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload_file.h - one file on its way: what it is, what is taken
 * out of it, when a piece of it is full, what will be told of it.
 *
 * Promise:   holds one piece at most, and what was read of the next one. The
 *            bytes are wiped as soon as they are sealed.
 * Knows not: connections, the spool, sealing.
 * Runs in:   workers, tests. Format: docs/FORMAT.md, "Files".
 * Disk:      none.
 */
#ifndef TL_INTAKE_UPLOAD_FILE_H
#define TL_INTAKE_UPLOAD_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "media/strip.h"
#include "text/report.h"

struct filehash;

/* What a field of the form takes: a set of enum media_group. */
struct upload_field {
	const char *name;
	unsigned takes;
};

struct upload_file {
	/* to be told */
	unsigned number;
	const struct upload_field *field;
	struct buf name;
	enum media_kind kind;
	const char *state; /* "": still coming */
	bool cleaned;
	uint64_t bytes;
	unsigned pieces; /* with bytes in them */
	uint8_t sha256[32];
	struct buf ids; /* of these */
	/* on its way */
	bool keeps_metadata;
	bool has_begun; /* its first bytes were looked at */
	bool is_at_end;
	uint64_t left_bytes; /* of its limit */
	uint8_t first[MEDIA_FIRST_BYTES];
	size_t first_len;
	struct media_strip strip;
	struct filehash *hash;
	struct buf staged;
	unsigned made; /* pieces, those for padding too */
};

/* What a file may be. */
struct upload_file_opts {
	unsigned number; /* from 1 */
	const struct upload_field *field;
	struct bytes name; /* copied */
	uint64_t max_bytes;
	bool keeps_metadata;
};

/* Begin. End it with upload_file_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err upload_file_begin(
    struct upload_file *file, const struct upload_file_opts *opts);

/* Bytes of it; at most 16 KiB at a time, and no more while a piece is ready. */
void upload_file_take(struct upload_file *file, struct bytes bytes);

/* It has come to its end; whole false: it was cut off. */
void upload_file_end(struct upload_file *file, bool whole);

/* Nothing more of it can be kept: it is told as cut off here. */
void upload_file_give_up(struct upload_file *file);

/*
 * The next piece to be sealed. False: there is none now. *ret_raw borrows the
 * file until upload_file_kept(); behind the end it is empty, for padding.
 */
bool upload_file_piece(const struct upload_file *file, struct bytes *ret_raw);

/* The piece that upload_file_piece() gave is durable, under this id. */
void upload_file_kept(
    struct upload_file *file, const uint8_t id[static REPORT_ID_BYTES]);

/* No file was chosen: an empty one without a name. */
bool upload_file_is_none(const struct upload_file *file);

/* It is at its end and has no piece left: keep only what is told of it. */
void upload_file_close(struct upload_file *file);

/* What is told of a file that is closed; borrows it. */
struct report_attachment upload_file_told(const struct upload_file *file);

/* Wipe and free. A zeroed one is fine. */
void upload_file_free(struct upload_file *file);

/* n pieces, rounded up so that the number tells little (Padme). */
unsigned upload_file_padded(unsigned n);

#endif
