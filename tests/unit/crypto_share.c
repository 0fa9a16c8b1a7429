/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/shamir, crypto/share: any k shares give the key back, fewer tell
 * nothing, and a share that does not belong is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/enc.h"
#include "crypto/random.h"
#include "crypto/share.h"
#include "crypto/start.h"

static json_t *vectors;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	vectors = json_load_file("tests/vectors/share.json", 0, NULL);
	assert_non_null(vectors);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

/* As it is taught, bit by bit with branches. */
static uint8_t plain_mul(unsigned a, unsigned b)
{
	unsigned product = 0;

	for (; b != 0; b >>= 1) {
		if ((b & 1u) != 0) {
			product ^= a;
		}
		a <<= 1;
		if ((a & 0x100u) != 0) {
			a ^= 0x11Bu;
		}
	}
	return (uint8_t)product;
}

static void the_field_is_that_of_aes(void **state)
{
	(void)state;
	assert_int_equal(shamir_mul(0x57, 0x83), 0xC1); /* FIPS 197, 4.2 */
	assert_int_equal(shamir_mul(0x57, 0x13), 0xFE);
	assert_int_equal(shamir_mul(0x53, 0xCA), 1);
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			assert_int_equal(shamir_mul((uint8_t)a, (uint8_t)b),
			    plain_mul(a, b));
		}
	}
}

static unsigned count_bits(unsigned bits)
{
	unsigned n = 0;

	for (; bits != 0; bits >>= 1) {
		n += bits & 1u;
	}
	return n;
}

static void every_three_of_five_give_it_back(void **state)
{
	uint8_t secret[SHARE_SECRET_BYTES], got[SHARE_SECRET_BYTES];
	struct share all[5], some[5];

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		random_bytes(secret, sizeof(secret));
		assert_int_equal(
		    share_split(SHARE_RING, secret, 3, 5, all), TL_OK);
		for (unsigned set = 0; set < 32; set++) {
			enum share_fault fault;
			size_t n = 0, which = 0;
			bool found = false;

			for (size_t i = 0; i < 5; i++) {
				if ((set >> i & 1u) != 0) {
					some[n++] = all[i];
				}
			}
			memset(got, 0, sizeof(got));
			fault = share_combine(some, n, got, &which, &found);
			if (count_bits(set) >= 3) {
				assert_int_equal(fault, SHARE_FINE);
				assert_true(found);
				assert_memory_equal(got, secret, sizeof(got));
			} else {
				assert_int_equal(
				    fault, n == 0 ? SHARE_NONE : SHARE_TOO_FEW);
				assert_false(found);
				assert_int_equal(got[0] | got[31], 0);
			}
		}
	}
}

/*
 * Two shares of a 3-of-5 fit every secret, each equally well: for each of the
 * 256 values that a byte of the secret could have there is exactly one third
 * share, and different values have different third shares. So whoever has two
 * has excluded nothing.
 */
static void two_of_three_fit_every_secret_alike(void **state)
{
	uint8_t parts[5], byte;

	(void)state;
	for (unsigned round = 0; round < 10; round++) {
		random_bytes(&byte, 1);
		assert_int_equal(shamir_split(&byte, 1, 3, 5, parts), TL_OK);
		for (unsigned a = 0; a < 5; a++) {
			for (unsigned b = 0; b < a; b++) {
				uint8_t third = (uint8_t)(a == 4 || b == 4
					? (a == 3 || b == 3 ? 3 : 4)
					: 5);
				bool seen[256] = { false };

				for (unsigned guess = 0; guess < 256; guess++) {
					const uint8_t x[3] = { 0,
						(uint8_t)(a + 1),
						(uint8_t)(b + 1) };
					const uint8_t y[3] = { (uint8_t)guess,
						parts[a], parts[b] };
					uint8_t out;

					shamir_at(third, x, y, 3, 1, &out);
					assert_false(seen[out]);
					seen[out] = true;
				}
			}
		}
	}
}

/* The other half of it: shares of one secret are spread over all values. */
static void shares_of_one_secret_look_like_chance(void **state)
{
	static unsigned count[256];
	const uint8_t zero = 0;
	uint8_t parts[3];

	(void)state;
	for (unsigned i = 0; i < 256u * 64u; i++) {
		assert_int_equal(shamir_split(&zero, 1, 2, 3, parts), TL_OK);
		count[parts[2]]++;
	}
	for (unsigned i = 0; i < 256; i++) {
		/* 64 on average; eight standard deviations of 8 */
		assert_in_range(count[i], 1, 128);
	}
}

static void numbers_out_of_bounds_are_refused(void **state)
{
	uint8_t secret[SHARE_SECRET_BYTES] = { 1 };
	uint8_t parts[SHAMIR_PARTS_MAX * SHAMIR_BYTES_MAX];

	(void)state;
	assert_int_equal(shamir_split(secret, 32, 1, 5, parts), TL_EINVAL);
	assert_int_equal(shamir_split(secret, 32, 6, 5, parts), TL_EINVAL);
	assert_int_equal(shamir_split(secret, 32, 2, 17, parts), TL_EINVAL);
	assert_int_equal(shamir_split(secret, 0, 2, 2, parts), TL_EINVAL);
	assert_int_equal(shamir_split(secret, 65, 2, 2, parts), TL_EINVAL);
	assert_int_equal(shamir_split(secret, 32, 16, 16, parts), TL_OK);
}

static void every_slip_of_the_hand_is_seen(void **state)
{
	uint8_t secret[SHARE_SECRET_BYTES] = { 1 };
	struct share shares[5], got = { .k = 99 };
	struct buf line;

	(void)state;
	assert_int_equal(
	    share_split(SHARE_IDENTITY, secret, 3, 5, shares), TL_OK);
	buf_init(&line, SHARE_LINE_BYTES);
	share_print(&line, &shares[3]);
	assert_int_equal(buf_err(&line), TL_OK);
	line.len--; /* the line's end */
	for (size_t bit = 0; bit < line.len * 8; bit++) {
		line.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_not_equal(
		    share_parse(bytes_of(line.data, line.len), &got), TL_OK);
		line.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t len = 0; len < line.len; len++) {
		assert_int_not_equal(
		    share_parse(bytes_of(line.data, len), &got), TL_OK);
	}
	assert_int_equal(got.k, 99);
	assert_int_equal(
	    share_parse(bytes_of(line.data, line.len), &got), TL_OK);
	assert_memory_equal(got.data, shares[3].data, sizeof(got.data));
	assert_int_equal(got.number, 4);
	buf_free(&line);
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	assert_non_null(text);
	return text;
}

static const char *const fault_names[SHARE_FAULTS] = {
	[SHARE_MIXED] = "mixed",
	[SHARE_TWICE] = "twice",
	[SHARE_TOO_FEW] = "too few",
	[SHARE_WRONG] = "wrong",
	[SHARE_SOME] = "some",
};

/* What comes of a vector's shares: NULL if they are good. */
static const char *judge(const json_t *row, uint8_t *secret, size_t *ret_which)
{
	json_t *lines = json_object_get(row, "shares");
	struct share shares[SHAMIR_PARTS_MAX];
	size_t n = json_array_size(lines);
	bool found;

	assert_in_range(n, 1, SHAMIR_PARTS_MAX);
	for (size_t i = 0; i < n; i++) {
		enum tl_err err = share_parse(
		    bytes_str(json_string_value(json_array_get(lines, i))),
		    &shares[i]);

		*ret_which = i;
		if (err != TL_OK) {
			return err == TL_EPROOF ? "damaged" : "no share";
		}
	}
	return fault_names[share_combine(shares, n, secret, ret_which, &found)];
}

static void vectors_are_judged_as_they_say(void **state)
{
	static const char *const lists[] = { "good", "bad" };

	(void)state;
	for (size_t l = 0; l < 2; l++) {
		json_t *rows = json_object_get(vectors, lists[l]);

		assert_true(json_array_size(rows) >= 6);
		for (size_t i = 0; i < json_array_size(rows); i++) {
			json_t *row = json_array_get(rows, i);
			json_t *which = json_object_get(row, "which");
			uint8_t got[32] = { 0 }, want[32] = { 0 };
			size_t len, at = SIZE_MAX;
			const char *fault = judge(row, got, &at);

			if (json_object_get(row, "secret") != NULL) {
				const char *hex = text_of(row, "secret");

				assert_int_equal(
				    dec_hex(hex, strlen(hex), want, 32, &len),
				    TL_OK);
			}
			assert_memory_equal(got, want, 32);
			if (l == 0) {
				assert_null(fault);
				continue;
			}
			assert_non_null(fault);
			assert_string_equal(fault, text_of(row, "fault"));
			if (which != NULL) {
				assert_int_equal(at, json_integer_value(which));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_field_is_that_of_aes),
		cmocka_unit_test(every_three_of_five_give_it_back),
		cmocka_unit_test(two_of_three_fit_every_secret_alike),
		cmocka_unit_test(shares_of_one_secret_look_like_chance),
		cmocka_unit_test(numbers_out_of_bounds_are_refused),
		cmocka_unit_test(every_slip_of_the_hand_is_seen),
		cmocka_unit_test(vectors_are_judged_as_they_say),
	};

	return cmocka_run_group_tests_name(
	    "crypto/share", tests, set_up, tear_down);
}
