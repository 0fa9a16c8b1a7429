/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/new_file.h - bytes into a file that was not there before.
 *
 * Promise:   nothing is written over; what was said to be there is on the disk,
 *            and what could not be written whole is not there.
 * Knows not: what is in it.
 * Runs in:   tipline-open.
 * Disk:      one new file, mode 0600.
 */
#ifndef TL_CLI_NEW_FILE_H
#define TL_CLI_NEW_FILE_H

#include "base/bytes.h"
#include "base/err.h"

/* TL_EIO, which was said. */
TL_MUST_CHECK enum tl_err new_file(const char *path, struct bytes bytes);

#endif
