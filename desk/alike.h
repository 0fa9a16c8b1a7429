/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/alike.h - which tips of the ledger have texts that are nearly the same.
 *
 * Promise:   suggests, joins nothing: each tip is shown by itself.
 * Knows not: texts; it compares the fingerprints that the intakes made.
 * Runs in:   the tipline command, the desk's web process.
 * Disk:      none.
 *
 * Every tip is compared with every other one: 10,000 tips are 10^8 short
 * comparisons, less than opening them costs.
 */
#ifndef TL_DESK_ALIKE_H
#define TL_DESK_ALIKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"

#define ALIKE_MAX 20u /* of one tip; the oldest are told */

struct alike_tip;

/* Starts zeroed; end it with alike_free(). */
struct alike {
	struct alike_tip *tips;
	size_t n, room;
	uint8_t found[ALIKE_MAX][REPORT_ID_BYTES];
};

/* Remember the tip id with the document doc, if that has a fingerprint. */
TL_MUST_CHECK enum tl_err alike_add(struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES], struct bytes doc);

/* The same of its fingerprint. */
TL_MUST_CHECK enum tl_err alike_learn(struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES],
    const uint8_t likeness[static LIKENESS_BYTES]);

struct alike_found {
	uint8_t id[REPORT_ID_BYTES];
	unsigned percent; /* of the text */
};

/* Those that are like the tip id with this fingerprint; how many. */
size_t alike_find(const struct alike *alike,
    const uint8_t id[static REPORT_ID_BYTES],
    const uint8_t likeness[static LIKENESS_BYTES],
    struct alike_found ret[static ALIKE_MAX]);

/* Set in *context the tips that are like the tip id with the document doc.
 * They are borrowed until the next call. */
void alike_give(struct alike *alike, const uint8_t id[static REPORT_ID_BYTES],
    struct bytes doc, struct report_context *context);

void alike_free(struct alike *alike);

#endif
