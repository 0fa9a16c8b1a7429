/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/hide.h"

#include <stdbool.h>
#include <string.h>

#include "base/wipe.h"

#define NAME_MIN    7u /* fewer signs or digits: a word, a short code */
#define DIGITS_MAX  32u
#define BETWEEN     " -.()/+"
#define BETWEEN_MAX 3u

void hide_bytes(struct buf *words, struct bytes what)
{
	uint8_t *at = words->data;

	while (at != NULL && what.len > 0) {
		size_t left = words->len - (size_t)(at - words->data);

		at = memmem(at, left, what.at, what.len);
		if (at != NULL) {
			memset(at, '*', what.len);
			at += what.len;
		}
	}
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* The last digits of number; gives how many. */
static size_t digits_of(
    struct bytes number, uint8_t ret_digits[static DIGITS_MAX])
{
	size_t n = 0;

	for (size_t i = number.len; i > 0 && n < DIGITS_MAX; i--) {
		if (is_digit(number.at[i - 1])) {
			n++;
			ret_digits[DIGITS_MAX - n] = number.at[i - 1];
		}
	}
	memmove(ret_digits, ret_digits + DIGITS_MAX - n, n);
	return n;
}

/* Go back from the digit at end as long as these are the number's, its last
 * one first; gives how many are, and at which byte they begin. */
static size_t count_back(const struct buf *words, size_t end,
    const uint8_t *digits, size_t n, size_t *ret_from)
{
	size_t found = 0, between = 0;

	for (size_t i = end + 1; i > 0 && found < n; i--) {
		uint8_t byte = words->data[i - 1];

		if (byte == digits[n - 1 - found]) {
			found++;
			between = 0;
			*ret_from = i - 1;
		} else if (is_digit(byte) || byte == '\0' ||
		    strchr(BETWEEN, byte) == NULL || ++between > BETWEEN_MAX) {
			break;
		}
	}
	return found;
}

static void hide_digits(struct buf *words, struct bytes number)
{
	uint8_t digits[DIGITS_MAX];
	size_t n = digits_of(number, digits);

	for (size_t end = 0; n >= NAME_MIN && end < words->len; end++) {
		size_t from = end;

		if (words->data[end] != digits[n - 1] ||
		    count_back(words, end, digits, n, &from) < NAME_MIN) {
			continue;
		}
		for (size_t i = from; i <= end; i++) {
			if (is_digit(words->data[i])) {
				words->data[i] = '*';
			}
		}
	}
	wipe(digits, sizeof(digits));
}

void hide_sender(struct buf *words, struct bytes raw, struct bytes e164)
{
	const uint8_t *colon =
	    raw.len == 0 ? NULL : memchr(raw.at, ':', raw.len);
	size_t scheme = colon == NULL ? 0 : (size_t)(colon - raw.at) + 1;
	struct bytes bare = bytes_of(raw.at + scheme, raw.len - scheme);

	if (bare.len >= NAME_MIN) {
		hide_bytes(words, bare);
	}
	hide_digits(words, e164); /* the longer one first */
	hide_digits(words, raw);
}
