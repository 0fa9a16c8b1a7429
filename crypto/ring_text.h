/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring_text.h - the inside of a ring, for the file that has its life
 * and the file that reads and prints it.
 *
 * Runs in:   where crypto/ring.h does.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_RING_TEXT_H
#define TL_CRYPTO_RING_TEXT_H

#include "crypto/ring.h"
#include "crypto/wrap.h"

#define RING_KIND       "team-ring"
#define RING_TIME_MAX_S 253402300799

/* A public key, role, second factor, the ring's key, a signature, a tag. */
#define RING_BADGE_BYTES (32u + 1u + RING_TOTP_BYTES + 32u + 64u + 16u)
/* A nonce, role, second factor, public key, a tag. */
#define RING_ENTRY_BYTES  (24u + 1u + RING_TOTP_BYTES + 32u + 16u)
#define RING_SIGNER_BYTES 32u

struct ring_officer {
	char name[RING_NAME_BYTES + 1];
	struct wrap wrap; /* of the officer's own key */
	uint8_t badge[RING_BADGE_BYTES];
	uint8_t entry[RING_ENTRY_BYTES];
};

struct ring {
	uint8_t signer[RING_SIGNER_BYTES];
	struct ring_officer officers[RING_OFFICERS_MAX];
	size_t n_officers;
	uint64_t list_number;
	size_t n;
	struct ring_epoch epochs[RING_EPOCHS_MAX];
	struct team_key *teams[RING_EPOCHS_MAX]; /* made when asked for */
	uint8_t *key; /* secret memory; NULL while locked */
};

/* Append what stands before an officer's wrap where it is bound: the file's
 * first line and the officer's. */
void ring_put_bound(struct buf *out, const struct ring_officer *officer);

/* The public key that badges are checked with, of a ring's key. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err ring_signer_of(
    const uint8_t ring_key[static WRAP_SECRET_BYTES],
    uint8_t ret_signer[static RING_SIGNER_BYTES]);

/* The public half of an officer's own key. */
TL_MUST_CHECK enum tl_err ring_account_key(
    const uint8_t own[static WRAP_SECRET_BYTES],
    uint8_t ret_public[static WRAP_SECRET_BYTES]);

bool ring_role_ok(unsigned role);

/* Make the badge and the entry of an officer, of whom the name is there. The
 * ring is unlocked. TL_EINVAL: this is no public key. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err ring_account_put(const struct ring *ring,
    const struct ring_account *account, struct ring_officer *officer);

/* Read the entry, by the ring's key. TL_EPROOF: it was changed. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err ring_account_open(const struct ring *ring,
    const struct ring_officer *officer, struct ring_account *ret);

/* Read the badge, by the officer's own key; ring_key becomes the ring's, or
 * zeros. TL_EPROOF: this ring did not make it. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err ring_badge_open(const struct ring *ring,
    const struct ring_officer *officer,
    const uint8_t own[static WRAP_SECRET_BYTES], struct ring_account *ret,
    uint8_t ring_key[static WRAP_SECRET_BYTES]);

#endif
