/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/partner_answer: nothing that was not signed is read. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/start.h"
#include "desk/partner_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* a point that no fuzzer knows the logarithm of */
	static const uint8_t public_key[PARTNER_PUBLIC_BYTES] = {
		[PARTNER_SEAL_BYTES] = 0x58,
	};
	struct partner_answer answer;

	if (crypto_start() != TL_OK) {
		abort();
	}
	assert(partner_answer_read(bytes_of(data, len), public_key, &answer) !=
	    TL_OK);
	return 0;
}
