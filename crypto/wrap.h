/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/wrap.h - a secret of 32 bytes under a passphrase, as three lines of
 * a file; and one under another key. Format: docs/FORMAT.md, "Wrapped
 * secrets".
 *
 * Promise:   the lines alone tell nothing; who has them must still guess the
 *            passphrase at the price of crypto/pwhash.h. What stands before
 *            them in the file is bound to them.
 * Knows not: what the secret is for.
 * Runs in:   tipline and keyd. No program that faces the public has it.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_WRAP_H
#define TL_CRYPTO_WRAP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/pwhash.h"

#define WRAP_SECRET_BYTES 32u
/* XChaCha20-Poly1305: nonce, the secret, tag. */
#define WRAP_BYTES (24u + WRAP_SECRET_BYTES + 16u)

/* The three lines, before any passphrase. */
struct wrap {
	struct pwhash_cost cost;
	uint8_t salt[PWHASH_SALT_BYTES];
	uint8_t wrapped[WRAP_BYTES];
};

/*
 * Append the three lines to out, which holds the file up to here; all of that
 * is bound. Draws a new salt. TL_EINVAL for an empty passphrase or a cost out
 * of bounds, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err wrap_put(struct buf *out, struct bytes passphrase,
    struct pwhash_cost cost, const uint8_t secret[static WRAP_SECRET_BYTES]);

/*
 * Take the three lines from *text. *ret_bound is how many bytes of the file,
 * which begins at start, are bound to the wrap. TL_EFORMAT.
 */
TL_MUST_CHECK enum tl_err wrap_take(const uint8_t *start, struct bytes *text,
    struct wrap *ret, size_t *ret_bound);

/* Append the three lines as they were read. *ret_bound is how many bytes of
 * out are bound to the wrap, if they stand there as they did. */
void wrap_print(struct buf *out, const struct wrap *wrap, size_t *ret_bound);

/*
 * Open it into secret, which is secret memory. bound is the front of the file.
 * TL_EPROOF: the passphrase is wrong, or something was changed; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err wrap_unlock(const struct wrap *wrap,
    struct bytes bound, struct bytes passphrase,
    uint8_t secret[static WRAP_SECRET_BYTES]);

/* The same under a key of 32 bytes instead of a passphrase. */
void wrap_close(uint8_t wrapped[static WRAP_BYTES], struct bytes bound,
    const uint8_t key[static WRAP_SECRET_BYTES],
    const uint8_t secret[static WRAP_SECRET_BYTES]);
TL_MUST_CHECK enum tl_err wrap_open(const uint8_t wrapped[static WRAP_BYTES],
    struct bytes bound, const uint8_t key[static WRAP_SECRET_BYTES],
    uint8_t secret[static WRAP_SECRET_BYTES]);

#endif
