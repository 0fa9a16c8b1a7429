/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/partner.h - the public half of the key of a partner to whom cases are
 * referred: referrals are sealed to it, and it proves the partner's answers.
 * Format: docs/FORMAT.md, "The partner's key".
 *
 * Promise:   a key that is read has a secret that belongs to it.
 * Knows not: what a referral says; the secret half: crypto/partner_key.h.
 * Runs in:   the desk; tipline-open.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_PARTNER_H
#define TL_CRYPTO_PARTNER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* Sealed to the first half (X25519), signed by the second (Ed25519). */
#define PARTNER_PUBLIC_BYTES 64u
#define PARTNER_SEAL_BYTES   32u
/* As people pass it on: one line of base64. */
#define PARTNER_LINE_CHARS 88u

/* Read the line: TL_EFORMAT if it is no such key, or one that no secret
 * belongs to. */
TL_MUST_CHECK enum tl_err partner_public_read(
    struct bytes line, uint8_t ret_public[static PARTNER_PUBLIC_BYTES]);

/* Append the line, without its end. */
void partner_public_put(
    struct buf *out, const uint8_t public_key[static PARTNER_PUBLIC_BYTES]);

#define PARTNER_SIGNATURE_BYTES 64u
/* Goes before the words that are signed, with its NUL. */
#define PARTNER_SIGNED_PREFIX "tipline partner answer v1"
#define PARTNER_WORDS_BYTES   65536u

/* What is signed of the words: initialises out, which the caller frees. */
TL_MUST_CHECK enum tl_err partner_message(struct bytes words, struct buf *out);

/* TL_EPROOF: the partner with this line has not said that. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err partner_verify(
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES], struct bytes words,
    const uint8_t signature[static PARTNER_SIGNATURE_BYTES]);

#endif
