/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/backup_file.h - files in the folder of a backup, which take their names
 * when they are whole.
 *
 * Promise:   of a file that was there before either all is there or all of the
 *            new one, whenever the power goes.
 * Runs in:   tipline backup and tipline restore.
 */
#ifndef TL_CLI_BACKUP_FILE_H
#define TL_CLI_BACKUP_FILE_H

#include <stdio.h>

#include "base/err.h"

/* A line of a backup's notes, its end included. */
#define BACKUP_LINE_BYTES 192u

/* Begin the file of that name in the open folder, under another. Gives
 * *ret_file: end it with fclose(). TL_EPERM, TL_EIO, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err backup_file_new(
    int folder, const char *name, FILE **ret_file);

/* It is whole: sync it and have it take its name. TL_EFULL, TL_EIO. */
TL_MUST_CHECK enum tl_err backup_file_place(
    int folder, const char *name, FILE *file);

/* It is not, and gives its room back. Also if it was never begun. */
void backup_file_drop(int folder, const char *name);

/* Write a file of one line, without its end in line. Errors as above. */
TL_MUST_CHECK enum tl_err backup_line_write(
    int folder, const char *name, const char *line);

/* Read it again. TL_ENOENT: there is none; TL_EFORMAT: it is none of one line;
 * TL_EIO. */
TL_MUST_CHECK enum tl_err backup_line_read(
    int folder, const char *name, char ret_line[static BACKUP_LINE_BYTES]);

#endif
