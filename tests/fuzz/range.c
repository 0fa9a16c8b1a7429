/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Ranges of officers' requests: what is given is within the file.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const size_t files[] = { 0, 1, 300, (size_t)1 << 24 };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t at = 0, n = 0;

		if (range_read(bytes_of(data, len), files[i], &at, &n) ==
		    RANGE_PART) {
			assert(n > 0 && at < files[i] && n <= files[i] - at);
		}
	}
	return 0;
}
