/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/random.h"

#include <sodium.h>

void random_bytes(void *p, size_t len)
{
	randombytes_buf(p, len);
}

uint32_t random_below(uint32_t n)
{
	return randombytes_uniform(n);
}
