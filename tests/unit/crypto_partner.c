/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/partner: what is sealed to a partner's line is opened with the
 * partner's file and passphrase, and with nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/enc.h"
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/partner_key.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define PASSPHRASE "correct ពាក្យសម្ងាត់"

static char *dir;
static char path[512];
static uint8_t public_key[PARTNER_PUBLIC_BYTES];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	(void)snprintf(path, sizeof(path), "%s/partner.key", dir);
	assert_int_equal(partner_key_new(path, bytes_str(PASSPHRASE),
			     pwhash_least, public_key),
	    TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static void what_is_sealed_to_the_line_is_opened_with_the_file(void **state)
{
	static const uint8_t id[16] = { 7 };
	uint8_t sign[KEY_SIGN_BYTES], verify[1][KEY_BYTES], read[64];
	struct partner_key *key = NULL;
	struct sealer *sealer = NULL;
	struct opened opened = { 0 };
	struct buf line, sealed;

	(void)state;
	buf_init(&line, 256);
	buf_init(&sealed, 1u << 16);
	partner_public_put(&line, public_key);
	assert_int_equal(line.len, PARTNER_LINE_CHARS);
	assert_int_equal(
	    partner_public_read(bytes_of(line.data, line.len), read), TL_OK);
	keyfile_new_pair(sign, verify[0]);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])read, 1, sign, &sealer), TL_OK);
	assert_int_equal(
	    sealer_seal(sealer, id,
		&(struct seal_content){ .report = bytes_str("{\"x\":1}") },
		&sealed),
	    TL_OK);
	assert_int_equal(
	    partner_key_unlock(path, bytes_str(PASSPHRASE), &key), TL_OK);
	assert_int_equal(envelope_open_with(partner_key_opens(key),
			     (const uint8_t(*)[32])verify, 1,
			     bytes_of(sealed.data, sealed.len), &opened),
	    ENVELOPE_FINE);
	assert_int_equal(opened.report_len, 7);
	assert_memory_equal(opened.report, "{\"x\":1}", 7);
	assert_true(opened.signed_by_us);
	opened_free(&opened);
	partner_key_free(key);
	sealer_free(sealer);
	buf_free(&sealed);
	buf_free(&line);
}

static void both_public_halves_are_those_of_the_secret(void **state)
{
	struct bytes words = bytes_str("accepted");
	struct partner_key *key = NULL;
	uint8_t read[PARTNER_PUBLIC_BYTES], sig[PARTNER_SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(
	    partner_key_unlock(path, bytes_str(PASSPHRASE), &key), TL_OK);
	assert_memory_equal(
	    teamkey_public(partner_key_opens(key)), public_key, 32);
	assert_int_equal(partner_sign(key, words, sig), TL_OK);
	assert_int_equal(partner_verify(public_key, words, sig), TL_OK);
	assert_int_equal(partner_key_public(path, read), TL_OK);
	assert_memory_equal(read, public_key, sizeof(read));
	partner_key_free(key);
}

static void other_words_and_other_signatures_are_refused(void **state)
{
	struct bytes words = bytes_str("rejected");
	struct partner_key *key = NULL;
	uint8_t sig[PARTNER_SIGNATURE_BYTES];

	(void)state;
	assert_int_equal(
	    partner_key_unlock(path, bytes_str(PASSPHRASE), &key), TL_OK);
	assert_int_equal(partner_sign(key, words, sig), TL_OK);
	assert_int_equal(
	    partner_verify(public_key, bytes_str("accepted"), sig), TL_EPROOF);
	for (size_t i = 0; i < sizeof(sig); i++) {
		sig[i] ^= 4;
		assert_int_equal(
		    partner_verify(public_key, words, sig), TL_EPROOF);
		sig[i] ^= 4;
	}
	partner_key_free(key);
}

static void a_wrong_passphrase_opens_nothing(void **state)
{
	struct partner_key *key = NULL;

	(void)state;
	assert_int_equal(
	    partner_key_unlock(path, bytes_str(PASSPHRASE "."), &key),
	    TL_EPROOF);
	assert_int_equal(
	    partner_key_unlock(path, bytes_str(""), &key), TL_EPROOF);
	assert_null(key);
}

static void a_key_that_is_there_stays(void **state)
{
	uint8_t other[PARTNER_PUBLIC_BYTES];

	(void)state;
	assert_int_equal(
	    partner_key_new(path, bytes_str(PASSPHRASE), pwhash_least, other),
	    TL_EEXIST);
	assert_int_equal(partner_key_public(path, other), TL_OK);
	assert_memory_equal(other, public_key, sizeof(other));
}

static void an_empty_passphrase_makes_no_key(void **state)
{
	uint8_t other[PARTNER_PUBLIC_BYTES];
	char none[600];

	(void)state;
	(void)snprintf(none, sizeof(none), "%s/none.key", dir);
	assert_int_equal(
	    partner_key_new(none, bytes_str(""), pwhash_least, other),
	    TL_EINVAL);
	assert_int_equal(partner_key_public(none, other), TL_ENOENT);
}

static size_t read_text(char text[KEYFILE_MAX_BYTES])
{
	FILE *file = fopen(path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, KEYFILE_MAX_BYTES, file);
	(void)fclose(file);
	return len;
}

static enum tl_err public_of(const char *text, size_t len)
{
	uint8_t read[PARTNER_PUBLIC_BYTES];
	char changed[600];
	FILE *file;
	enum tl_err err;

	(void)snprintf(changed, sizeof(changed), "%s/changed.key", dir);
	file = fopen(changed, "w");
	assert_non_null(file);
	assert_int_equal(chmod(changed, 0600), 0);
	assert_int_equal(fwrite(text, 1, len, file), len);
	(void)fclose(file);
	err = partner_key_public(changed, read);
	assert_int_equal(remove(changed), 0);
	return err;
}

static void a_file_that_was_changed_or_cut_is_refused(void **state)
{
	char text[KEYFILE_MAX_BYTES];
	size_t len = read_text(text);

	(void)state;
	assert_int_equal(public_of(text, len), TL_OK);
	for (size_t i = 0; i < len; i++) {
		assert_int_not_equal(public_of(text, i), TL_OK);
		text[i] ^= 1;
		assert_int_not_equal(public_of(text, len), TL_OK);
		text[i] ^= 1;
	}
}

static void a_file_that_others_may_read_is_refused(void **state)
{
	uint8_t read[PARTNER_PUBLIC_BYTES];

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(partner_key_public(path, read), TL_EPERM);
	assert_int_equal(chmod(path, 0600), 0);
}

/* Whoever seals to a point of small order seals to everybody. */
static void a_line_that_no_secret_belongs_to_is_refused(void **state)
{
	uint8_t odd[PARTNER_PUBLIC_BYTES], read[PARTNER_PUBLIC_BYTES];
	static const size_t halves[] = { 0, PARTNER_SEAL_BYTES };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (uint8_t low = 0; low < 2; low++) {
			struct buf line;

			memcpy(odd, public_key, sizeof(odd));
			memset(odd + halves[i], 0, 32);
			odd[halves[i]] = low;
			buf_init(&line, 256);
			partner_public_put(&line, odd);
			assert_int_equal(
			    partner_public_read(
				bytes_of(line.data, line.len), read),
			    TL_EFORMAT);
			buf_free(&line);
		}
	}
	assert_int_equal(
	    partner_public_read(bytes_str("AAAA"), read), TL_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_sealed_to_the_line_is_opened_with_the_file),
		cmocka_unit_test(both_public_halves_are_those_of_the_secret),
		cmocka_unit_test(other_words_and_other_signatures_are_refused),
		cmocka_unit_test(a_wrong_passphrase_opens_nothing),
		cmocka_unit_test(a_key_that_is_there_stays),
		cmocka_unit_test(an_empty_passphrase_makes_no_key),
		cmocka_unit_test(a_file_that_was_changed_or_cut_is_refused),
		cmocka_unit_test(a_file_that_others_may_read_is_refused),
		cmocka_unit_test(a_line_that_no_secret_belongs_to_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
