/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/enc: one text for one sequence of bytes, and no other.
 */
#include "base/enc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648, section 10 */
static const struct {
	const char *bytes, *b64;
} rows[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void the_vectors_of_the_rfc_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[16];
		size_t len = 99;
		struct buf out;

		buf_init(&out, 64);
		enc_b64(&out, B64_STD, rows[i].bytes, strlen(rows[i].bytes));
		assert_int_equal(out.len, strlen(rows[i].b64));
		if (out.len > 0) {
			assert_memory_equal(out.data, rows[i].b64, out.len);
		}
		assert_int_equal(dec_b64(B64_STD, rows[i].b64,
				     strlen(rows[i].b64), bytes, 16, &len),
		    TL_OK);
		assert_int_equal(len, strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, len);
		buf_free(&out);
	}
}

static void bad_base64_is_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "=Zg=",
		"Z===", "====", "Zh==", "Zm9=", "Zg==\n", " Zg==", "Zm-_",
		"Zg==Zg==", "{g==" };
	static const char *const bad_url[] = { "Z", "Zg==", "Zm9v=", "Zh",
		"Zm9", "Zm+/" };
	uint8_t bytes[16];
	size_t len = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    dec_b64(B64_STD, bad[i], strlen(bad[i]), bytes, 16, &len),
		    TL_EFORMAT);
	}
	for (size_t i = 0; i < sizeof(bad_url) / sizeof(bad_url[0]); i++) {
		assert_int_equal(dec_b64(B64_URL, bad_url[i],
				     strlen(bad_url[i]), bytes, 16, &len),
		    TL_EFORMAT);
	}
	assert_int_equal(len, 99);
	assert_int_equal(
	    dec_b64(B64_STD, "Zm9v", 4, bytes, 2, &len), TL_ETOOBIG);
	assert_int_equal(dec_b64(B64_STD, "Zm9v", 4, bytes, 3, &len), TL_OK);
}

static void every_byte_survives_in_both_alphabets(void **state)
{
	uint8_t all[256], back[256];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++) {
		all[i] = (uint8_t)i;
	}
	for (int kind = B64_STD; kind <= B64_URL; kind++) {
		for (size_t n = 250; n <= 256; n++) {
			struct buf out;

			buf_init(&out, 1000);
			enc_b64(&out, (enum b64_kind)kind, all, n);
			assert_int_equal(
			    dec_b64((enum b64_kind)kind, (const char *)out.data,
				out.len, back, sizeof(back), &len),
			    TL_OK);
			assert_int_equal(len, n);
			assert_memory_equal(all, back, n);
			buf_free(&out);
		}
	}
}

static void hex_goes_both_ways_and_is_strict(void **state)
{
	uint8_t bytes[4];
	size_t len = 99;
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	enc_hex(&out, "\x00\x7f\xff", 3);
	assert_memory_equal(out.data, "007fff", 6);
	buf_free(&out);
	assert_int_equal(dec_hex("00aAfF", 6, bytes, 4, &len), TL_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "\x00\xaa\xff", 3);
	len = 99;
	assert_int_equal(dec_hex("0", 1, bytes, 4, &len), TL_EFORMAT);
	assert_int_equal(dec_hex("0g", 2, bytes, 4, &len), TL_EFORMAT);
	assert_int_equal(dec_hex("g0", 2, bytes, 4, &len), TL_EFORMAT);
	assert_int_equal(dec_hex("0011223344", 10, bytes, 4, &len), TL_ETOOBIG);
	assert_int_equal(len, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_go_both_ways),
		cmocka_unit_test(bad_base64_is_refused),
		cmocka_unit_test(every_byte_survives_in_both_alphabets),
		cmocka_unit_test(hex_goes_both_ways_and_is_strict),
	};

	return cmocka_run_group_tests_name("base/enc", tests, NULL, NULL);
}
