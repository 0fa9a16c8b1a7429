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

#endif
