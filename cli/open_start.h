/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/open_start.h - `tipline open`: starts tipline-open, which lies beside
 * tipline and can open what was sealed, as tipline cannot.
 *
 * Runs in:   the tipline command. Disk: none.
 */
#ifndef TL_CLI_OPEN_START_H
#define TL_CLI_OPEN_START_H

/* argv[0] is "open". Comes back only if it could not be started, with the exit
 * status. */
int cli_open(int argc, char **argv);

#endif
