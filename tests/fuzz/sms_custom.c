/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The custom adapter: its options as any text, and any request under options
 * of each kind.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sms/custom.h"
#include "tests/lib/sms_fuzz.h"

#define OPTION_BYTES 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct custom_words kinds[] = {
	{ .fields = NULL },
	{ .reading = "body=json text=hex coding.8=utf-16be time=epoch-ms",
	    .fields = "from=a.0.from text=a.0.text udh=udh coding=coding" },
	{ .reading = "body=text charset=utf-16le probe.x=1",
	    .proof = "field:key" },
	{ .reading = "text=base64 charset=gsm7-packed time=date" },
	{ .reading = "text=percent charset=iso-8859-1",
	    .proof = "hmac-hex:X-Mac" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char option[OPTION_BYTES + 1] = "";
	struct sms_custom custom;
	const struct custom_words words = { .fields = option,
		.reading = option,
		.proof = option,
		.answer = option,
		.answer_body = option,
		.answer_body_is_safe = "yes" };

	if (len == 0) {
		return 0;
	}
	memcpy(option, data, len < OPTION_BYTES ? len : OPTION_BYTES);
	(void)custom_read(&words, &custom);
	sms_fuzz_custom(&kinds[data[0] % KINDS], data + 1, len - 1);
	return 0;
}
