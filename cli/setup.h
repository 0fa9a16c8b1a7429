/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/setup.h - make this host a tipline, by the shipped script tools/setup.
 *
 * Knows not: what is asked and made.
 * Runs in:   the tipline command, which becomes the script.
 */
#ifndef TL_CLI_SETUP_H
#define TL_CLI_SETUP_H

int cli_setup(int argc, char **argv);

#endif
