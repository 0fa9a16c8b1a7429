/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/open.h - open an envelope with a secret key of the team. Order of
 * checks: docs/FORMAT.md, "Envelope".
 *
 * Promise:   what is opened is byte for byte what was sealed, under the id
 *            that it was sealed with; anything flipped, cut, appended or
 *            spliced is refused.
 * Runs in:   keyd and tests. No program with a stranger's socket is linked with
 *            it, nor is tipline.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_OPEN_H
#define TL_CRYPTO_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/envelope.h"
#include "crypto/ring.h"
#include "crypto/teamkey.h"

struct opened {
	uint8_t id[16];
	uint8_t *report; /* secret memory, owned */
	size_t report_len;
	const uint8_t *raw; /* behind the report, in the same memory */
	size_t raw_len;
	/* Signed by one of the intakes named; if not, the tip is shown all
	 * the same, with this fact beside it. */
	bool signed_by_us;
	uint8_t intake_key_id[8]; /* as the envelope claims */
};

/*
 * Open it with one key. intake_verify are the public keys of our intakes;
 * n_intakes may be 0. Gives *ret, on ENVELOPE_FINE only: the caller ends it
 * with opened_free().
 */
TL_MUST_CHECK enum envelope_fault envelope_open_with(
    const struct team_key *team, const uint8_t (*intake_verify)[32],
    size_t n_intakes, struct bytes envelope, struct opened *ret);

/* The same; the fault as an error: TL_EFORMAT, TL_ENOENT (not sealed to this
 * key), TL_EPROOF, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err envelope_open(const struct team_key *team,
    const uint8_t (*intake_verify)[32], size_t n_intakes, struct bytes envelope,
    struct opened *ret);

/* The same with the key of the ring that the envelope names. The ring is
 * unlocked. */
TL_MUST_CHECK enum envelope_fault envelope_open_ring(struct ring *ring,
    const uint8_t (*intake_verify)[32], size_t n_intakes, struct bytes envelope,
    struct opened *ret);

/* Wipe and free what it holds; a zeroed one is fine. */
void opened_free(struct opened *o);

#endif
