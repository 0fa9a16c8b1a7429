/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/vectors/team.json: lists, identities and rings made by another
 * implementation are read and refused as it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/enc.h"
#include "crypto/fingerprint.h"
#include "crypto/identity.h"
#include "crypto/ring.h"
#include "crypto/start.h"
#include "crypto/teamlist.h"
#include "tests/lib/tempdir.h"

static json_t *vectors;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	vectors = json_load_file("tests/vectors/team.json", 0, NULL);
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

static int64_t number_of(const json_t *row, const char *name)
{
	assert_true(json_is_integer(json_object_get(row, name)));
	return json_integer_value(json_object_get(row, name));
}

static void key_of(const json_t *row, const char *name, uint8_t key[static 32])
{
	const char *text = text_of(row, name);
	size_t len = 0;

	assert_int_equal(dec_hex(text, strlen(text), key, 32, &len), TL_OK);
	assert_int_equal(len, 32);
}

static void good_lists_are_read_and_used_as_they_say(void **state)
{
	json_t *rows =
	    json_object_get(json_object_get(vectors, "lists"), "good");

	(void)state;
	assert_true(json_array_size(rows) >= 2);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		json_t *times = json_object_get(row, "seal_to");
		struct teamlist *list = NULL;
		uint8_t key[32];

		assert_int_equal(
		    teamlist_parse(bytes_str(text_of(row, "text")), &list),
		    TL_OK);
		key_of(row, "identity", key);
		assert_memory_equal(list->identity, key, 32);
		assert_int_equal(list->number, number_of(row, "number"));
		assert_int_equal(list->end_s, number_of(row, "end"));
		for (size_t j = 0; j < json_array_size(times); j++) {
			json_t *time = json_array_get(times, j);
			size_t at = teamlist_at(list, number_of(time, "time"));

			key_of(time, "public", key);
			assert_memory_equal(
			    list->epochs[at].public_key, key, 32);
		}
		teamlist_free(list);
	}
}

static void bad_lists_are_refused_for_their_reason(void **state)
{
	json_t *rows =
	    json_object_get(json_object_get(vectors, "lists"), "bad");

	(void)state;
	assert_true(json_array_size(rows) >= 18);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		struct teamlist *list = NULL;
		bool proof = strcmp(text_of(row, "error"), "proof") == 0;

		assert_int_equal(
		    teamlist_parse(bytes_str(text_of(row, "text")), &list),
		    proof ? TL_EPROOF : TL_EFORMAT);
		assert_null(list);
	}
}

static void identities_of_every_cost_are_unlocked(void **state)
{
	json_t *rows = json_object_get(vectors, "identities");
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "identity.key");

	(void)state;
	assert_true(json_array_size(rows) >= 3);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		FILE *file = fopen(path, "w");
		uint8_t sign[KEY_SIGN_BYTES], seed[32], public_key[32];

		assert_non_null(file);
		assert_true(fputs(text_of(row, "text"), file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(path, 0600), 0);
		key_of(row, "seed", seed);
		key_of(row, "public", public_key);
		assert_int_equal(
		    identity_unlock(
			path, bytes_str(text_of(row, "passphrase")), sign),
		    TL_OK);
		assert_memory_equal(sign, seed, 32);
		assert_memory_equal(sign + 32, public_key, 32);
	}
	tempdir_remove(dir);
}

static void check_epoch(struct ring *ring, size_t i, const json_t *row)
{
	const struct ring_epoch *epoch = ring_epoch(ring, i);
	const struct team_key *key = NULL;
	uint8_t want[32];

	assert_int_equal(epoch->start_s, number_of(row, "start"));
	assert_int_equal(epoch->end_s, number_of(row, "end"));
	key_of(row, "public", want);
	assert_memory_equal(epoch->public_key, want, 32);
	if (json_object_get(row, "destroyed") != NULL) {
		assert_int_equal(
		    epoch->destroyed_s, number_of(row, "destroyed"));
		assert_int_equal(ring_key(ring, i, &key), TL_ESTALE);
		return;
	}
	key_of(row, "secret", want);
	assert_int_equal(ring_key(ring, i, &key), TL_OK);
	assert_memory_equal(teamkey_secret(key), want, 32);
}

static void check_login(struct ring *ring, const json_t *row)
{
	struct ring_account account;
	const json_t *totp = json_object_get(row, "totp");
	uint8_t want[RING_TOTP_BYTES];
	size_t len = 0;

	assert_int_equal(ring_login(ring, bytes_str(text_of(row, "officer")),
			     bytes_str(text_of(row, "passphrase")), &account),
	    TL_OK);
	assert_string_equal(ring_role_name(account.role), text_of(row, "role"));
	if (!json_is_null(totp)) {
		assert_int_equal(
		    dec_hex(json_string_value(totp), json_string_length(totp),
			want, sizeof(want), &len),
		    TL_OK);
		assert_memory_equal(account.totp, want, sizeof(want));
	}
}

static void rings_are_unlocked_and_hold_what_they_say(void **state)
{
	json_t *rows = json_object_get(vectors, "rings");

	(void)state;
	assert_true(json_array_size(rows) >= 4);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		json_t *epochs = json_object_get(row, "epochs");
		struct ring *ring = NULL;
		uint8_t want[32];

		assert_int_equal(
		    ring_parse(bytes_str(text_of(row, "text")), &ring), TL_OK);
		check_login(ring, row);
		if (json_is_null(json_object_get(row, "ring_key"))) {
			assert_null(ring_secret(ring));
			ring_free(ring);
			continue;
		}
		key_of(row, "ring_key", want);
		assert_memory_equal(ring_secret(ring), want, 32);
		assert_int_equal(
		    ring_list_number(ring), number_of(row, "number"));
		assert_int_equal(ring_n(ring), json_array_size(epochs));
		for (size_t j = 0; j < ring_n(ring); j++) {
			check_epoch(ring, j, json_array_get(epochs, j));
		}
		ring_free(ring);
	}
}

static void fingerprints_are_the_same_everywhere(void **state)
{
	json_t *rows = json_object_get(vectors, "fingerprints");

	(void)state;
	assert_true(json_array_size(rows) >= 3);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		struct fingerprint print;
		uint8_t key[32];

		key_of(row, "public", key);
		fingerprint_of(key, &print);
		assert_string_equal(print.digits, text_of(row, "digits"));
		assert_string_equal(print.words, text_of(row, "words"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lists_are_read_and_used_as_they_say),
		cmocka_unit_test(bad_lists_are_refused_for_their_reason),
		cmocka_unit_test(identities_of_every_cost_are_unlocked),
		cmocka_unit_test(rings_are_unlocked_and_hold_what_they_say),
		cmocka_unit_test(fingerprints_are_the_same_everywhere),
	};

	return cmocka_run_group_tests_name(
	    "crypto/team_vectors", tests, set_up, tear_down);
}
