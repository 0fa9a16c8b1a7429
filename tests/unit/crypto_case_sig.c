/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* crypto/case_sig: what one desk signs, those who have its key believe. */
#include "crypto/case_sig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <string.h>

#include <cmocka.h>

#include "crypto/keyfile.h"
#include "crypto/receipt.h"
#include "crypto/start.h"
#include "crypto/verify.h"

static uint8_t sign[2][KEY_SIGN_BYTES];
static uint8_t verify[2][KEY_BYTES];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	for (int i = 0; i < 2; i++) {
		keyfile_new_pair(sign[i], verify[i]);
	}
	return 0;
}

static bool holds(size_t n, struct bytes said, const uint8_t *sig)
{
	return case_sig_holds((const uint8_t(*)[32])verify, n, said, sig);
}

static void what_any_of_the_keys_signed_holds(void **state)
{
	uint8_t sig[64];
	const struct bytes said = bytes_str("closed");

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(case_sig_make(sign[i], said, sig), TL_OK);
		assert_true(holds(2, said, sig));
	}
	assert_false(holds(1, said, sig)); /* the second key is not known */
	assert_false(holds(0, said, sig));
}

static void every_flipped_bit_and_each_cut_is_seen(void **state)
{
	uint8_t said[CASE_SIG_MOST_BYTES + 1] = "open, of priority 1";
	const size_t len = 30;
	uint8_t sig[64];

	(void)state;
	assert_int_equal(
	    case_sig_make(sign[0], bytes_of(said, len), sig), TL_OK);
	for (size_t bit = 0; bit < len * 8; bit++) {
		said[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(holds(2, bytes_of(said, len), sig));
		said[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < sizeof(sig) * 8; bit++) {
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(holds(2, bytes_of(said, len), sig));
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t cut = 0; cut < len; cut++) {
		assert_false(holds(2, bytes_of(said, cut), sig));
	}
	assert_int_equal(
	    case_sig_make(sign[0], bytes_of(said, sizeof(said)), sig),
	    TL_ETOOBIG);
	assert_false(holds(2, bytes_of(said, sizeof(said)), sig));
}

/* Somebody sends a "tip" for whose receipt they would have a case signed. */
static void a_receipt_is_no_change_of_a_case(void **state)
{
	uint8_t message[RECEIPT_MESSAGE_BYTES];
	const uint8_t id[16] = { 1 };
	const uint8_t hash[32] = { 2 };
	uint8_t sig[64];

	(void)state;
	assert_int_equal(receipt_sign(sign[0], id, hash, sig), TL_OK);
	receipt_message(message, id, hash);
	assert_false(holds(2, bytes_of(message, sizeof(message)), sig));
	assert_false(holds(2, bytes_of(message + 19, 48), sig));
}

static void without_a_key_nothing_is_signed(void **state)
{
	const uint8_t none[KEY_SIGN_BYTES] = { 0 };
	uint8_t sig[64];

	(void)state;
	assert_int_equal(case_sig_make(none, bytes_str("x"), sig), TL_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_any_of_the_keys_signed_holds),
		cmocka_unit_test(every_flipped_bit_and_each_cut_is_seen),
		cmocka_unit_test(a_receipt_is_no_change_of_a_case),
		cmocka_unit_test(without_a_key_nothing_is_signed),
	};

	return cmocka_run_group_tests_name(
	    "crypto/case_sig", tests, set_up, NULL);
}
