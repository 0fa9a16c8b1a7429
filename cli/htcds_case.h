/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/htcds_case.h - what a referral says in fields of HTCDS 2.0, looked
 * through before it goes into somebody's case files: its format is in
 * docs/FORMAT.md, "Referral".
 *
 * Promise:   each field that comes out has a value that the standard allows.
 *            Nothing of the rest is lost: it is in other, as it came. No number
 *            and no mail address of a person comes out as a field if the
 *            referral does not say how the reporter is reached safely.
 * Knows not: what the fields are written to.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_HTCDS_CASE_H
#define TL_CLI_HTCDS_CASE_H

#include <stdbool.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"

struct htcds_case {
	json_t *referral; /* borrowed, not changed */
	json_t *fields; /* by name: a text, or a list of texts or of objects */
	json_t *other;  /* members that are no such field, but x_... */
	bool has_contact; /* there is a safe way, which x_safe_contact tells */
	bool unchecked;   /* nobody asked who has sealed it */
};

/*
 * Look through a referral, which is borrowed until htcds_case_free().
 * TL_EFORMAT: it is of another profile. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err htcds_case_read(
    json_t *referral, bool unchecked, struct htcds_case *ret);

void htcds_case_free(struct htcds_case *it);

/* The text of a member; empty where it is none. */
struct bytes htcds_case_text(const json_t *json, const char *member);

/* The first value of a field; empty where there is none. */
struct bytes htcds_case_first(const struct htcds_case *it, const char *field);

#endif
