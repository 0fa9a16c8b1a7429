/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/key.h - `tipline key`: the keys of a team, from making to destroying.
 *
 * Runs in:   the tipline command, on the team's own computer.
 * Disk:      the four files of a team; destroy reads the ledger too.
 */
#ifndef TL_CLI_KEY_H
#define TL_CLI_KEY_H

#include <stdint.h>

#include "crypto/ring.h"

/* argv[0] is "key". Returns the exit status. */
int cli_key(const char *config_path, int argc, char **argv);

/* The subcommands; argv[0] is the name. */
int key_new(const char *config_path, int argc, char **argv);
int key_extend(const char *config_path, int argc, char **argv);
int key_show(const char *config_path, int argc, char **argv);
int key_reseal(const char *config_path, int argc, char **argv);
int key_destroy(const char *config_path, int argc, char **argv);
int key_passphrase(const char *config_path, int argc, char **argv);
int key_split(const char *config_path, int argc, char **argv);
int key_combine(const char *config_path, int argc, char **argv);

#define KEY_DAY_CHARS 24u
/* "2026-11-22 00:00"; UTC. Returns text. */
const char *key_day(int64_t time_s, char text[static KEY_DAY_CHARS]);

#endif
