/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/open_as.h - `tipline open show --as`: its options, and what it writes.
 *
 * Promise:   all of it is written, or nothing; no file is written over.
 * Knows not: keys; what a referral is.
 * Runs in:   tipline-open.
 * Disk:      with --out one new file, mode 0600.
 */
#ifndef TL_CLI_OPEN_AS_H
#define TL_CLI_OPEN_AS_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/htcds_export.h"

/* Starts zeroed. */
struct open_as {
	struct htcds_export export;
	bool header;     /* was asked for */
	const char *out; /* NULL: standard output */
};

/* --as 'a', --labels 'l', --header 'H', --out 'o'. False: the value is wrong,
 * which was said. */
bool open_as_take(struct open_as *as, int option, const char *value);

bool open_as_is_set(const struct open_as *as);

/* Do they fit together, and beside --json? If not it was said. */
bool open_as_is_sensible(const struct open_as *as, bool json);

/* Write what was added. TL_EIO, which was said. */
TL_MUST_CHECK enum tl_err open_as_write(const struct open_as *as);

#endif
