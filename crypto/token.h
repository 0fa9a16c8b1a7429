/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/token.h - some bytes that a stranger carries for us, unread and
 * unchanged: the hidden field of a page; or that lie in memory for later.
 * XChaCha20-Poly1305 (libsodium's crypto_aead_xchacha20poly1305_ietf) under a
 * key of our own.
 *
 * Promise:   what opens was sealed under this key for this use.
 * Knows not: what the bytes mean, how old they are. It cannot open a tip:
 *            those are sealed to the team.
 * Runs in:   the intake's workers, the desk.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_TOKEN_H
#define TL_CRYPTO_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TOKEN_KEY_BYTES   32u
#define TOKEN_NONCE_BYTES 24u
#define TOKEN_EXTRA_BYTES 40u /* nonce and tag */

/* token has len + TOKEN_EXTRA_BYTES. use, a literal, says what for. */
void token_seal(const uint8_t key[static TOKEN_KEY_BYTES], const char *use,
    const uint8_t *plain, size_t len, uint8_t *token);

/* The other way: token has len + TOKEN_EXTRA_BYTES. TL_EPROOF: another key,
 * another use, another byte; plain is not written then. */
TL_MUST_CHECK enum tl_err token_open(const uint8_t key[static TOKEN_KEY_BYTES],
    const char *use, const uint8_t *token, size_t len, uint8_t *plain);

#endif
