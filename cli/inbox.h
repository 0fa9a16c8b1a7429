/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/inbox.h - `tipline inbox`: fetch what waits in the queue, keep it in the
 * ledger, and show it opened.
 *
 * Promise:   what is shown is in the ledger; a receipt is signed only for
 *            what the ledger has synced. Each tip is shown once a call.
 * Runs in:   the tipline command, on the team's host.
 * Disk:      appends to the ledger; keyd reads the keys.
 */
#ifndef TL_CLI_INBOX_H
#define TL_CLI_INBOX_H

/* argv[0] is "inbox". Returns the exit status. */
int cli_inbox(const char *config_path, int argc, char **argv);

#endif
