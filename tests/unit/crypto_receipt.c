/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/receipt, crypto/verify: the spool forgets a record on this and on
 * nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/receipt.h"
#include "crypto/start.h"
#include "crypto/verify.h"

static uint8_t sign_key[64];
static uint8_t key[32];
static uint8_t id[16];
static uint8_t hash[32];
static uint8_t sig[64];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	keyfile_new_pair(sign_key, key);
	random_bytes(id, sizeof(id));
	random_bytes(hash, sizeof(hash));
	assert_int_equal(receipt_sign(sign_key, id, hash, sig), TL_OK);
	return 0;
}

static void a_signed_receipt_verifies(void **state)
{
	(void)state;
	assert_int_equal(receipt_verify(key, id, hash, sig), TL_OK);
}

static void assert_every_bit_counts(uint8_t *bytes, size_t len)
{
	for (size_t bit = 0; bit < len * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(receipt_verify(key, id, hash, sig), TL_EPROOF);
		bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
}

static void another_id_hash_key_or_signature_does_not(void **state)
{
	(void)state;
	assert_every_bit_counts(id, sizeof(id));
	assert_every_bit_counts(hash, sizeof(hash));
	assert_every_bit_counts(sig, sizeof(sig));
	assert_every_bit_counts(key, sizeof(key));
}

static void the_receipt_of_another_record_does_not(void **state)
{
	uint8_t other_id[16];
	uint8_t other_hash[32];
	uint8_t other_sig[64];

	(void)state;
	random_bytes(other_id, sizeof(other_id));
	random_bytes(other_hash, sizeof(other_hash));
	assert_int_equal(
	    receipt_sign(sign_key, other_id, other_hash, other_sig), TL_OK);
	assert_int_equal(receipt_verify(key, id, hash, other_sig), TL_EPROOF);
	assert_int_equal(receipt_verify(key, other_id, hash, sig), TL_EPROOF);
	assert_int_equal(
	    receipt_verify(key, id, other_hash, other_sig), TL_EPROOF);
}

static void a_stranger_cannot_sign_one(void **state)
{
	uint8_t their_sign[64];
	uint8_t their_key[32];
	uint8_t their_sig[64];

	(void)state;
	keyfile_new_pair(their_sign, their_key);
	assert_int_equal(receipt_sign(their_sign, id, hash, their_sig), TL_OK);
	assert_int_equal(receipt_verify(key, id, hash, their_sig), TL_EPROOF);
}

static void no_key_signs_nothing(void **state)
{
	static const uint8_t none[64];
	uint8_t untouched[64] = { 7 };

	(void)state;
	assert_int_equal(receipt_sign(none, id, hash, untouched), TL_EINVAL);
	assert_int_equal(untouched[0], 7);
	/* the all-zero key accepts no all-zero signature either */
	assert_int_equal(receipt_verify(none, id, hash, none), TL_EPROOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_receipt_verifies),
		cmocka_unit_test(another_id_hash_key_or_signature_does_not),
		cmocka_unit_test(the_receipt_of_another_record_does_not),
		cmocka_unit_test(a_stranger_cannot_sign_one),
		cmocka_unit_test(no_key_signs_nothing),
	};

	return cmocka_run_group_tests_name(
	    "crypto/receipt", tests, set_up, NULL);
}
