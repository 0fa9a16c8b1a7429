/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/parent.h - the process that keeps the others alive.
 *
 * Promise:   a child that dies is replaced, slower and slower while children
 *            keep dying at once; a reload or a restart of the spool drops no
 *            connection; the end waits for the answers that are owed.
 * Knows not: any secret; of keys only the public ones of the teams. Never
 *            accepts a connection.
 * Runs in:   the first process of tipline-intake.
 * Disk:      see setting.h.
 */
#ifndef TL_INTAKE_PARENT_H
#define TL_INTAKE_PARENT_H

#include "server/intake/setting.h"
#include "server/intake/worker.h"

/*
 * Start the children, supervise them until SIGTERM or SIGINT. Takes over what
 * is in setting (a reload replaces it) and borrows doors. Returns the exit
 * status.
 */
int parent_run(
    const struct setting *setting, const struct door *doors, size_t n_doors);

#endif
