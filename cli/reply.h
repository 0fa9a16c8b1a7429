/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/reply.h - tipline reply: write to a reporter, who reads it with the
 * receipt code.
 *
 * Promise:   what is written is in the ledger before it leaves, and leaves
 *            sealed under the tip's reply keys.
 * Runs in:   the tipline command.
 * Disk:      reads and appends to the ledger.
 */
#ifndef TL_CLI_REPLY_H
#define TL_CLI_REPLY_H

/* Run the command; argv[0] is "reply". Returns the exit status. */
int cli_reply(const char *config_path, int argc, char **argv);

#endif
