/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/open_help.h - what `tipline open --help` says.
 *
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_OPEN_HELP_H
#define TL_CLI_OPEN_HELP_H

extern const char open_help[];

#endif
