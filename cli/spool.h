/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/spool.h - `tipline spool`: what waits on this host's disk.
 *
 * Knows not: the spool's file: one process has it, and this asks that one.
 * Runs in:   the tipline command.
 */
#ifndef TL_CLI_SPOOL_H
#define TL_CLI_SPOOL_H

#include "base/err.h"
#include "queue/spool_stats.h"

/* argv[0] is "spool". Returns the exit status. */
int cli_spool(const char *config_path, int argc, char **argv);

/* Ask the spooler that listens on the admin socket at path. Errors as
 * dial_unix(); TL_EFORMAT for an answer that is none. */
TL_MUST_CHECK enum tl_err cli_spool_ask(
    const char *path, struct spool_stats *ret_stats);

/* Of stats whose clock_days are not 0: what to say of this host's clock. */
#define CLI_SPOOL_CLOCK_CHARS 160
void cli_spool_clock(
    const struct spool_stats *stats, char text[static CLI_SPOOL_CLOCK_CHARS]);

#endif
