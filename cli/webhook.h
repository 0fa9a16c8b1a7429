/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/webhook.h - `tipline webhook`: what a gateway adapter makes of one
 * request, so that an operator finds out why a webhook fails.
 *
 * Promise:   the same code judges as in the intake; nothing is stored.
 * Knows not: the configuration; all settings are on the command line.
 * Runs in:   the tipline command.
 * Disk:      reads the secret file, or the file of vectors.
 */
#ifndef TL_CLI_WEBHOOK_H
#define TL_CLI_WEBHOOK_H

/*
 * argv[0] is "webhook". Reads one raw HTTP request on standard input and
 * prints one JSON object; with --vectors a line for each vector of a file.
 * Returns the exit status: 0 judged (accepted or not), 1 the input or a file
 * cannot be read, 2 wrong command line.
 */
int cli_webhook(int argc, char **argv);

#endif
