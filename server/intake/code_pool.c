/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/code_pool.h"

#include <assert.h>

#include "base/wipe.h"
#include "crypto/secret.h"

struct code_pool {
	size_t size, n;
	struct code codes[];
};

struct code_pool *code_pool_new(size_t size)
{
	struct code_pool *pool =
	    secret_alloc(sizeof(*pool) + size * sizeof(pool->codes[0]));

	if (pool != NULL) {
		pool->size = size;
	}
	return pool;
}

bool code_pool_is_full(const struct code_pool *pool)
{
	return pool->n == pool->size;
}

void code_pool_put(struct code_pool *pool, const struct code *code)
{
	assert(!code_pool_is_full(pool));
	pool->codes[pool->n++] = *code;
}

bool code_pool_take(struct code_pool *pool, struct code *ret)
{
	if (pool->n == 0) {
		return false;
	}
	*ret = pool->codes[--pool->n];
	wipe(&pool->codes[pool->n], sizeof(pool->codes[0]));
	return true;
}

void code_pool_free(struct code_pool *pool)
{
	secret_free(pool);
}
