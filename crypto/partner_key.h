/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/partner_key.h - the secret half of a partner's key, in a file under a
 * passphrase. Format: docs/FORMAT.md, "The partner's key".
 *
 * Promise:   who has the file must still guess the passphrase. Both public
 *            halves come from one secret, so that neither can be swapped.
 * Runs in:   tipline-open, on the partner's machine.
 * Disk:      creates or reads the file that it is given.
 */
#ifndef TL_CRYPTO_PARTNER_KEY_H
#define TL_CRYPTO_PARTNER_KEY_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/partner.h"
#include "crypto/pwhash.h"
#include "crypto/teamkey.h"

struct partner_key;

/*
 * Make a new key in a new file under the passphrase. TL_EEXIST: there is one,
 * and it stays. TL_EINVAL for an empty passphrase; others as keyfile_save().
 */
TL_MUST_CHECK enum tl_err partner_key_new(const char *path,
    struct bytes passphrase, struct pwhash_cost cost,
    uint8_t ret_public[static PARTNER_PUBLIC_BYTES]);

/* Open the file. Gives *ret: the caller ends it with partner_key_free().
 * TL_EPROOF: the passphrase is wrong. Others as keyfile_load(). */
TL_MUST_CHECK enum tl_err partner_key_unlock(
    const char *path, struct bytes passphrase, struct partner_key **ret);

/* Its public half, without the passphrase. Errors as keyfile_load(). */
TL_MUST_CHECK enum tl_err partner_key_public(
    const char *path, uint8_t ret_public[static PARTNER_PUBLIC_BYTES]);

/* Borrowed, as long as the key lives. */
const struct team_key *partner_key_opens(const struct partner_key *key);

/* Wipe and free. NULL is fine. */
void partner_key_free(struct partner_key *key);

/* Sign what the partner says, which is bound to this use of the key. */
TL_MUST_CHECK enum tl_err partner_sign(const struct partner_key *key,
    struct bytes words, uint8_t ret_signature[static PARTNER_SIGNATURE_BYTES]);

#endif
