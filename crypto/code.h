/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/code.h - the receipt code that a reporter keeps, as typed, and its
 * fast form of 25 digits; the slow one is crypto/code_slow.h. Format:
 * docs/FORMAT.md, "Receipt code".
 *
 * Promise:   the same submission gives the same fast code for ever, and
 *            nothing is stored for it; without the pepper a code tells
 *            nothing about its mailbox, and a mailbox nothing about its code.
 * Knows not: reports, mailboxes' contents.
 * Runs in:   the intake's kdf process, tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_CODE_H
#define TL_CRYPTO_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* The length of a code tells its form. */
#define CODE_DIGITS_SLOW     20u
#define CODE_DIGITS_FAST     25u
#define CODE_DIGITS_MAX      25u
#define CODE_BLOCK_BYTES     64u
#define CODE_MAILBOX_BYTES   16u
#define CODE_REPLY_KEY_BYTES 32u
/* The longest entry that is looked at: room for three bytes a digit and as
 * much between them. */
#define CODE_TYPED_MAX_BYTES 256u

struct code {
	char digits[CODE_DIGITS_MAX + 1]; /* ASCII, zeros behind them */
	uint8_t mailbox[CODE_MAILBOX_BYTES];
	uint8_t reply_key[CODE_REPLY_KEY_BYTES];
};

/*
 * The fast code of a submission: idem is its idempotency key (random for a
 * request without one), content a hash of what was sent. A secret: wipe *ret
 * after use.
 */
void code_derive(const uint8_t pepper[static 32], const uint8_t idem[static 16],
    const uint8_t content[static 32], struct code *ret);

/* Mailbox and reply key of a code of CODE_DIGITS_FAST digits that was
 * entered; digits as code_parse() gives them. */
void code_of_digits(const uint8_t pepper[static 32],
    const char digits[static CODE_DIGITS_FAST + 1], struct code *ret);

/*
 * What a person typed, to ASCII digits: digits of every script that the
 * pages speak, U+101D for a Myanmar zero; spaces, hyphens, dots and
 * invisible marks between them do not count. TL_EFORMAT: something else, or
 * neither 20 nor 25 digits. TL_EPROOF: the check digit does not fit.
 * TL_ETOOBIG. digits end with NUL and zeros.
 */
TL_MUST_CHECK enum tl_err code_parse(
    struct bytes typed, char digits[static CODE_DIGITS_MAX + 1]);

/*
 * The code that a block of random bytes gives, a step of code_derive(). False
 * if it gives none (too few fair bytes or too few different digits); digits
 * are undefined then.
 */
bool code_digits_of_block(const uint8_t block[static CODE_BLOCK_BYTES],
    char digits[static CODE_DIGITS_FAST + 1]);

/* At least 4 of the n ASCII digits are different: a code with
 * fewer is never handed out. */
bool code_is_varied(const char *digits, size_t n);

/* The Damm check digit of n ASCII digits; over a whole code it is '0'. */
char code_check_digit(const char *digits, size_t n);

#endif
