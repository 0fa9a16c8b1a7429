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

/* Gets a word for what is wrong, and a sentence with what to do, both borrowed
 * for the call. */
typedef void (*cli_spool_say_fn)(
    void *arg, const char *word, const char *sentence);

/*
 * Say each thing of stats that somebody has to see to: records that are lost
 * or cannot be sent, receipts that no desk has signed, this host's clock. Not
 * the room, which is a matter of what waits. Returns how many there were.
 */
size_t cli_spool_troubles(
    const struct spool_stats *stats, cli_spool_say_fn say, void *arg);

#endif
