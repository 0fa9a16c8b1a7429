/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/enclosing.h - seal a file for the partner to whom its referral goes, as
 * its bytes come. Format: docs/FORMAT.md, "Enclosures".
 *
 * Promise:   one part in clear at most, wiped when it is sealed. What
 *            enclosing_end() ends with TL_OK has as many bytes as it says.
 * Knows not: the hash of what comes: desk/gather.h; who may have it.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_ENCLOSING_H
#define TL_DESK_ENCLOSING_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/seal.h"
#include "text/enclosure.h"

/* Open only so that a call can embed it. */
struct enclosing {
	struct enclosure_part part;
	struct sealer *sealer;
	struct buf plain, sealed;
	uint64_t bytes; /* that have come */
};

/* Begin, for the referral ref. Keeps sealer, which enclosing_free() ends. */
void enclosing_begin(struct enclosing *e, const struct enclosure *enclosure,
    const char *ref, struct sealer *sealer);

/* TL_ETOOBIG: more than it says; TL_ENOMEM. */
TL_MUST_CHECK enum tl_err enclosing_add(
    struct enclosing *e, struct bytes bytes);

/* All has come: e->sealed is the file for the partner. TL_EFORMAT: less than
 * it says; TL_ENOMEM. */
TL_MUST_CHECK enum tl_err enclosing_end(struct enclosing *e);

/* Wipe and free what it holds; a zeroed one is fine. */
void enclosing_free(struct enclosing *e);

#endif
