/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/ledger_changes.h - are the changes of cases in a ledger those that desks
 * made, and all of them?
 *
 * Runs in:   the tipline command.
 * Disk:      reads the ledger and the desks' keys; changes nothing.
 */
#ifndef TL_CLI_LEDGER_CHANGES_H
#define TL_CLI_LEDGER_CHANGES_H

#include "config/config.h"
#include "queue/ledger.h"

/* Print it. The exit status: CLI_WRONG if some are none of our desks', or if
 * that could not be found out, which was said. */
int cli_ledger_changes(const struct config_desk *desk, struct ledger *ledger);

#endif
