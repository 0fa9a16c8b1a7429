/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/judge.h - do the options of a configuration fit together?
 *
 * Promise:   tells every pair that does not fit and every option that is
 *            missing, where it stands.
 * Knows not: how a file is read; the disk.
 * Runs in:   every program that reads a configuration.
 * Disk:      none.
 */
#ifndef TL_CONFIG_JUDGE_H
#define TL_CONFIG_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "config/options.h"
#include "config/say.h"

/* Where a value stood, and whether it was refused. */
struct config_mark {
	struct config_place place;
	bool bad;
};

/* Marks of a file's own options (0) and of its gateways (1 and on). */
struct config_marks {
	struct config_mark sections[CONFIG_OPTIONS_MAX];
	struct config_mark gateways[CONFIG_GATEWAYS_MAX];
	struct config_mark options[CONFIG_GATEWAYS_MAX + 1][CONFIG_OPTIONS_MAX];
};

/* marks may be NULL: then nothing has a line. */
void config_judge(const struct config *config, const struct config_marks *marks,
    struct config_said *said);
void config_judge_needs(const struct config *config, unsigned programs,
    const struct config_marks *marks, struct config_said *said);

#endif
