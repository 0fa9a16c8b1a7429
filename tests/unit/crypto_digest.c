/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/digest, crypto/hash, crypto/random, crypto/secret against the
 * vectors of RFC 2202, RFC 4231, RFC 7693, FIPS 180-4 and the BLAKE2 team.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/enc.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/start.h"

static int set_up(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

static void assert_hex(const uint8_t *got, size_t len, const char *hex)
{
	uint8_t want[64];
	size_t want_len = 0;

	assert_int_equal(
	    dec_hex(hex, strlen(hex), want, sizeof(want), &want_len), TL_OK);
	assert_int_equal(want_len, len);
	assert_memory_equal(got, want, len);
}

/* A key or a message: text, or one byte repeated. */
struct input {
	const char *text;
	uint8_t byte;
	size_t times;
};

static struct bytes bytes_of_input(
    const struct input *input, uint8_t *room, size_t cap)
{
	if (input->text != NULL) {
		return bytes_str(input->text);
	}
	assert_true(input->times <= cap);
	memset(room, input->byte, input->times);
	return bytes_of(room, input->times);
}

struct hmac_row {
	struct input key;
	struct input message;
	const char *sha1;   /* RFC 2202, NULL where it has other inputs */
	const char *sha256; /* RFC 4231 */
};

static const struct hmac_row rows[] = {
	{ { .byte = 0x0b, .times = 20 }, { .text = "Hi There" },
	    "b617318655057264e28bc0b6fb378c8ef146be00",
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7" },
	{ { .text = "Jefe" }, { .text = "what do ya want for nothing?" },
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843" },
	{ { .byte = 0xaa, .times = 20 }, { .byte = 0xdd, .times = 50 },
	    "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
	    "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe" },
	{ { .byte = 0xaa, .times = 80 },
	    { .text = "Test Using Larger Than Block-Size Key - Hash Key"
		      " First" },
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112", NULL },
	{ { .byte = 0xaa, .times = 80 },
	    { .text = "Test Using Larger Than Block-Size Key and Larger Than"
		      " One Block-Size Data" },
	    "e8e99d0f45237d786d6bbaa7965c7808bbff1a91", NULL },
	{ { .byte = 0xaa, .times = 131 },
	    { .text = "Test Using Larger Than Block-Size Key - Hash Key"
		      " First" },
	    NULL,
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54" },
	{ { .byte = 0xaa, .times = 131 },
	    { .text = "This is a test using a larger than block-size key and a"
		      " larger than block-size data. The key needs to be hashed"
		      " before being used by the HMAC algorithm." },
	    NULL,
	    "9b09ffa71b942fcb27635fbcd5b0e944"
	    "bfdc63644f0713938a7f51535c3a35e2" },
};

static void hmacs_are_those_of_the_standards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t key_room[200];
		uint8_t message_room[200];
		struct bytes key =
		    bytes_of_input(&rows[i].key, key_room, sizeof(key_room));
		struct bytes message = bytes_of_input(
		    &rows[i].message, message_room, sizeof(message_room));
		uint8_t mac[32];

		if (rows[i].sha1 != NULL) {
			assert_int_equal(
			    digest_hmac_sha1(mac, key, &message, 1), TL_OK);
			assert_hex(mac, 20, rows[i].sha1);
		}
		if (rows[i].sha256 != NULL) {
			assert_int_equal(
			    digest_hmac_sha256(mac, key, &message, 1), TL_OK);
			assert_hex(mac, 32, rows[i].sha256);
		}
	}
}

static void pieces_are_one_message_wherever_it_is_cut(void **state)
{
	const char *text = "what do ya want for nothing?";
	const size_t len = strlen(text);

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		const struct bytes pieces[] = {
			bytes_of(text, cut),
			bytes_of(NULL, 0),
			bytes_of(text + cut, len - cut),
		};
		uint8_t mac[32];

		assert_int_equal(
		    digest_hmac_sha256(mac, bytes_str("Jefe"), pieces, 3),
		    TL_OK);
		assert_hex(mac, 32, rows[1].sha256);
		assert_int_equal(
		    digest_hmac_sha1(mac, bytes_str("Jefe"), pieces, 3), TL_OK);
		assert_hex(mac, 20, rows[1].sha1);
	}
}

static void an_empty_key_and_no_pieces_are_fine(void **state)
{
	uint8_t mac[32];

	(void)state;
	assert_int_equal(
	    digest_hmac_sha256(mac, bytes_of(NULL, 0), NULL, 0), TL_OK);
	assert_hex(mac, 32,
	    "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad");
	assert_int_equal(
	    digest_hmac_sha1(mac, bytes_of(NULL, 0), NULL, 0), TL_OK);
	assert_hex(mac, 20, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

static void sha256_is_that_of_the_standard(void **state)
{
	uint8_t hash[32];

	(void)state;
	digest_sha256(hash, bytes_str("abc"));
	assert_hex(hash, 32,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	digest_sha256(hash, bytes_of(NULL, 0));
	assert_hex(hash, 32,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

static void every_differing_bit_is_seen(void **state)
{
	uint8_t a[32];
	uint8_t b[32];

	(void)state;
	random_bytes(a, sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(digest_equal(a, b, sizeof(a)));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_false(digest_equal(a, b, sizeof(a)));
		b[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	assert_true(digest_equal(a, b, 0));
}

static void blake2b_is_that_of_its_authors(void **state)
{
	uint8_t key[32];
	uint8_t hash[64];
	uint8_t message[3] = { 0, 1, 2 };

	(void)state;
	hash_bytes(hash, NULL, 0);
	assert_hex(hash, 32,
	    "0e5751c026e543b2e8ab2eb06099daa1"
	    "d1e5df47778f7787faab45cdf12fe3a8");
	hash_bytes(hash, "abc", 3);
	assert_hex(hash, 32,
	    "bddd813c634239723171ef3fee98579b"
	    "94964e3bb1cb3e427262c8c068d52319");
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] = (uint8_t)i;
	}
	/* computed with Python's hashlib.blake2b(key=bytes(range(32))) */
	hash_keyed(hash, 64, key, message, sizeof(message));
	assert_hex(hash, 64,
	    "2346d2f70d774641a330c2a050bae000"
	    "985fb90a6619c5512d609c0531b76971"
	    "0d92b80cf9a544cbdee6d2ab51fc8b6c"
	    "c1839245fb63e074409dec7c0dc330c9");
	hash_keyed(hash, 16, key, message, sizeof(message));
	assert_hex(hash, 16, "194701a386811588a35d83be1f36769c");
	hash_keyed(hash, 32, key, NULL, 0);
	assert_hex(hash, 32,
	    "4e51e7a913fc80137da52880fecca175"
	    "bf81e117d5c68126dc2774033517ea0d");
}

/* RFC 1321, RFC 2202 and RFC 4231: key "Jefe" */
static void each_kind_is_that_of_its_standard(void **state)
{
	static const struct {
		enum digest_kind kind;
		size_t bytes;
		const char *hex;
	} sizes[] = {
		{ DIGEST_MD5, 16, "750c783e6ab0b503eaa86e310a5db738" },
		{ DIGEST_SHA1, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ DIGEST_SHA256, 32,
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ DIGEST_SHA384, 48,
		    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
		    "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
		{ DIGEST_SHA512, 64,
		    "164b7a7bfcf819e2e395fbe73b56e0a3"
		    "87bd64222e831fd610270cd7ea250554"
		    "9758bf75c05a994a6d034f65f8f0e6fd"
		    "caeab1a34d4a6b4b636e070a38bce737" },
	};
	const struct bytes pieces[] = { bytes_str("what do ya want "),
		bytes_str(""), bytes_str("for nothing?") };
	const struct bytes abc[] = { bytes_str("a"), bytes_str("bc") };
	uint8_t out[DIGEST_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(digest_bytes(sizes[i].kind), sizes[i].bytes);
		assert_int_equal(digest_hmac(sizes[i].kind, out,
				     bytes_str("Jefe"), pieces, 3),
		    TL_OK);
		assert_hex(out, sizes[i].bytes, sizes[i].hex);
	}
	assert_int_equal(digest_pieces(DIGEST_MD5, out, abc, 2), TL_OK);
	assert_hex(out, 16, "900150983cd24fb0d6963f7d28e17f72");
}

static void random_numbers_stay_below_their_bound(void **state)
{
	unsigned seen[7] = { 0 };

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		uint32_t n = random_below(7);

		assert_true(n < 7);
		seen[n]++;
	}
	for (size_t i = 0; i < 7; i++) {
		assert_true(seen[i] > 100); /* 286 expected */
	}
	assert_int_equal(random_below(0), 0);
	assert_int_equal(random_below(1), 0);
}

static void secret_memory_is_zero_and_aligned(void **state)
{
	(void)state;
	for (size_t len = 0; len < 70; len++) {
		uint8_t *p = secret_alloc(len);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < len; i++) {
			assert_int_equal(p[i], 0);
		}
		memset(p, 0xff, len);
		secret_free(p);
	}
	assert_null(secret_alloc(SIZE_MAX));
	secret_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmacs_are_those_of_the_standards),
		cmocka_unit_test(pieces_are_one_message_wherever_it_is_cut),
		cmocka_unit_test(an_empty_key_and_no_pieces_are_fine),
		cmocka_unit_test(sha256_is_that_of_the_standard),
		cmocka_unit_test(every_differing_bit_is_seen),
		cmocka_unit_test(blake2b_is_that_of_its_authors),
		cmocka_unit_test(each_kind_is_that_of_its_standard),
		cmocka_unit_test(random_numbers_stay_below_their_bound),
		cmocka_unit_test(secret_memory_is_zero_and_aligned),
	};

	return cmocka_run_group_tests_name(
	    "crypto/digest", tests, set_up, NULL);
}
