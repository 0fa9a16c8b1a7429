/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/teams.h - the lists that this host's intake seals to: are they signed by
 * a pinned identity, and how long will they last?
 *
 * Knows not: what the running intake has in force.
 * Runs in:   the tipline command.
 * Disk:      reads the lists and identities of the [intake] section.
 */
#ifndef TL_CLI_TEAMS_H
#define TL_CLI_TEAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/*
 * Look at all lists; with print, a line for each goes to standard output.
 * *ret_days is how many days the first to end has left, below zero if it has
 * ended. What is wrong was said.
 */
TL_MUST_CHECK enum tl_err cli_teams(
    const struct config_intake *intake, bool print, int64_t *ret_days);

#endif
