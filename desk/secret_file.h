/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/secret_file.h - a secret that is one line of a file.
 *
 * Runs in:   tipline, the desk's sender. Disk: reads the file.
 */
#ifndef TL_DESK_SECRET_FILE_H
#define TL_DESK_SECRET_FILE_H

#include "base/err.h"

/* The line without its end, in secret memory: the caller ends it with
 * secret_free(). TL_EPERM, said: it is not there, empty, over 511 bytes, or
 * others may read it. */
TL_MUST_CHECK enum tl_err secret_file_read(const char *path, char **ret_secret);

#endif
