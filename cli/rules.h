/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/rules.h - `tipline rules`: read, try and explain the urgency rules.
 *
 * Runs in:   the tipline command; needs no configuration and no key.
 * Disk:      reads the files it is given.
 */
#ifndef TL_CLI_RULES_H
#define TL_CLI_RULES_H

/* argv[0] is "rules". Returns the exit status: 1 for a mistake in a file and
 * for an example that gets another priority. */
int cli_rules(int argc, char **argv);

#endif
