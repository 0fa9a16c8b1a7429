/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/code_slow.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/pwhash.h"
#include "crypto/random.h"

#define RANDOM_DIGITS (CODE_DIGITS_SLOW - 1)

_Static_assert(CODE_SEED_BYTES == PWHASH_KEY_BYTES + PWHASH_SALT_BYTES &&
	CODE_SLOW_BYTES == PWHASH_KEY_BYTES,
    "the slow step takes a password of the length of a key, and a salt");

static const char seed_prefix[] = "tipline slow v1";
static const char mailbox_prefix[] = "tipline slow mailbox v1";
static const char reply_prefix[] = "tipline slow reply v1";

/* Fixed by the version of the format: codes are out there. */
static const struct pwhash_cost code_cost = {
	.passes = 2,
	.memory_kib = 64u * 1024u,
};

void code_draw(char digits[static CODE_DIGITS_SLOW + 1])
{
	do {
		for (size_t i = 0; i < RANDOM_DIGITS; i++) {
			digits[i] = (char)('0' + random_below(10));
		}
	} while (!code_is_varied(digits, RANDOM_DIGITS));
	digits[RANDOM_DIGITS] = code_check_digit(digits, RANDOM_DIGITS);
	digits[CODE_DIGITS_SLOW] = '\0';
}

void code_seed(const uint8_t pepper[static 32], const char *digits,
    uint8_t ret_seed[static CODE_SEED_BYTES])
{
	uint8_t message[sizeof(seed_prefix) + CODE_DIGITS_MAX];
	size_t n = strnlen(digits, CODE_DIGITS_MAX);

	memcpy(message, seed_prefix, sizeof(seed_prefix));
	memcpy(message + sizeof(seed_prefix), digits, n);
	hash_keyed(ret_seed, CODE_SEED_BYTES, pepper, message,
	    sizeof(seed_prefix) + n);
	wipe(message, sizeof(message));
}

enum tl_err code_slow(const uint8_t seed[static CODE_SEED_BYTES],
    uint8_t ret_slow[static CODE_SLOW_BYTES])
{
	return pwhash_derive(ret_slow, bytes_of(seed, PWHASH_KEY_BYTES),
	    seed + PWHASH_KEY_BYTES, code_cost);
}

void code_finish(const uint8_t pepper[static 32],
    const char digits[static CODE_DIGITS_SLOW + 1],
    const uint8_t slow[static CODE_SLOW_BYTES], struct code *ret)
{
	uint8_t message[sizeof(mailbox_prefix) + CODE_SLOW_BYTES];

	memset(ret->digits, 0, sizeof(ret->digits));
	memcpy(ret->digits, digits, CODE_DIGITS_SLOW);
	memcpy(message, mailbox_prefix, sizeof(mailbox_prefix));
	memcpy(message + sizeof(mailbox_prefix), slow, CODE_SLOW_BYTES);
	hash_keyed(ret->mailbox, sizeof(ret->mailbox), pepper, message,
	    sizeof(message));
	memcpy(message, reply_prefix, sizeof(reply_prefix));
	memcpy(message + sizeof(reply_prefix), slow, CODE_SLOW_BYTES);
	hash_keyed(ret->reply_key, sizeof(ret->reply_key), pepper, message,
	    sizeof(reply_prefix) + CODE_SLOW_BYTES);
	wipe(message, sizeof(message));
}
