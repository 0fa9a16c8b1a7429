/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The custom adapter: its options as any text, and any request under options
 * of each kind.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sms/custom.h"
#include "sms/when_form.h"
#include "tests/lib/sms_fuzz.h"

#define OPTION_BYTES 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct custom_words kinds[] = {
	{ .fields = NULL },
	{ .reading = "body=json text=hex coding.8=utf-16be time=epoch-ms",
	    .fields = "from=a.0.from text=a.0.text udh=udh coding=coding",
	    .proof = "field:key" },
	{ .reading = "body=text charset=utf-16le probe.x=1",
	    .proof = "field:key" },
	{ .reading = "text=base64 charset=gsm7-packed time=date" },
	{ .reading = "text=percent charset=iso-8859-1",
	    .proof = "hmac-hex:X-Mac" },
	{ .reading = "body=multipart time=%d/%b/%y%t%I:%M:%S.%f%p zone=+07:00",
	    .fields = "udh=udh coding=coding" },
	{ .reading = "body=multipart time=%FT%T%z", .proof = "field:key" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char option[OPTION_BYTES + 1] = "";
	int64_t time_s;
	bool has_zone;
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
	if (when_form_ok(option, &has_zone) &&
	    when_form(option, 0, bytes_of(data, len), &time_s) == TL_OK) {
		/* 1970 to 2099 or 9999, a day of zone more or less */
		assert(time_s > -90000 && time_s < INT64_C(253402400000));
	}
	sms_fuzz_custom(&kinds[data[0] % KINDS], data + 1, len - 1);
	return 0;
}
