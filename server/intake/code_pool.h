/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/code_pool.h - receipt codes that are ready to be handed out.
 *
 * Promise:   in secret memory; each is handed out once and wiped here.
 * Knows not: how codes are made, who gets them.
 * Runs in:   the intake's kdf.
 */
#ifndef TL_INTAKE_CODE_POOL_H
#define TL_INTAKE_CODE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/code.h"

struct code_pool;

/* Room for size codes; 0 is fine. NULL: out of memory. */
struct code_pool *code_pool_new(size_t size);

bool code_pool_is_full(const struct code_pool *pool);

/* Copies code. The pool is not full. */
void code_pool_put(struct code_pool *pool, const struct code *code);

/* False: there is none. A secret: wipe *ret after use. */
bool code_pool_take(struct code_pool *pool, struct code *ret);

/* Wipe and free. NULL is fine. */
void code_pool_free(struct code_pool *pool);

#endif
