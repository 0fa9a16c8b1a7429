/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/read_file.h - a small file in one piece.
 * Disk: reads the file. Blocks: at start and on the command line only.
 */
#ifndef TL_BASE_READ_FILE_H
#define TL_BASE_READ_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Append the file at path, "-" being standard input, to out. TL_ENOENT: it
 * cannot be opened. TL_EIO, TL_ENOMEM, TL_ETOOBIG (out's maximum). */
TL_MUST_CHECK enum tl_err read_file(const char *path, struct buf *out);

#endif
