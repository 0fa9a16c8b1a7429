/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/joined.h - reports that are parts of long messages, shown as one.
 *
 * Promise:   a message is a report like any other, judged again over its whole
 *            text, and never less urgent than the most urgent of its parts.
 *            No part is left out: its tip's id stands in the member "parts".
 * Knows not: envelopes, the ledger, the clock.
 * Runs in:   the tipline command, the desk.
 * Disk:      none. All documents are wiped.
 */
#ifndef TL_SMS_JOINED_H
#define TL_SMS_JOINED_H

#include "sms/join.h"
#include "text/triage.h"

struct joined;

/* NULL: memory is out. End it with joined_free(). */
struct joined *joined_new(void);
void joined_free(struct joined *joined); /* NULL is fine */

/*
 * Add doc if it is a part of a long message. Copies it.
 * Only what our own intakes have signed may be added: anybody could put words
 * into a message otherwise. tag is the number of its record; no two are the
 * same. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err joined_add(
    struct joined *joined, struct bytes doc, uint64_t tag);

/*
 * Put together what was added, as of now_s. Each message is shown in the place
 * of its first part from first_tag on; one that is too much for a document is
 * left in its parts. triage may be NULL: nothing is judged anew. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err joined_settle(struct joined *joined, int64_t now_s,
    uint64_t first_tag, const struct triage *triage);

/*
 * False: the record tag is no part, or is left as it came. Else *ret_doc is
 * what is shown in its place: the document of the whole message, borrowed; or
 * nothing, since another record shows the message.
 */
bool joined_find(
    const struct joined *joined, uint64_t tag, struct bytes *ret_doc);

/* Parts that were added. */
size_t joined_count(const struct joined *joined);

#endif
