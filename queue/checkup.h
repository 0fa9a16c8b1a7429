/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/checkup.h - is this Redis the one that the promises were made of? Its
 * settings in force, and who may do what.
 *
 * Runs in:   tipline doctor. Every call may wait for Redis. Changes nothing:
 *            rights are asked with ACL DRYRUN.
 * Disk:      the password file of opts, user admin of users.acl.
 */
#ifndef TL_QUEUE_CHECKUP_H
#define TL_QUEUE_CHECKUP_H

#include <stdbool.h>

#include "queue/reader.h"

/* Gets one finding with its cure, borrowed for the call. */
typedef void (*checkup_say_fn)(void *arg, const char *sentence);

struct checkup_desk {
	const char *user;
	bool needed; /* a desk logs in as it; else Redis may not know it */
};

/*
 * Look at the server at opts->socket as opts->user; a replica will do, but a
 * master alone is asked whether it has opts->replicas. TL_OK
 * whatever was found; errors and *ret_why as reader_open().
 */
TL_MUST_CHECK enum tl_err checkup_redis(const struct reader_opts *opts,
    const struct checkup_desk *desks, size_t n_desks, checkup_say_fn say,
    void *arg, const char **ret_why);

/*
 * Does each Sentinel answer, and do all name one master? Those that this
 * process may not reach, as in the doctor's own unit, which has no network, are
 * not asked.
 */
void checkup_sentinels(
    const struct sentinel_opts *opts, checkup_say_fn say, void *arg);

#endif
