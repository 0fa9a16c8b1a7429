/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/partner.h - the key of a partner to whom cases are referred: referrals
 * are sealed to it, and the partner's answers are signed by it. Format:
 * docs/FORMAT.md, "The partner's key".
 *
 * Promise:   who has the file must still guess the passphrase. The two public
 *            halves come from one secret, so that neither can be swapped.
 * Knows not: what a referral says.
 * Runs in:   the secret half: tipline-open, on the partner's machine. The
 *            public half: the desk.
 * Disk:      creates or reads the file that it is given.
 */
#ifndef TL_CRYPTO_PARTNER_H
#define TL_CRYPTO_PARTNER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/pwhash.h"
#include "crypto/teamkey.h"

/* Sealed to the first half (X25519), signed by the second (Ed25519). */
#define PARTNER_PUBLIC_BYTES 64u
#define PARTNER_SEAL_BYTES   32u
/* As people pass it on: one line of base64. */
#define PARTNER_LINE_CHARS 88u

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

/* Read the line: TL_EFORMAT if it is no such key, or one that no secret
 * belongs to. */
TL_MUST_CHECK enum tl_err partner_public_read(
    struct bytes line, uint8_t ret_public[static PARTNER_PUBLIC_BYTES]);

/* Append the line, without its end. */
void partner_public_put(
    struct buf *out, const uint8_t public_key[static PARTNER_PUBLIC_BYTES]);

#define PARTNER_SIGNATURE_BYTES 64u

/* Sign what the partner says, which is bound to this use of the key. */
TL_MUST_CHECK enum tl_err partner_sign(const struct partner_key *key,
    struct bytes words, uint8_t ret_signature[static PARTNER_SIGNATURE_BYTES]);

/* TL_EPROOF: the partner with this line has not said that. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err partner_verify(
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES], struct bytes words,
    const uint8_t signature[static PARTNER_SIGNATURE_BYTES]);

#endif
