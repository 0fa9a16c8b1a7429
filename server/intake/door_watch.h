/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/door_watch.h - are the doors open still?
 *
 * A listening socket is one thing for all who have it: a worker that was taken
 * over can shut it for all of them, by a call that is needed for connections.
 * It would stay shut when that worker is gone, and over a restart where the
 * socket is the service manager's.
 *
 * Runs in:   the parent. Accepts nothing.
 * Disk:      none.
 */
#ifndef TL_INTAKE_DOOR_WATCH_H
#define TL_INTAKE_DOOR_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "server/intake/worker.h"

/* Begins zeroed. */
struct door_watch {
	bool shut[DOORS_MAX]; /* and cannot be opened again */
};

/*
 * Look at each door. One that was shut since the last look is opened again; of
 * a unix socket the kernel does not do that. True if there was one; logged.
 */
bool door_watch(
    struct door_watch *watch, const struct door *doors, size_t n_doors);

#endif
