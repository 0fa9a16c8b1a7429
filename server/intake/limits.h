/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/limits.h - how much of what the intake may have is one
 * worker's.
 *
 * Knows not: connections, bodies; how many workers there are in fact.
 * Runs in:   workers, tests.
 * Disk:      none.
 */
#ifndef TL_INTAKE_LIMITS_H
#define TL_INTAKE_LIMITS_H

#include "config/config.h"
#include "server/net/server.h"

/*
 * The limits of one of intake->workers engines (0 counts as one). Connections
 * are no more than this process can have descriptors for: its limit of them is
 * raised as far as it may be.
 */
struct net_limits limits_of_worker(const struct config_intake *intake);

#endif
