/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store.h - the desk's child that has the ledger and Redis, since both
 * make one wait, and who holds an officer's browser must not.
 *
 * Promise:   what it tells the web process of a record is in the ledger,
 *            synced. A change that was answered as done is there too. While
 *            Redis is away it goes on answering from the ledger, says so, and
 *            refuses changes.
 * Knows not: officers' passphrases, what is in a record: all is sealed.
 * Runs in:   a process of its own, started by tipline-desk. Its own keyd, in
 *            which nobody ever logs in, signs receipts.
 * Disk:      writes the ledger's folder; reads the password files that were
 *            there when it started, at each connection. Nothing else.
 */
#ifndef TL_DESK_STORE_H
#define TL_DESK_STORE_H

#include "base/err.h"
#include "config/config.h"

/*
 * Serve the web process over fd, a blocking socket, until it is closed. The
 * caller has just forked. config_path: for keyd. What is wrong was said.
 * TL_ECLOSED: the web process has gone, as it should; TL_EFORMAT: it spoke
 * garbage; else the ledger or keyd failed.
 */
TL_MUST_CHECK enum tl_err store_run(
    const char *config_path, const struct config *config, int fd);

#endif
