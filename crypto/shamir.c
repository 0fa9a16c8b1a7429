/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/shamir.h"

#include <string.h>

#include "crypto/random.h"
#include "crypto/secret.h"

/* Without a table or a branch, so that no cache and no clock tells a or b. */
uint8_t shamir_mul(uint8_t a, uint8_t b)
{
	unsigned product = 0;
	unsigned x = a;

	for (unsigned bit = 0; bit < 8; bit++) {
		product ^= x & (0u - ((unsigned)b >> bit & 1u));
		/* x^8 = x^4 + x^3 + x + 1 */
		x = (x << 1 ^ (0x11Bu & (0u - (x >> 7)))) & 0xFFu;
	}
	return (uint8_t)product;
}

/* a^254, the inverse of a; 0 for 0. */
static uint8_t inverse(uint8_t a)
{
	uint8_t result = 1;

	for (unsigned bit = 0; bit < 8; bit++) {
		/* the bits of 254 are all but the last */
		uint8_t with = shamir_mul(result, a);

		result = bit == 0 ? result : with;
		a = shamir_mul(a, a);
	}
	return result;
}

enum tl_err shamir_split(
    const uint8_t *secret, size_t len, unsigned k, unsigned n, uint8_t *parts)
{
	uint8_t *more; /* coefficients of x^1 to x^(k-1), len bytes each */

	if (k < 2 || k > n || n > SHAMIR_PARTS_MAX || len < 1 ||
	    len > SHAMIR_BYTES_MAX) {
		return TL_EINVAL;
	}
	more = secret_alloc((k - 1) * len);
	if (more == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(more, (k - 1) * len);
	for (unsigned part = 0; part < n; part++) {
		uint8_t x = (uint8_t)(part + 1);
		uint8_t *at = parts + part * len;

		for (size_t i = 0; i < len; i++) {
			uint8_t y = 0;

			/* Horner, from the highest coefficient down */
			for (unsigned c = k - 1; c > 0; c--) {
				y = shamir_mul(y ^ more[(c - 1) * len + i], x);
			}
			at[i] = y ^ secret[i];
		}
	}
	secret_free(more);
	return TL_OK;
}

void shamir_at(unsigned at, const uint8_t *x, const uint8_t *parts, unsigned k,
    size_t len, uint8_t *out)
{
	memset(out, 0, len);
	for (unsigned i = 0; i < k; i++) {
		uint8_t over = 1;
		uint8_t under = 1;
		uint8_t weight;

		for (unsigned j = 0; j < k; j++) {
			if (j != i) {
				over = shamir_mul(over, (uint8_t)(at ^ x[j]));
				under = shamir_mul(under, x[i] ^ x[j]);
			}
		}
		weight = shamir_mul(over, inverse(under));
		for (size_t b = 0; b < len; b++) {
			out[b] ^= shamir_mul(weight, parts[i * len + b]);
		}
	}
}
