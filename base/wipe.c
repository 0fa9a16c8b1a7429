/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/wipe.h"

#include <stdint.h>
#include <string.h>

/* Deeper than any call chain of a request goes, measured with margin. */
#define STACK_WIPE_BYTES (96u * 1024u)

__attribute__((weak)) const bool wipe_by_free = false;

void wipe(void *p, size_t len)
{
	if (len > 0) {
		explicit_bzero(p, len);
	}
}

__attribute__((noinline)) void wipe_stack(void)
{
	uint8_t below[STACK_WIPE_BYTES];

	explicit_bzero(below, sizeof(below));
}
