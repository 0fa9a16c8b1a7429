/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/canary.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"

#define HOUR_S 3600
#define DIGITS 16u

static const char prefix[] = "tipline canary v1";

static void text_of_hour(const uint8_t key[static HASH_BYTES],
    const char *gateway, int64_t hour, char text[static CANARY_CHARS])
{
	uint8_t message[sizeof(prefix) + 8 + 64] = { 0 };
	uint8_t hash[HASH_BYTES];
	size_t len = strnlen(gateway, 64);
	size_t at = 0;

	memcpy(message, prefix, sizeof(prefix));
	for (unsigned i = 0; i < 8; i++) {
		message[sizeof(prefix) + i] =
		    (uint8_t)((uint64_t)hour >> (56 - 8 * i));
	}
	memcpy(message + sizeof(prefix) + 8, gateway, len);
	hash_keyed(hash, sizeof(hash), key, message, sizeof(prefix) + 8 + len);
	for (unsigned i = 0; i < DIGITS; i++) {
		/* two bytes a digit: hardly uneven */
		unsigned value = (unsigned)hash[2 * i] << 8 | hash[2 * i + 1];

		if (i > 0 && i % 4 == 0) {
			text[at++] = ' ';
		}
		text[at++] = (char)('0' + value % 10);
	}
	text[at] = '\0';
}

void canary_text(struct bytes secret, const char *gateway, int64_t now_s,
    char ret_text[static CANARY_CHARS])
{
	uint8_t key[HASH_BYTES];

	hash_bytes(key, secret.at, secret.len);
	text_of_hour(key, gateway, now_s / HOUR_S, ret_text);
	wipe(key, sizeof(key));
}

bool canary_is(struct bytes secret, const char *gateway, int64_t received_s,
    struct bytes text)
{
	uint8_t key[HASH_BYTES];
	int64_t hour = received_s / HOUR_S;
	bool found = false;

	if (text.len != CANARY_CHARS - 1 || secret.len == 0) {
		return false;
	}
	hash_bytes(key, secret.at, secret.len);
	/* one hour ahead: clocks differ */
	for (int64_t i = hour + 1; !found && i >= hour - CANARY_HOURS; i--) {
		char made[CANARY_CHARS];

		text_of_hour(key, gateway, i, made);
		found = memcmp(made, text.at, text.len) == 0;
	}
	wipe(key, sizeof(key));
	return found;
}
