/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/fingerprint.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/hash.h"

static const char prefix[] = "tipline fingerprint v1";
static const char consonants[] = "bdfghjklmnprstvz";
static const char vowels[] = "aiou";

/* 16 bits: consonant, vowel, consonant, vowel, consonant. */
static void put_word(char *at, unsigned number)
{
	at[0] = consonants[number >> 12 & 15u];
	at[1] = vowels[number >> 10 & 3u];
	at[2] = consonants[number >> 6 & 15u];
	at[3] = vowels[number >> 4 & 3u];
	at[4] = consonants[number & 15u];
}

static void put_digits(char *at, unsigned number)
{
	for (unsigned i = 5; i > 0; i--) {
		at[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
}

void fingerprint_of(
    const uint8_t public_key[static 32], struct fingerprint *ret)
{
	uint8_t message[sizeof(prefix) + 32];
	uint8_t hash[HASH_BYTES];

	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), public_key, 32);
	hash_bytes(hash, message, sizeof(message));
	for (unsigned i = 0; i < FINGERPRINT_GROUPS; i++) {
		unsigned number = (unsigned)hash[2 * i] << 8 | hash[2 * i + 1];
		bool last = i + 1 == FINGERPRINT_GROUPS;

		put_word(ret->words + 6 * i, number);
		put_digits(ret->digits + 6 * i, number);
		ret->words[6 * i + 5] = last ? '\0' : ' ';
		ret->digits[6 * i + 5] = last ? '\0' : ' ';
	}
}
