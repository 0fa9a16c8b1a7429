/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/seal.h - turn a report into an envelope that only the team opens.
 * Format: docs/FORMAT.md, "Envelope".
 *
 * Promise:   once sealed, nothing here can open it again: the content key is
 *            wiped before the call returns, on every path.
 * Knows not: what a report says. Holds no key that opens.
 * Runs in:   workers of the intake, tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_SEAL_H
#define TL_CRYPTO_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define SEAL_ID_BYTES       16u
#define SEAL_RECIPIENTS_MAX 8u

/* Recipients, the intake's signing key and a locked arena for one chunk. */
struct sealer;

/*
 * Make a sealer for n teams (1 to SEAL_RECIPIENTS_MAX) and an intake. Copies
 * all keys into secret memory. Gives *ret: the caller ends it with
 * sealer_free(). TL_EINVAL if n is out of range, a team stands twice or a
 * public key is none; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err sealer_new(const uint8_t (*team_public)[32], size_t n,
    const uint8_t sign_key[static 64], struct sealer **ret);

/*
 * From now on seal to these n teams instead; the signing key stays. Errors as
 * sealer_new(); the recipients stay as they were then.
 */
TL_MUST_CHECK enum tl_err sealer_change(
    struct sealer *s, const uint8_t (*team_public)[32], size_t n);

/*
 * Append the whole signed envelope of report to out. Borrows report; wiping
 * it is the caller's. TL_ETOOBIG if the report is over 1 MiB - 4 bytes (out
 * is as before) or out has no room (which sticks to out); TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err sealer_seal(struct sealer *s,
    const uint8_t id[static SEAL_ID_BYTES], struct bytes report,
    struct buf *out);

/* The most that an envelope of such a report takes, with all recipients; 0
 * if the report is too long to be sealed. */
size_t seal_bytes_max(size_t report_len);

/* Wipe and free. NULL is fine. */
void sealer_free(struct sealer *s);

#endif
