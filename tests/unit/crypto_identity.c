/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/identity: the right passphrase alone opens it, and damage is not
 * taken for a wrong one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define PASSPHRASE "ពាក្យសម្ងាត់ is long"

static char *dir;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static void the_identity_opens_with_its_passphrase_only(void **state)
{
	const char *path = tempdir_path(dir, "identity.key");
	uint8_t seed[IDENTITY_SEED_BYTES] = { 3 };
	uint8_t sign[KEY_SIGN_BYTES] = { 7 }, want[KEY_SIGN_BYTES];
	struct ring *ring = NULL;

	(void)state;
	identity_of_seed(seed, want);
	assert_int_equal(
	    identity_save(path, false, seed, bytes_str(""), pwhash_least),
	    TL_EINVAL);
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_OK);
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_EEXIST);
	assert_int_equal(
	    identity_unlock(path, bytes_str("another"), sign), TL_EPROOF);
	assert_int_equal(sign[0], 7);
	assert_int_equal(
	    identity_unlock(path, bytes_str(PASSPHRASE), sign), TL_OK);
	assert_memory_equal(sign, want, sizeof(want));
	assert_int_equal(
	    identity_save(path, true, seed, bytes_str("another"), pwhash_least),
	    TL_OK);
	assert_int_equal(
	    identity_unlock(path, bytes_str("another"), sign), TL_OK);
	/* neither is taken for the other */
	assert_int_equal(ring_load(path, &ring), TL_EINVAL);
	assert_int_equal(unlink(path), 0);
	/* without epochs it is as short as an identity may be */
	assert_int_equal(
	    ring_new("sok.1", bytes_str(PASSPHRASE), pwhash_least, &ring),
	    TL_OK);
	assert_int_equal(ring_save(ring, path, false), TL_OK);
	assert_int_equal(
	    identity_unlock(path, bytes_str(PASSPHRASE), sign), TL_EINVAL);
	ring_free(ring);
}

static void every_damage_of_the_identity_is_told_from_a_wrong_passphrase(
    void **state)
{
	const char *path = tempdir_path(dir, "damage");
	uint8_t seed[IDENTITY_SEED_BYTES] = { 3 };
	uint8_t text[KEYFILE_MAX_BYTES];
	struct identity_file file;
	size_t len;
	FILE *in;

	(void)state;
	assert_int_equal(identity_save(path, false, seed, bytes_str(PASSPHRASE),
			     pwhash_least),
	    TL_OK);
	in = fopen(path, "rb");
	assert_non_null(in);
	len = fread(text, 1, sizeof(text), in);
	(void)fclose(in);
	assert_int_equal(identity_parse(bytes_of(text, len), &file), TL_OK);
	for (size_t bit = 0; bit < len * 8; bit++) {
		text[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    identity_parse(bytes_of(text, len), &file), TL_EFORMAT);
		text[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + (cut == 0));

		assert_non_null(copy);
		memcpy(copy, text, cut);
		assert_int_equal(
		    identity_parse(bytes_of(copy, cut), &file), TL_EFORMAT);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_identity_opens_with_its_passphrase_only),
		cmocka_unit_test(
		    every_damage_of_the_identity_is_told_from_a_wrong_passphrase),
	};

	return cmocka_run_group_tests_name(
	    "crypto/identity", tests, set_up, tear_down);
}
