/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/setting.h - what a generation of children lives by.
 *
 * Promise:   it is judged as a whole: with a mistake in any part of it the
 *            one before stays in force. Children have it by the fork, so one
 *            that is replaced lives by what the others live by.
 * Knows not: any secret; children.
 * Runs in:   the parent.
 * Disk:      reads the configuration and what it names, at start and reload.
 */
#ifndef TL_INTAKE_SETTING_H
#define TL_INTAKE_SETTING_H

#include "base/err.h"
#include "config/config.h"

struct recordings;
struct teams;

struct setting {
	struct config *config; /* NULL: there is none */
	struct teams *teams;
	struct recordings *recordings; /* NULL: the operator has none */
};

/*
 * Load it from path. before is what is in force, or NULL at the start, when
 * all files are looked at. *ret is the caller's, to be freed. On an error what
 * is wrong was said.
 */
TL_MUST_CHECK enum tl_err setting_load(
    const char *path, const struct setting *before, struct setting *ret);

/* Afterwards there is none. */
void setting_free(struct setting *setting);

#endif
