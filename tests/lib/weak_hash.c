/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/weak_hash.h"

void weak_hash(uint8_t out[static 32], const void *msg, size_t len)
{
	const uint8_t *in = msg;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ len;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ in[i]) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
	}
	for (size_t i = 0; i < 32; i++) {
		h = (h ^ i) * UINT64_C(0x9e3779b97f4a7c15);
		out[i] = (uint8_t)(h >> 56);
	}
}
