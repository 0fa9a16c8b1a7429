/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/code_slow.h - receipt codes of 20 digits: mailbox and reply key
 * follow through Argon2id. Format: docs/FORMAT.md, "Receipt code".
 *
 * Promise:   who has a mailbox or a reply key, and the pepper too, pays 64
 *            MiB and a tenth of a second for each code that is tried. The
 *            slow step alone knows neither pepper nor code, and what it
 *            gives is no key: it may run in a process of its own.
 * Knows not: who asks, how many codes are ready.
 * Runs in:   the intake's kdf (first and last step), its derivers (the slow
 *            step), tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_CODE_SLOW_H
#define TL_CRYPTO_CODE_SLOW_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/code.h"

#define CODE_SEED_BYTES 48u /* password and salt of the slow step */
#define CODE_SLOW_BYTES 32u

/* CODE_DIGITS_SLOW fresh random digits, check digit included. */
void code_draw(char digits[static CODE_DIGITS_SLOW + 1]);

/*
 * The first step. digits: a code of either length, since entering one of 25
 * digits must take as long; its result is for nothing then.
 */
void code_seed(const uint8_t pepper[static 32], const char *digits,
    uint8_t ret_seed[static CODE_SEED_BYTES]);

/* The slow step. TL_ENOMEM: 64 MiB cannot be had now. */
TL_MUST_CHECK enum tl_err code_slow(const uint8_t seed[static CODE_SEED_BYTES],
    uint8_t ret_slow[static CODE_SLOW_BYTES]);

/* The last step, for CODE_DIGITS_SLOW digits. A secret: wipe *ret after
 * use. */
void code_finish(const uint8_t pepper[static 32],
    const char digits[static CODE_DIGITS_SLOW + 1],
    const uint8_t slow[static CODE_SLOW_BYTES], struct code *ret);

#endif
