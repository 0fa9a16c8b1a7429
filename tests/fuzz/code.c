/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/code_parse: what is accepted is a code, and is accepted again as it
 * was understood.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "crypto/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char digits[CODE_DIGITS + 1] = "untouched";
	char again[CODE_DIGITS + 1];
	enum tl_err err = code_parse(bytes_of(data, len), digits);

	if (err != TL_OK) {
		assert(strcmp(digits, "untouched") == 0);
		return 0;
	}
	assert(len <= CODE_TYPED_MAX_BYTES);
	assert(strlen(digits) == CODE_DIGITS);
	assert(strspn(digits, "0123456789") == CODE_DIGITS);
	assert(code_check_digit(digits, CODE_DIGITS) == '0');
	err = code_parse(bytes_of(digits, CODE_DIGITS), again);
	assert(err == TL_OK && memcmp(digits, again, sizeof(digits)) == 0);
	return 0;
}
