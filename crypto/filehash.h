/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/filehash.h - SHA-256 of a file that comes in pieces, so that whoever
 * gets the file can compare it with any tool there is.
 *
 * Knows not: files.
 * Runs in:   workers of the intake; tipline; tests.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_FILEHASH_H
#define TL_CRYPTO_FILEHASH_H

#include "base/bytes.h"
#include "base/err.h"

#define FILEHASH_BYTES 32u

struct filehash;

/* Begin. Gives *ret: the caller ends it with filehash_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err filehash_new(struct filehash **ret);

void filehash_add(struct filehash *hash, struct bytes bytes);

/* The hash of all that was added; nothing more may be added. */
void filehash_end(struct filehash *hash, uint8_t out[static FILEHASH_BYTES]);

/* Wipe and free. NULL is fine. */
void filehash_free(struct filehash *hash);

#endif
