/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_event.h - the record of one change of a case, as bytes.
 *
 * Promise:   the record with the highest version of a case says all that
 *            Redis knew of it: from these records alone the cases of a wiped
 *            Redis are made again, without any key.
 * Knows not: what is sealed in it: who did it, why.
 *
 * Pure. Layout: docs/QUEUE.md, "Cases".
 */
#ifndef TL_QUEUE_CASE_EVENT_H
#define TL_QUEUE_CASE_EVENT_H

#include "base/buf.h"
#include "base/err.h"
#include "queue/case_table.h"

#define CASE_SEALED_BYTES 65536u
#define CASE_EVENT_BYTES  (CASE_SEALED_BYTES + 256u)

struct case_record {
	uint8_t event_id[CASE_ID_BYTES]; /* random */
	uint8_t id[CASE_ID_BYTES];       /* of the case */
	enum case_event event;
	uint64_t at_ms;      /* by Redis' clock, to the minute */
	struct case_now now; /* after it */
	struct bytes sealed; /* at most CASE_SEALED_BYTES; borrowed */
};

/* Append it. */
void case_event_put(struct buf *out, const struct case_record *record);

/* Read exactly one; *ret_record borrows from bytes. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err case_event_get(
    struct bytes bytes, struct case_record *ret_record);

#endif
