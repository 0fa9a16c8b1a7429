/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/cli.h - what the commands of tipline have in common.
 *
 * Exit statuses: 0 done, 1 something is wrong and was said, 2 the command
 * line is.
 */
#ifndef TL_CLI_CLI_H
#define TL_CLI_CLI_H

#include "config/config.h"

#define CLI_OK    0
#define CLI_WRONG 1
#define CLI_USAGE 2

/*
 * Load the configuration at path and see that what programs (enum
 * config_program) need is there. Every mistake was said if NULL comes back.
 * End it with config_free().
 */
struct config *cli_config(const char *path, unsigned programs);

#endif
