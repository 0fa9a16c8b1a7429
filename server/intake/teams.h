/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/teams.h - whose keys tips are sealed to, now and later.
 *
 * Promise:   a list counts only if a pinned identity has signed it and no
 *            newer one of that team was in force before. While there is a list
 *            there is a key: a tip is never refused because it has ended.
 * Knows not: any secret.
 * Runs in:   the parent loads, watches and warns; workers have what was in
 *            force when they were forked.
 * Disk:      reads lists and identities at start and at reload.
 */
#ifndef TL_INTAKE_TEAMS_H
#define TL_INTAKE_TEAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "crypto/seal.h"

#define TEAMS_MAX SEAL_RECIPIENTS_MAX

struct teams;

/*
 * Read and check all lists. before is what is in force, or NULL at the start.
 * Gives *ret: the caller ends it with teams_free(). What is wrong was said.
 */
TL_MUST_CHECK enum tl_err teams_load(const struct config_intake *intake,
    const struct teams *before, struct teams **ret);

/* The key of each team for this time; returns how many. */
size_t teams_keys(
    const struct teams *teams, int64_t now_s, uint8_t (*ret_keys)[32]);

/* Number of the list of team i, from 0, and the key id of its identity; false:
 * there is no such team. */
bool teams_list(const struct teams *teams, size_t i, uint8_t ret_id[static 8],
    uint32_t *ret_number);

/* Whole days until the first of the lists ends; below zero if one has. */
int64_t teams_days_left(const struct teams *teams, int64_t now_s);

/* Log what has changed since the last call: another epoch, few days left, the
 * end. To be called each second or so. */
void teams_watch(struct teams *teams, int64_t now_s);

/* NULL is fine. */
void teams_free(struct teams *teams);

#endif
