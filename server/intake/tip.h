/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip.h - a report becomes a sealed record of a PUT frame.
 *
 * Promise:   the plaintext document exists only inside this call and is
 *            wiped before it returns, on every path.
 * Knows not: where the report came from, who waits.
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_TIP_H
#define TL_INTAKE_TIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"

struct sealer;

#define TIP_DEDUP_BYTES 16u

/* What the spool may know of a record: quotas need the channel. */
enum tip_channel {
	TIP_WEB = 0,
	TIP_SMS = 1,
	TIP_FILES = 4, /* a piece of a file, by whichever way */
};

/* What makes a record known when it comes again. */
struct tip_once {
	uint8_t dedup[TIP_DEDUP_BYTES];
	bool has_nonce;
	uint8_t nonce[2 * TIP_DEDUP_BYTES]; /* of nonce; of nonce and body */
};

/* Begin the body of a PUT with n records (1 to 128), without its number. */
void tip_begin(struct buf *out, unsigned n);

/*
 * Seal report under a new random id (written to report->id) and append the
 * record to out; marks_urgent: with the bit that tells the spool of P1. once
 * may be NULL: every such record is new. TL_ETOOBIG, TL_ENOMEM: out must be
 * thrown away.
 */
TL_MUST_CHECK enum tl_err tip_seal(struct sealer *sealer, struct report *report,
    enum tip_channel channel, bool marks_urgent, const struct tip_once *once,
    struct buf *out);

/* The same under the id that report has already. */
TL_MUST_CHECK enum tl_err tip_seal_as(struct sealer *sealer,
    const struct report *report, enum tip_channel channel, bool marks_urgent,
    const struct tip_once *once, struct buf *out);

/*
 * Seal a piece of a file, of channel TIP_FILES: report under the id that it
 * has, raw beside it, at most TIP_PIECE_BYTES. All pieces are of one size.
 * Errors as tip_seal().
 */
#define TIP_PIECE_BYTES        65000u
#define TIP_PIECE_CLASS        16u
#define TIP_PIECE_RECORD_BYTES (68u * 1024u)
TL_MUST_CHECK enum tl_err tip_seal_piece(struct sealer *sealer,
    const struct report *report, struct bytes raw, const struct tip_once *once,
    struct buf *out);

/*
 * Give report the fingerprint of its text, if that is long enough for one.
 * Its key follows from the dedup key, which all intakes of one operator have.
 * TL_ENOMEM: report has none.
 */
TL_MUST_CHECK enum tl_err tip_add_likeness(
    const uint8_t key[static 32], struct report *report);

/* The dedup key of some bytes: a keyed hash, so that the spool's file tells
 * nothing about what was hashed. */
void tip_dedup(const uint8_t key[static 32], struct bytes what,
    uint8_t ret_dedup[static TIP_DEDUP_BYTES]);

#endif
