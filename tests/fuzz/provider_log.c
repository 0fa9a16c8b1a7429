/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A page of a provider's log: any bytes give messages or a refusal, and the
 * next page is never outside of our account. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sms/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char front[] = "/2010-04-01/Accounts/"
				    "AC00112233445566778899aabbccddeeff"
				    "/Messages";
	const struct sms_gateway gateway = {
		.adapter = sms_adapter_find("twilio"),
		.name = "phones",
		.region = "KH",
		.account = "AC00112233445566778899aabbccddeeff",
	};
	const struct provider_account account = {
		.provider = provider_find("twilio"),
		.gateway = &gateway,
	};
	struct sms_batch *batch;
	struct buf next;

	buf_init(&next, PROVIDER_URL_MAX_BYTES);
	if (provider_log_page(&account, bytes_of(data, size), 0, 0, INT64_MAX,
		&next, &batch) == TL_OK) {
		for (size_t i = 0; i < sms_batch_count(batch); i++) {
			if (sms_batch_at(batch, i)->external_id.len != 34) {
				__builtin_trap();
			}
		}
		if (next.len > 0 &&
		    (next.len < sizeof(front) ||
			memcmp(next.data, front, sizeof(front) - 1) != 0)) {
			__builtin_trap();
		}
		sms_batch_free(batch);
	}
	(void)provider_erase_said(&account, 400, bytes_of(data, size));
	buf_free(&next);
	return 0;
}
