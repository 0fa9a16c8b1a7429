/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The generic adapter with a signature that holds: any body is kept.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/sms_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sms_fake fake;

	sms_fake_init(&fake, "generic");
	sms_fake_post(
	    &fake, NULL, "application/json", bytes_of(data, len), NULL);
	sms_check_genuine(&fake, false);
	return 0;
}
