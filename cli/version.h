/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/version.h - `tipline version`.
 */
#ifndef TL_CLI_VERSION_H
#define TL_CLI_VERSION_H

#define TIPLINE_VERSION "0.1.0"

/* argv[0] is "version". Returns the exit status. */
int cli_version(const char *config_path, int argc, char **argv);

#endif
