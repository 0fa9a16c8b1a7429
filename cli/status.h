/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/status.h - `tipline status`: how the parts on this host are.
 *
 * Knows not: tips, keys, passphrases: it may be run by a timer.
 * Runs in:   the tipline command.
 */
#ifndef TL_CLI_STATUS_H
#define TL_CLI_STATUS_H

/* argv[0] is "status". Returns the exit status. */
int cli_status(const char *config_path, int argc, char **argv);

#endif
