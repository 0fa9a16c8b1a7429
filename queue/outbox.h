/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/outbox.h - what the desk itself puts into streams: `mail`, which
 * reporters shall read, on its way to the spools; and a tip that an officer has
 * written down, on its way to all desks.
 *
 * Promise:   what outbox_add() and outbox_tip() answered with TL_OK is in
 *            Redis; nobody says that it is in a spool, or at a desk. Adding the
 *            same bytes twice is harmless.
 * Knows not: keys; what is in the mail.
 * Runs in:   `tipline reply`, the desk. Every call may wait for Redis.
 *            A Redis that goes away raises SIGPIPE: ignore it before.
 * Disk:      the password file at outbox_open().
 */
#ifndef TL_QUEUE_OUTBOX_H
#define TL_QUEUE_OUTBOX_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/reader.h"

#define OUTBOX_ID_BYTES 16u
/* So long after the last mail to a mailbox Redis knows what was added to it: as
 * long as a status may be sent of what happened. */
#define OUTBOX_DAYS 90u

struct outbox;

/* Connect as a desk; opts->consumer is not used. Gives *ret_outbox: end it
 * with outbox_close(). Errors and *ret_why as reader_open(). */
TL_MUST_CHECK enum tl_err outbox_open(const struct reader_opts *opts,
    struct outbox **ret_outbox, const char **ret_why);

/* One piece of mail: FORMAT.md, "Mail". */
struct outbox_mail {
	const uint8_t *id;      /* OUTBOX_ID_BYTES */
	const uint8_t *mailbox; /* OUTBOX_ID_BYTES */
	struct bytes bytes;
};

/*
 * Add mail to the stream, and remember for outbox_remove() where it stands.
 * *ret_confirmed: all replicas have it. After an error it may be there or not:
 * add it again.
 */
TL_MUST_CHECK enum tl_err outbox_add(
    struct outbox *outbox, const struct outbox_mail *mail, bool *ret_confirmed);

/* Was this mail added with outbox_add(), by whichever desk, within OUTBOX_DAYS,
 * and not taken out since? */
TL_MUST_CHECK enum tl_err outbox_has(
    struct outbox *outbox, const struct outbox_mail *mail, bool *ret_has);

/* Add a sealed record to the stream `tips`, as a relay does. The rest as
 * outbox_add(). */
TL_MUST_CHECK enum tl_err outbox_tip(struct outbox *outbox,
    const uint8_t id[static OUTBOX_ID_BYTES], struct bytes sealed,
    bool *ret_confirmed);

/* Take what mailbox was written out of the stream, as far as it was added
 * with outbox_add() and Redis was not wiped since. *ret_n says how much. */
TL_MUST_CHECK enum tl_err outbox_remove(struct outbox *outbox,
    const uint8_t mailbox[static OUTBOX_ID_BYTES], size_t *ret_n);

/* Close and free. NULL is fine. */
void outbox_close(struct outbox *outbox);

#endif
