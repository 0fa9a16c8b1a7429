/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/htcds_export.h - referrals as files that case management systems import:
 * the template for spreadsheets, the survey form and JSON of HTCDS 2.0.
 * Format: docs/FORMAT.md, "Import by partners".
 *
 * Promise:   the same referrals give the same bytes. No text of a referral acts
 *            on a spreadsheet, an XML parser or a terminal. How the reporter is
 *            reached safely, or NO CONTACT, is in front of the one field that
 *            takes any text; what a profile has no field for is behind it.
 * Knows not: keys, the disk.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_HTCDS_EXPORT_H
#define TL_CLI_HTCDS_EXPORT_H

#include <stdbool.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/htcds_case.h"

enum htcds_profile {
	HTCDS_NO_PROFILE,
	HTCDS_EXCEL,
	HTCDS_XFORM,
	HTCDS_JSON,
};

enum htcds_header {
	HTCDS_HEADER_BOTH,
	HTCDS_HEADER_NAMES,
	HTCDS_HEADER_LABELS,
};

struct htcds_export {
	enum htcds_profile profile;
	enum htcds_header header; /* of the spreadsheet, as what follows */
	bool labels;              /* values by their labels */
	size_t n;                 /* referrals so far */
	json_t *refs;             /* of them */
	struct buf out;
};

/* By the names of `tipline open show --as`; HTCDS_NO_PROFILE. */
enum htcds_profile htcds_profile_of(const char *name);

/* "names", "labels" or "both". False: none of them. */
bool htcds_header_of(const char *name, enum htcds_header *ret);

/* Initialises out. End with htcds_export_free(). */
void htcds_export_begin(struct htcds_export *export);

/*
 * Add a referral, which is borrowed for the call; unchecked: nobody asked who
 * has sealed it. On an error the export is of no use, and *ret_why says why.
 */
TL_MUST_CHECK enum tl_err htcds_export_add(struct htcds_export *export,
    json_t *referral, bool unchecked, const char **ret_why);

void htcds_export_free(struct htcds_export *export);

/* ---- for the profiles: errors stick to out ------------------------------- */

void htcds_excel_head(struct htcds_export *export);
void htcds_excel_row(struct htcds_export *export, const struct htcds_case *it);
void htcds_xform(struct buf *out, const struct htcds_case *it);
void htcds_json(struct buf *out, const struct htcds_case *it);

#endif
