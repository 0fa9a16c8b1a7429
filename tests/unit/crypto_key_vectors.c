/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/vectors/keys.json: key files, receipts and codes made by another
 * implementation are what crypto/ reads, verifies and derives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/enc.h"
#include "crypto/code.h"
#include "crypto/code_slow.h"
#include "crypto/keyfile.h"
#include "crypto/receipt.h"
#include "crypto/start.h"
#include "crypto/verify.h"

static json_t *vectors;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	vectors = json_load_file("tests/vectors/keys.json", 0, NULL);
	assert_non_null(vectors);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	assert_non_null(text);
	return text;
}

static void hex_of(
    const json_t *row, const char *name, uint8_t *bytes, size_t len)
{
	const char *text = text_of(row, name);
	size_t got = 0;

	assert_int_equal(dec_hex(text, strlen(text), bytes, len, &got), TL_OK);
	assert_int_equal(got, len);
}

static const char *const kinds[KEY_KINDS] = {
	[KEY_TEAM_IDENTITY] = "team-identity",
	[KEY_INTAKE_SIGN] = "intake-sign",
	[KEY_INTAKE_VERIFY] = "intake-verify",
	[KEY_RECEIPT_SIGN] = "receipt-sign",
	[KEY_RECEIPT_VERIFY] = "receipt-verify",
	[KEY_PEPPER] = "pepper",
	[KEY_DEDUP] = "dedup",
};

static void key_files_of_every_kind_are_read_and_printed_alike(void **state)
{
	json_t *rows = json_object_get(vectors, "key_files");

	(void)state;
	assert_int_equal(json_array_size(rows), KEY_KINDS);
	for (size_t i = 0; i < KEY_KINDS; i++) {
		json_t *row = json_array_get(rows, i);
		enum key_kind kind = (enum key_kind)i;
		const char *text = text_of(row, "text");
		uint8_t want[KEY_MAX_BYTES];
		uint8_t got[KEY_MAX_BYTES];
		struct buf printed;

		assert_string_equal(text_of(row, "kind"), kinds[i]);
		hex_of(row, "key", want, keyfile_key_bytes(kind));
		assert_int_equal(
		    keyfile_parse(bytes_str(text), kind, got), TL_OK);
		assert_memory_equal(got, want, keyfile_key_bytes(kind));
		buf_init(&printed, KEYFILE_MAX_BYTES);
		keyfile_print(&printed, kind, want);
		assert_true(bytes_equal(
		    bytes_of(printed.data, printed.len), bytes_str(text)));
		buf_free(&printed);
	}
}

static void receipts_hold_or_not_as_they_say(void **state)
{
	json_t *rows = json_object_get(vectors, "receipts");

	(void)state;
	assert_true(json_array_size(rows) >= 8);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		bool holds = json_is_true(json_object_get(row, "holds"));
		uint8_t key[32];
		uint8_t id[16];
		uint8_t hash[32];
		uint8_t sig[64];

		hex_of(row, "public", key, sizeof(key));
		hex_of(row, "tip_id", id, sizeof(id));
		hex_of(row, "hash", hash, sizeof(hash));
		hex_of(row, "signature", sig, sizeof(sig));
		assert_int_equal(receipt_verify(key, id, hash, sig),
		    holds ? TL_OK : TL_EPROOF);
		if (holds) {
			uint8_t sign_key[KEY_SIGN_BYTES];
			uint8_t ours[64];
			json_t *file = json_array_get(
			    json_object_get(vectors, "key_files"),
			    KEY_RECEIPT_SIGN);

			hex_of(file, "key", sign_key, sizeof(sign_key));
			assert_int_equal(
			    receipt_sign(sign_key, id, hash, ours), TL_OK);
			assert_memory_equal(ours, sig, sizeof(sig));
		}
	}
}

static void codes_are_derived_alike(void **state)
{
	json_t *rows = json_object_get(vectors, "codes");

	(void)state;
	assert_true(json_array_size(rows) >= 8);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		uint8_t pepper[32];
		uint8_t idem[16];
		uint8_t content[32];
		uint8_t mailbox[CODE_MAILBOX_BYTES];
		uint8_t reply_key[CODE_REPLY_KEY_BYTES];
		struct code code;

		hex_of(row, "pepper", pepper, sizeof(pepper));
		hex_of(row, "idem", idem, sizeof(idem));
		hex_of(row, "content", content, sizeof(content));
		hex_of(row, "mailbox", mailbox, sizeof(mailbox));
		hex_of(row, "reply_key", reply_key, sizeof(reply_key));
		code_derive(pepper, idem, content, &code);
		assert_string_equal(code.digits, text_of(row, "digits"));
		assert_memory_equal(code.mailbox, mailbox, sizeof(mailbox));
		assert_memory_equal(
		    code.reply_key, reply_key, sizeof(reply_key));
	}
}

static void slow_codes_are_derived_alike(void **state)
{
	json_t *rows = json_object_get(vectors, "slow_codes");

	(void)state;
	assert_true(json_array_size(rows) >= 4);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		char digits[CODE_DIGITS_MAX + 1];
		uint8_t pepper[32];
		uint8_t mailbox[CODE_MAILBOX_BYTES];
		uint8_t reply_key[CODE_REPLY_KEY_BYTES];
		uint8_t seed[CODE_SEED_BYTES];
		uint8_t slow[CODE_SLOW_BYTES];
		struct code code;

		hex_of(row, "pepper", pepper, sizeof(pepper));
		hex_of(row, "mailbox", mailbox, sizeof(mailbox));
		hex_of(row, "reply_key", reply_key, sizeof(reply_key));
		assert_int_equal(
		    code_parse(bytes_str(text_of(row, "digits")), digits),
		    TL_OK);
		code_seed(pepper, digits, seed);
		assert_int_equal(code_slow(seed, slow), TL_OK);
		code_finish(pepper, digits, slow, &code);
		assert_string_equal(code.digits, text_of(row, "digits"));
		assert_memory_equal(code.mailbox, mailbox, sizeof(mailbox));
		assert_memory_equal(
		    code.reply_key, reply_key, sizeof(reply_key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    key_files_of_every_kind_are_read_and_printed_alike),
		cmocka_unit_test(receipts_hold_or_not_as_they_say),
		cmocka_unit_test(codes_are_derived_alike),
		cmocka_unit_test(slow_codes_are_derived_alike),
	};

	return cmocka_run_group_tests_name(
	    "crypto/key_vectors", tests, set_up, tear_down);
}
