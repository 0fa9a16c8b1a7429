/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/secret.h"

#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include <sodium.h>

void *secret_alloc(size_t len)
{
	const size_t align = alignof(max_align_t);
	size_t whole;
	void *p;

	/* The bytes end at a guard page, so only a whole number of alignments
	 * starts aligned. */
	if (__builtin_add_overflow(len, align - 1, &whole)) {
		return NULL;
	}
	whole -= whole % align;
	p = sodium_malloc(whole);
	if (p != NULL && whole > 0) {
		memset(p, 0, whole);
	}
	return p;
}

void secret_free(void *p)
{
	sodium_free(p);
}

bool secret_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
