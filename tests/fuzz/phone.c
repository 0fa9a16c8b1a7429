/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Senders, through the rules and the library behind them: an answer is E.164
 * or none, and reading the answer gives the answer.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sms/sender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_e164(const char *e164)
{
	size_t len = strlen(e164);
	struct sender again;

	if (len == 0) {
		return;
	}
	assert(e164[0] == '+' && len <= 16);
	assert(strspn(e164 + 1, "0123456789") == len - 1);
	sender_read(bytes_str(e164), SMS_RAW, "KH", &again);
	assert(strcmp(again.e164, e164) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const regions[] = { "KH", "TH", "CN", "ZZ" };

	for (int numbers = SMS_RAW; numbers <= SMS_NATIONAL; numbers++) {
		for (size_t r = 0; r < 4; r++) {
			struct sender sender;

			sender_read(bytes_of(data, len),
			    (enum sms_numbers)numbers, regions[r], &sender);
			assert(sender.bare.len <= len);
			assert(len <= 32 || sender.e164[0] == '\0');
			check_e164(sender.e164);
		}
	}
	return 0;
}
