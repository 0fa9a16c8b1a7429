/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/secret.h - memory for keys, passphrases and opened reports.
 *
 * Promise:   pages of its own between guard pages, kept out of swap where
 *            the limit on locked memory allows, left out of core dumps,
 *            zeroed when given back.
 * Knows not: what it holds.
 * Runs in:   every program, at its start: a call costs about 35 us, so
 *            nothing allocates here per request.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_SECRET_H
#define TL_CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * len zero bytes, aligned for any type. Gives them: the caller ends it with
 * secret_free(). NULL if memory is out. len 0 is fine.
 */
void *secret_alloc(size_t len);

/* Wipe and free. NULL is fine. */
void secret_free(void *p);

/* Whether len bytes are the same, in a time that tells nothing. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
