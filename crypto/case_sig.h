/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/case_sig.h - a desk's signature of a change of a case. What is signed:
 * docs/QUEUE.md, "Cases".
 *
 * Promise:   what holds was said by the holder of one of these keys, as the
 *            record of a change and as nothing else.
 * Knows not: what is said.
 * Runs in:   the desk's store, tipline.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_CASE_SIG_H
#define TL_CRYPTO_CASE_SIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* The longest that is signed. */
#define CASE_SIG_MOST_BYTES 256u

/* key is a KEY_INTAKE_SIGN. TL_EINVAL if it is none, TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err case_sig_make(const uint8_t key[static 64],
    struct bytes said, uint8_t ret_sig[static 64]);

/* By any of the keys? */
bool case_sig_holds(const uint8_t (*keys)[32], size_t n_keys, struct bytes said,
    const uint8_t sig[static 64]);

#endif
