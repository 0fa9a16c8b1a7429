/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/language: any bytes as Accept-Language give one of the languages that
 * are offered, whatever their case, and the same one when said twice.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "web/catalogue.h"
#include "web/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct web_language all[] = { { .tag = "km" }, { .tag = "en" },
	{ .tag = "fil" }, { .tag = "id" }, { .tag = "zh-Hans" } };
static const struct web_language *const offered[] = { &all[0], &all[1], &all[2],
	&all[3], &all[4] };
#define OFFERED (sizeof(offered) / sizeof(offered[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t twice[2 * 256 + 1];
	uint8_t lower[256];
	const struct web_language *pick;

	if (len > sizeof(lower)) {
		len = sizeof(lower);
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t c = data[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
	}
	memcpy(twice, data, len);
	twice[len] = ',';
	memcpy(twice + len + 1, data, len);
	pick =
	    web_language_pick(bytes_of(data, len), offered, OFFERED, &all[0]);
	assert(pick >= &all[0] && pick < &all[OFFERED]);
	assert(pick ==
	    web_language_pick(bytes_of(lower, len), offered, OFFERED, &all[0]));
	assert(pick ==
	    web_language_pick(
		bytes_of(twice, 2 * len + 1), offered, OFFERED, &all[0]));
	return 0;
}
