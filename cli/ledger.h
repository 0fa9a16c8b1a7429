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

/* COUNT:HEAD of docs/QUEUE.md: what stood for a ledger, and its end. */
struct cli_ledger_head {
	uint64_t count;
	uint8_t head[LEDGER_HASH_BYTES];
};
#define CLI_LEDGER_HEAD_CHARS (20u + 1u + 2u * LEDGER_HASH_BYTES + 1u)

/* Write that of the ledger as it is; read one, false if text is none. */
void cli_ledger_head_write(
    const struct ledger *ledger, char ret_text[static CLI_LEDGER_HEAD_CHARS]);
bool cli_ledger_head_read(const char *text, struct cli_ledger_head *ret_head);

/* Is the ledger that one still, or has grown since? TL_ENOENT: it has fewer
 * records; TL_EPROOF: others; else as ledger_head_then(). */
TL_MUST_CHECK enum tl_err cli_ledger_head_prove(
    const struct ledger *ledger, const struct cli_ledger_head *then);

/* Run the command; argv[0] is "ledger". Returns the exit status. */
int cli_ledger(const char *config_path, int argc, char **argv);

#endif
