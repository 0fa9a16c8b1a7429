/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload_files.h - the files of one form, once it has come: what
 * is told of them, and whether they are all.
 *
 * Knows not: connections, forms, the spool; how they came (upload.h).
 * Runs in:   workers, tests.
 * Disk:      none.
 */
#ifndef TL_INTAKE_UPLOAD_FILES_H
#define TL_INTAKE_UPLOAD_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/intake/upload_file.h"

#define UPLOAD_FILES_MAX 8u

/* The files of one form, in their order. */
struct upload_files {
	uint8_t tip[REPORT_ID_BYTES]; /* under which the pieces name the tip */
	size_t n;
	bool is_cut;      /* there were more, or what came could not be read */
	bool words_ahead; /* the handler had the text before, without them */
	struct upload_file file[UPLOAD_FILES_MAX];
};

/* What a report says of them; borrows files, which may be NULL. Returns how
 * many. */
size_t upload_told(const struct upload_files *files,
    struct report_attachment told[static UPLOAD_FILES_MAX]);

/* Some file has this state. */
bool upload_any(const struct upload_files *files, const char *state);

/* Some bytes of some file are kept. */
bool upload_has_bytes(const struct upload_files *files);

/* Not all of them could be kept, by no fault of theirs. */
bool upload_lacks(const struct upload_files *files);

/* Hash of which files were kept: the same files, sent whole, have the same. */
void upload_content(
    const struct upload_files *files, uint8_t ret_hash[static 32]);

/* Wipe and free. NULL is fine. */
void upload_files_free(struct upload_files *files);

#endif
