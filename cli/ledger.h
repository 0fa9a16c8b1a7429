/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/ledger.h - tipline ledger: is what the desk has whole?
 *
 * Runs in:   the tipline command.
 * Disk:      reads the ledger; changes nothing.
 */
#ifndef TL_CLI_LEDGER_H
#define TL_CLI_LEDGER_H

#include <stdint.h>

#include "config/config.h"
#include "queue/ledger.h"

/*
 * Open the ledger of the configuration. What is wrong was said, with file and
 * byte. Gives *ret_ledger: end it with ledger_close(). Errors as ledger_open().
 */
TL_MUST_CHECK enum tl_err cli_ledger_open(
    const struct config_desk *desk, bool read_only, struct ledger **ret_ledger);

/*
 * The same for writing; where the desk or another command writes to it, only
 * for reading: *ret_is_read_only says so.
 */
TL_MUST_CHECK enum tl_err cli_ledger_open_beside(const struct config_desk *desk,
    struct ledger **ret_ledger, bool *ret_is_read_only);

/* The envelope of a record that says something of a tip: what came, or was
 * sealed again, or what somebody wrote on its case. Empty: there is none, or it
 * is of the trail, which ends with its epoch. Borrows from record. */
struct bytes cli_ledger_sealed(const struct ledger_record *record);

/* Run the command; argv[0] is "ledger". Returns the exit status. */
int cli_ledger(const char *config_path, int argc, char **argv);

#endif
