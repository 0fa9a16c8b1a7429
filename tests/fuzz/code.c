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
	char digits[CODE_DIGITS_MAX + 1] = "untouched";
	char again[CODE_DIGITS_MAX + 1];
	size_t n;
	enum tl_err err = code_parse(bytes_of(data, len), digits);

	if (err != TL_OK) {
		assert(strcmp(digits, "untouched") == 0);
		return 0;
	}
	assert(len <= CODE_TYPED_MAX_BYTES);
	n = strlen(digits);
	assert(n == CODE_DIGITS_SLOW || n == CODE_DIGITS_FAST);
	assert(strspn(digits, "0123456789") == n);
	assert(code_check_digit(digits, n) == '0');
	err = code_parse(bytes_of(digits, n), again);
	assert(err == TL_OK && memcmp(digits, again, sizeof(digits)) == 0);
	return 0;
}
