/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/rows.h - what the files with the rows of the options share.
 *
 * Promise:   each section of the configuration has one table here, in a file
 *            of its own, config/options_SECTION.c.
 * Knows not: files, the values of a loaded configuration.
 * Runs in:   every program that reads a configuration.
 * Disk:      none.
 *
 * One row an option: its text tells the operator what to gain and what to
 * lose. Fields are offsets into struct config; rows of [gateway NAME] are
 * offsets into struct config_gateway.
 */
#ifndef TL_CONFIG_ROWS_H
#define TL_CONFIG_ROWS_H

#include <stddef.h>

#include "config/config.h"
#include "config/options.h"

#define FIELD(member)   offsetof(struct config, member)
#define GATEWAY(member) offsetof(struct config_gateway, member)
#define KIB             UINT64_C(1024)
#define MIB             (1024 * KIB)
#define GIB             (1024 * MIB)
#define SECOND_MS       UINT64_C(1000)
#define MINUTE_MS       (60 * SECOND_MS)
#define HOUR_MS         (60 * MINUTE_MS)

extern const struct config_table config_site_options;
extern const struct config_table config_intake_options;
extern const struct config_table config_spool_options;
extern const struct config_table config_redis_options;
extern const struct config_table config_relay_options;
extern const struct config_table config_desk_options;
extern const struct config_table config_gateway_options;

#endif
