/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/vault.h - memory for all that was opened: thousands of short texts in
 * few locked pages.
 *
 * Promise:   kept out of swap and core files as crypto/secret.h says; wiped
 *            whole by vault_empty(); never more than its maximum.
 * Knows not: what it holds. Pieces are wiped one by one, and not given back.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_VAULT_H
#define TL_DESK_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Memory is taken by so much: each chunk has guard pages of its own and costs
 * some microseconds. */
#define VAULT_CHUNK_BYTES ((size_t)1024u * 1024u)

struct vault;

/* Gives it, empty: end it with vault_free(). NULL: memory is out. */
struct vault *vault_new(size_t max_bytes);
void vault_free(struct vault *vault); /* NULL is fine */

/* A copy of bytes that stays until vault_drop() or vault_empty(). at == NULL:
 * it is full, or memory is out. Of no bytes it is no copy, and fine. */
struct bytes vault_keep(struct vault *vault, struct bytes bytes);

/* Wipe what vault_keep() gave, which stays where it is. Of no bytes nothing. */
void vault_wipe(struct bytes kept);

/* The same, and its memory is free again if nothing else is kept there: that is
 * so where it is long. */
void vault_drop(struct vault *vault, struct bytes kept);

/* Wipe all of it. */
void vault_empty(struct vault *vault);

/* Bytes of memory in use, with what is left over in its pages. */
size_t vault_bytes(const struct vault *vault);

/* How many there may be. */
size_t vault_max_bytes(const struct vault *vault);

#endif
