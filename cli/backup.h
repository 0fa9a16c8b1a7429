/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/backup.h - tipline backup and tipline restore.
 *
 * Promise:   what is in a backup is sealed as it lies on the disk, and was read
 *            back whole before it is called done.
 * Runs in:   the tipline command, beside running programs.
 */
#ifndef TL_CLI_BACKUP_H
#define TL_CLI_BACKUP_H

/* Names in the folder of a backup. */
#define BACKUP_LEDGER  "ledger"
#define BACKUP_HEAD    "ledger.head"
#define BACKUP_RECORDS "spool.records"
#define BACKUP_STATE   "spool.state"

/* argv[0] is the command's name. Return the exit status. */
int cli_backup(const char *config_path, int argc, char **argv);
int cli_restore(const char *config_path, int argc, char **argv);

#endif
