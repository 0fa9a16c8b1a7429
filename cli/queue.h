/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/queue.h - how the commands reach the queue.
 *
 * Runs in:   the tipline command.
 */
#ifndef TL_CLI_QUEUE_H
#define TL_CLI_QUEUE_H

#include "config/config.h"
#include "queue/reader.h"

/* As this desk, as config says. It must live as long as the reader. */
struct reader_opts cli_queue_opts(const struct config *config);

/*
 * Open it. The group is made by the set-up; where it is gone, Redis is new or
 * was wiped: with the administrator's password at hand it is made again, and
 * the spool sends what has no receipt. What is wrong was said. Gives
 * *ret_reader; errors as reader_open().
 */
TL_MUST_CHECK enum tl_err cli_queue_open(
    const struct config *config, struct reader **ret_reader);

#endif
