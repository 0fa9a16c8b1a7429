/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/totp.h - the codes of a second factor: RFC 6238 with SHA-1, six digits,
 * steps of 30 seconds.
 *
 * Promise:   a code is right at most once: the caller keeps the step that it
 *            was right in and hands it back the next time. How long it takes
 *            does not depend on the code.
 * Knows not: officers, passphrases, the time (it is told).
 * Runs in:   keyd.
 * Disk:      none.
 */
#ifndef TL_DESK_TOTP_H
#define TL_DESK_TOTP_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define TOTP_SECRET_BYTES 20u
#define TOTP_DIGITS       6u
#define TOTP_STEP_S       30
/* A telephone's clock may be wrong by so many steps. */
#define TOTP_WINDOW 1

/* Once, before the process locks itself in. TL_EIO. */
TL_MUST_CHECK enum tl_err totp_start(void);

/* The step that now_s lies in, at least 1. */
uint64_t totp_step_at(int64_t now_s);

/*
 * The step that this code is right in: the one of now_s or a neighbour, and
 * later than last_step. TL_EPROOF: none. TL_EIO: the library fails.
 */
TL_MUST_CHECK enum tl_err totp_check(
    const uint8_t secret[static TOTP_SECRET_BYTES], struct bytes code,
    int64_t now_s, uint64_t last_step, uint64_t *ret_step);

#endif
