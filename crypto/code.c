/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/code.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"

#define RANDOM_DIGITS (CODE_DIGITS_FAST - 1)
#define DIFFERENT_MIN 4u
/* 250 is the largest multiple of ten in a byte: no digit is likelier. */
#define FAIR_BELOW 250u

static const char code_prefix[] = "tipline code v1";
static const char mailbox_prefix[] = "tipline mailbox v1";
static const char reply_prefix[] = "tipline reply v1";

/* H. M. Damm's quasigroup of order 10. */
static const uint8_t damm[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

char code_check_digit(const char *digits, size_t n)
{
	uint8_t check = 0;

	for (size_t i = 0; i < n; i++) {
		check = damm[check][digits[i] - '0'];
	}
	return (char)('0' + check);
}

bool code_is_varied(const char *digits, size_t n)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		seen |= 1u << (digits[i] - '0');
	}
	return (unsigned)__builtin_popcount(seen) >= DIFFERENT_MIN;
}

bool code_digits_of_block(const uint8_t block[static CODE_BLOCK_BYTES],
    char digits[static CODE_DIGITS_FAST + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < CODE_BLOCK_BYTES && n < RANDOM_DIGITS; i++) {
		if (block[i] < FAIR_BELOW) {
			digits[n++] = (char)('0' + block[i] % 10u);
		}
	}
	if (n < RANDOM_DIGITS || !code_is_varied(digits, n)) {
		return false;
	}
	digits[RANDOM_DIGITS] = code_check_digit(digits, RANDOM_DIGITS);
	digits[CODE_DIGITS_FAST] = '\0';
	return true;
}

void code_of_digits(const uint8_t pepper[static 32],
    const char digits[static CODE_DIGITS_FAST + 1], struct code *ret)
{
	uint8_t message[sizeof(mailbox_prefix) + CODE_DIGITS_FAST];

	memmove(ret->digits, digits, CODE_DIGITS_FAST);
	ret->digits[CODE_DIGITS_FAST] = '\0';
	memcpy(message, mailbox_prefix, sizeof(mailbox_prefix));
	memcpy(message + sizeof(mailbox_prefix), ret->digits, CODE_DIGITS_FAST);
	hash_keyed(ret->mailbox, sizeof(ret->mailbox), pepper, message,
	    sizeof(mailbox_prefix) + CODE_DIGITS_FAST);
	memcpy(message, reply_prefix, sizeof(reply_prefix));
	memcpy(message + sizeof(reply_prefix), ret->digits, CODE_DIGITS_FAST);
	hash_keyed(ret->reply_key, sizeof(ret->reply_key), pepper, message,
	    sizeof(reply_prefix) + CODE_DIGITS_FAST);
	wipe(message, sizeof(message));
}

void code_derive(const uint8_t pepper[static 32], const uint8_t idem[static 16],
    const uint8_t content[static 32], struct code *ret)
{
	uint8_t message[sizeof(code_prefix) + 16 + 32 + 4];
	uint8_t *counter = message + sizeof(code_prefix) + 16 + 32;
	uint8_t block[CODE_BLOCK_BYTES];
	char digits[CODE_DIGITS_FAST + 1];

	memcpy(message, code_prefix, sizeof(code_prefix));
	memcpy(message + sizeof(code_prefix), idem, 16);
	memcpy(message + sizeof(code_prefix) + 16, content, 32);
	for (uint32_t i = 0;; i++) {
		for (size_t k = 0; k < 4; k++) {
			counter[k] = (uint8_t)(i >> (24 - 8 * k));
		}
		hash_keyed(
		    block, sizeof(block), pepper, message, sizeof(message));
		/* one block in 10^10 makes no code: the next one then */
		if (code_digits_of_block(block, digits)) {
			break;
		}
	}
	code_of_digits(pepper, digits, ret);
	wipe(digits, sizeof(digits));
	wipe(block, sizeof(block));
	wipe(message, sizeof(message));
}
