/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/reply_out.h - mail for reporters on its way out of the desk.
 *
 * Promise:   nothing leaves that the ledger does not have.
 * Runs in:   the tipline command. Somebody is logged in at keyd, but for
 *            reply_out_add().
 * Disk:      appends to the ledger.
 */
#ifndef TL_CLI_REPLY_OUT_H
#define TL_CLI_REPLY_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "cli/desk_keys.h"
#include "config/config.h"
#include "crypto/mail.h"
#include "queue/ledger.h"
#include "queue/outbox.h"

#define REPLY_DAYS_MAX 365u

struct reply_out {
	const struct config *config; /* borrowed, like the next two */
	struct desk_keys *keys;
	struct ledger *ledger;
	struct outbox *outbox; /* NULL: not connected */
	size_t n;              /* pieces that are in the queue */
};

/* What is wrong was said, here and below. */
TL_MUST_CHECK enum tl_err reply_out_open(struct reply_out *out);
void reply_out_close(struct reply_out *out);

/* Sign mail of len bytes in its place and keep it in the ledger. */
TL_MUST_CHECK enum tl_err reply_out_keep(
    struct reply_out *out, uint8_t *mail, size_t len);

/* Put mail that was kept into the queue. */
TL_MUST_CHECK enum tl_err reply_out_add(
    struct reply_out *out, struct bytes mail);

/* Take back all that mailbox was written, by a deletion with this id. */
TL_MUST_CHECK enum tl_err reply_out_delete(struct reply_out *out,
    const uint8_t mailbox[static MAIL_MAILBOX_BYTES],
    const uint8_t id[static MAIL_ID_BYTES]);

#endif
