/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/parent.h - the process that keeps the others alive.
 *
 * Promise:   a child that dies is replaced, slower and slower while children
 *            keep dying at once; a reload or a restart of the spool drops no
 *            connection; the end waits for the answers that are owed.
 * Knows not: any key or secret; never accepts a connection.
 * Runs in:   the first process of tipline-intake.
 * Disk:      the configuration, at start and reload.
 */
#ifndef TL_INTAKE_PARENT_H
#define TL_INTAKE_PARENT_H

#include "config/config.h"
#include "server/intake/worker.h"

/*
 * Start the children, supervise them until SIGTERM or SIGINT. Takes config
 * over (a reload replaces it) and borrows doors. Returns the exit status.
 */
int parent_run(struct config *config, const struct door *doors, size_t n_doors);

#endif
