/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_files.h - what report documents say of files: those that came
 * with a tip, and which file a piece belongs to.
 *
 * Promise:   gives only what is whole: numbers in range, ids as many as
 *            pieces. A file that is described otherwise is left out.
 * Knows not: envelopes, where pieces lie.
 * Runs in:   cli and desk, where a document has been opened; tests.
 * Disk:      none. The format is in docs/FORMAT.md, "Files".
 */
#ifndef TL_TEXT_REPORT_FILES_H
#define TL_TEXT_REPORT_FILES_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"

/* Borrows file for the call. What it returns ends the walk unless TL_OK. */
typedef enum tl_err (*report_file_fn)(
    const struct report_attachment *file, void *arg);

/* Call each for every file of the document, in their order. TL_OK, what each
 * returned, or TL_ENOMEM. */
TL_MUST_CHECK enum tl_err report_files(
    struct bytes doc, report_file_fn each, void *arg);

/* True: the document is that of a piece; *ret_piece says of what. */
bool report_is_piece(struct bytes doc, struct report_piece *ret_piece);

#endif
