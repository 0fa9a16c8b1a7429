/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/units.h - what systemd says of our units: what is in force, drop-ins and
 * all, and what runs.
 *
 * Knows not: what is in files of units.
 * Runs in:   the tipline command, which starts `systemctl show`; that needs no
 *            rights. Disk: none.
 */
#ifndef TL_CLI_UNITS_H
#define TL_CLI_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define UNITS_ANSWER_BYTES ((size_t)32u * 1024u)

/* Those that stay: the programs, Redis and its Sentinel. Ends with NULL. */
extern const char *const units_asked[];

/* What systemd says of each of them of these properties, behind one another
 * with a comma. root: "", or a folder that stands for / in tests. False: there
 * is no systemd, or it does not answer. */
bool units_ask(const char *root, const char *properties,
    char ret_text[static UNITS_ANSWER_BYTES]);

/* The next unit in that text, cut off there; NULL: that was all. *at is the
 * text, to begin with. */
const char *units_next(char **at);

/* The value of a property of that unit; NULL: this systemd does not know it.
 * Lasts until the next call. */
const char *units_value(const char *unit, const char *property);

/* Append to out which of those that are enabled do not run, and nothing if all
 * do. How many are enabled; none where no systemd runs; -1: it does not answer,
 * and has units of ours. */
int units_down(const char *root, struct buf *out);

#endif
