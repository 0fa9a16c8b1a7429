/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/nearest.h - what somebody meant who mistyped a name.
 *
 * Promise:   gives a name only if it is close: few letters differ, or one
 *            name holds the other.
 * Knows not: what the names stand for.
 * Runs in:   every program that reads a configuration, and the command line.
 * Disk:      none.
 */
#ifndef TL_CONFIG_NEAREST_H
#define TL_CONFIG_NEAREST_H

#include <stddef.h>

#include "base/bytes.h"

/* Borrows all; the answer is one of names, or NULL. */
const char *config_nearest(
    struct bytes typed, const char *const *names, size_t n);

#endif
