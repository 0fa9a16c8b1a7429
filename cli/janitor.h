/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/janitor.h - tipline janitor: keep Redis' streams from growing for ever.
 *
 * Runs in:   the tipline command, by a timer on Redis' host.
 */
#ifndef TL_CLI_JANITOR_H
#define TL_CLI_JANITOR_H

/* argv[0] is "janitor". Returns the exit status. */
int cli_janitor(const char *config_path, int argc, char **argv);

#endif
