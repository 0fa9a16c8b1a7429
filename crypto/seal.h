/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/seal.h - turn a report, and raw bytes beside it, into an envelope
 * that only the team opens.
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

/* What goes into one envelope; the bytes are borrowed. */
struct seal_content {
	struct bytes report;
	struct bytes raw;    /* what is no text; may be empty */
	unsigned size_class; /* at least this one; 0: the smallest that fits */
};

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
 * Append the whole signed envelope of content to out. Wiping the content is
 * the caller's. TL_ETOOBIG if report and raw have over 1 MiB - 8 bytes or the
 * class is none (out is as before), or out has no room (which sticks to out);
 * TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err sealer_seal(struct sealer *s,
    const uint8_t id[static SEAL_ID_BYTES], const struct seal_content *content,
    struct buf *out);

/* The most that an envelope of such a content takes, with all recipients; 0
 * if it cannot be sealed. */
size_t seal_bytes_max(const struct seal_content *content);

/* Wipe and free. NULL is fine. */
void sealer_free(struct sealer *s);

#endif
