/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/shown.h - up to which record of the ledger `tipline inbox` has shown all
 * that there is: what comes behind is new.
 *
 * Promise:   what was not shown to its end stays new, whichever call fetched
 *            it. In doubt something is shown twice.
 * Knows not: what is in a record.
 * Runs in:   the tipline command.
 * Disk:      the file "shown" in the ledger's folder: a number and a line end.
 */
#ifndef TL_CLI_SHOWN_H
#define TL_CLI_SHOWN_H

#include <stdint.h>

#include "base/err.h"

/* The number of the first record that is new in the ledger of this folder,
 * which has count. 0, so all of it, if nothing usable is written there. */
uint64_t shown_read(const char *folder, uint64_t count);

/* All before count were shown. TL_EIO. */
TL_MUST_CHECK enum tl_err shown_write(const char *folder, uint64_t count);

#endif
