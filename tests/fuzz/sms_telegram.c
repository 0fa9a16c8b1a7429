/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The telegram adapter: any request is refused, or kept whole.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/sms_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	sms_fuzz("telegram", data, len);
	return 0;
}
