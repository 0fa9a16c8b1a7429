/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/keygen.h - tipline keygen: make all keys of a new installation.
 *
 * Runs in:   tipline, once, on the team's own computer.
 * Disk:      creates a folder and the key files in it; never overwrites.
 */
#ifndef TL_CLI_KEYGEN_H
#define TL_CLI_KEYGEN_H

/* argv[0] is "keygen". Returns the exit status; has said what went wrong. */
int cli_keygen(int argc, char **argv);

#endif
