/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_event.h - the record of one change of a case, as bytes.
 *
 * Promise:   the record with the highest version of a case says all that
 *            Redis knew of it: from these records alone the cases of a wiped
 *            Redis are made again, without any key.
 * Knows not: what is sealed in it: who did it, why; keys: what a desk signs is
 *            given out as bytes.
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
#define CASE_HASH_BYTES   32u
#define CASE_SIG_BYTES    64u
/* At most: what is signed; that with its signature, as Redis has it. */
#define CASE_SAID_BYTES 174u
#define CASE_HEAD_BYTES (CASE_SAID_BYTES + CASE_SIG_BYTES)

struct case_record {
	uint8_t event_id[CASE_ID_BYTES]; /* random */
	uint8_t id[CASE_ID_BYTES];       /* of the case */
	enum case_event event;
	uint64_t at_ms;      /* by Redis' clock, to the minute */
	struct case_now now; /* after it */
	/* the event that made the version before; zeros: there was none */
	uint8_t before[CASE_ID_BYTES];
	uint8_t sealed_hash[CASE_HASH_BYTES];
	uint8_t
	    sig[CASE_SIG_BYTES]; /* of a desk, over all but what is sealed */
	struct bytes sealed;     /* at most CASE_SEALED_BYTES; borrowed */
};

/* Append what is signed of it; that and the signature; all of it. */
void case_event_put_said(struct buf *out, const struct case_record *record);
void case_event_put_head(struct buf *out, const struct case_record *record);
void case_event_put(struct buf *out, const struct case_record *record);

/* Read exactly one head: a record with nothing sealed in it. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err case_event_get_head(
    struct bytes bytes, struct case_record *ret_record);

/* Read exactly one; *ret_record borrows from bytes. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err case_event_get(
    struct bytes bytes, struct case_record *ret_record);

#endif
