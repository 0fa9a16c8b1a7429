/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/backup_spool.h - the spool's part of tipline backup.
 *
 * Promise:   a copy that was there before goes only where no damage to the
 *            spool can have taken a record that is in it; else it is kept under
 *            another name.
 * Runs in:   the tipline command, beside a running spool.
 * Disk:      docs/FORMAT.md, "Backup".
 */
#ifndef TL_CLI_BACKUP_SPOOL_H
#define TL_CLI_BACKUP_SPOOL_H

#include <limits.h>

#include "config/config.h"

/* Copy the records of the running spool into the folder dir, and say so.
 * Returns the exit status. */
int backup_spool(const struct config_spool *spool, const char *dir);

/* Name of the number-th copy that was kept beside the newest, from 1 on. */
void backup_spool_before(char name[static NAME_MAX + 1], unsigned number);

#endif
