/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring: the right passphrase alone opens it, and an epoch that was
 * destroyed is gone for whoever has the file.
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
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/open.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "tests/lib/rings.h"
#include "tests/lib/tempdir.h"

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

static void the_right_passphrase_alone_opens_every_epoch(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read = rings_again(ring);

	(void)state;
	assert_null(ring_secret(read));
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE " ")),
	    TL_EPROOF);
	assert_int_equal(
	    ring_unlock(read, bytes_str(RINGS_OFFICER), bytes_str("")),
	    TL_EPROOF);
	assert_null(ring_secret(read));
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_OK);
	assert_int_equal(ring_n(read), RINGS_EPOCHS);
	assert_int_equal(ring_list_number(read), 12);
	for (size_t i = 0; i < RINGS_EPOCHS; i++) {
		const struct team_key *key = NULL, *same = NULL;
		size_t found = RINGS_EPOCHS;
		uint8_t id[RING_KEY_ID_BYTES];

		assert_int_equal(ring_key(read, i, &key), TL_OK);
		assert_memory_equal(teamkey_public(key), rings_public[i], 32);
		assert_int_equal(ring_key(read, i, &same), TL_OK);
		assert_ptr_equal(key, same);
		envelope_key_id(id, rings_public[i]);
		assert_int_equal(ring_find(read, id, &found), TL_OK);
		assert_int_equal(found, i);
	}
	ring_free(read);
	ring_free(ring);
	ring_free(NULL);
}

static void epochs_come_one_after_the_other(void **state)
{
	struct ring *ring = rings_make();
	uint8_t key[32] = { 7 };

	(void)state;
	assert_int_equal(ring_add(ring, 7999, 9000, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, 8000, 8000, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, 9000, 8500, key), TL_EINVAL);
	assert_int_equal(ring_add(ring, -1, 9000, key), TL_EINVAL);
	assert_int_equal(key[0], 7);
	assert_int_equal(ring_add(ring, 9000, 9500, key), TL_OK); /* a gap */
	for (size_t i = ring_n(ring); i < RING_EPOCHS_MAX; i++) {
		int64_t start_s = 9500 + (int64_t)i;

		assert_int_equal(
		    ring_add(ring, start_s, start_s + 1, key), TL_OK);
	}
	assert_int_equal(ring_add(ring, 90000, 90001, key), TL_EFULL);
	/* a full ring can be read again */
	ring_free(rings_again(ring));
	ring_free(ring);
}

static void a_full_ring_forgets_what_is_destroyed(void **state)
{
	struct ring *ring = rings_make();
	const struct team_key *team = NULL;
	uint8_t key[32], third[32], id[RING_KEY_ID_BYTES];
	size_t found = 0;

	(void)state;
	for (size_t i = ring_n(ring); i < RING_EPOCHS_MAX; i++) {
		int64_t start_s = 9500 + (int64_t)i;

		assert_int_equal(
		    ring_add(ring, start_s, start_s + 1, key), TL_OK);
	}
	assert_int_equal(ring_add(ring, 90000, 90001, key), TL_EFULL);
	assert_int_equal(ring_destroy(ring, 1, 777), TL_OK);
	memcpy(third, ring_epoch(ring, 2)->public_key, sizeof(third));
	assert_int_equal(ring_add(ring, 90000, 90001, key), TL_OK);
	assert_int_equal(ring_n(ring), RING_EPOCHS_MAX);
	assert_memory_equal(
	    ring_epoch(ring, 1)->public_key, third, sizeof(third));
	envelope_key_id(id, third);
	assert_int_equal(ring_find(ring, id, &found), TL_OK);
	assert_int_equal(found, 1);
	assert_int_equal(ring_key(ring, found, &team), TL_OK);
	assert_memory_equal(teamkey_public(team), third, sizeof(third));
	envelope_key_id(id, key);
	assert_int_equal(ring_find(ring, id, &found), TL_OK);
	assert_int_equal(found, RING_EPOCHS_MAX - 1);
	assert_int_equal(ring_add(ring, 90001, 90002, key), TL_EFULL);
	ring_free(ring);
}

static void a_destroyed_epoch_is_gone_and_on_record(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read;
	const struct team_key *key = NULL;
	uint8_t id[RING_KEY_ID_BYTES];
	uint8_t wrapped[WRAP_BYTES];
	struct buf text, gone;
	size_t found = 7;

	(void)state;
	memcpy(wrapped, ring_epoch(ring, 1)->wrapped, sizeof(wrapped));
	assert_int_equal(ring_destroy(ring, 1, 777), TL_OK);
	assert_int_equal(ring_destroy(ring, 1, 778), TL_ENOENT);
	assert_int_equal(ring_key(ring, 1, &key), TL_ESTALE);
	buf_init(&text, RING_MAX_BYTES);
	buf_init(&gone, 1024);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	enc_b64(&gone, B64_STD, wrapped + 24, 24);
	assert_null(memmem(text.data, text.len, gone.data, gone.len));
	read = rings_again(ring);
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_OK);
	assert_int_equal(ring_epoch(read, 1)->destroyed_s, 777);
	envelope_key_id(id, rings_public[1]);
	assert_int_equal(ring_find(read, id, &found), TL_ESTALE);
	assert_int_equal(found, 7);
	assert_int_equal(ring_key(read, 1, &key), TL_ESTALE);
	assert_int_equal(ring_key(read, 0, &key), TL_OK);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	buf_free(&text);
	buf_free(&gone);
	ring_free(read);
	ring_free(ring);
}

static void every_flipped_bit_and_every_cut_is_refused(void **state)
{
	struct ring *ring = rings_make();
	struct ring *got = NULL;
	struct buf text;

	(void)state;
	assert_int_equal(ring_destroy(ring, 0, 777), TL_OK);
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    ring_parse(bytes_of(text.data, text.len), &got),
		    TL_EFORMAT);
		text.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t len = 0; len < text.len; len++) {
		uint8_t *cut = malloc(len + (len == 0));

		assert_non_null(cut);
		memcpy(cut, text.data, len);
		assert_int_equal(
		    ring_parse(bytes_of(cut, len), &got), TL_EFORMAT);
		free(cut);
	}
	assert_null(got);
	buf_free(&text);
	ring_free(ring);
}

/* All lines of the ring with the wraps of two epochs exchanged, under a
 * fitting check line: each is bound to its times and its public key. */
static void a_secret_does_not_open_in_another_place(void **state)
{
	struct ring *ring = rings_make();
	struct ring *read = NULL;
	const struct team_key *key = NULL;
	uint8_t *first, *second, kept[96];
	struct buf text;

	(void)state;
	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	first = memmem(text.data, text.len, "\nepoch 5000 6000 ", 17);
	second = memmem(text.data, text.len, "\nepoch 6000 7000 ", 17);
	assert_non_null(first);
	assert_non_null(second);
	memcpy(kept, first + 17 + 45, sizeof(kept));
	memcpy(first + 17 + 45, second + 17 + 45, sizeof(kept));
	memcpy(second + 17 + 45, kept, sizeof(kept));
	text.len -= 6 + 16 + 1;
	keytext_put_check(&text);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	assert_int_equal(ring_unlock(read, bytes_str(RINGS_OFFICER),
			     bytes_str(RINGS_PASSPHRASE)),
	    TL_OK);
	assert_int_equal(ring_key(read, 0, &key), TL_EPROOF);
	assert_int_equal(ring_key(read, 1, &key), TL_EPROOF);
	assert_int_equal(ring_key(read, 2, &key), TL_OK);
	buf_free(&text);
	ring_free(read);
	ring_free(ring);
}

static void the_ring_key_alone_opens_its_own_ring(void **state)
{
	struct ring *ring = rings_make();
	struct ring *other = rings_make();
	struct ring *locked = rings_again(ring);
	const struct team_key *key = NULL;

	(void)state;
	assert_int_equal(
	    ring_unlock_with(locked, ring_secret(other)), TL_EPROOF);
	assert_null(ring_secret(locked));
	assert_int_equal(ring_unlock_with(locked, ring_secret(ring)), TL_OK);
	assert_int_equal(ring_key(locked, 0, &key), TL_OK);
	ring_free(locked);
	ring_free(other);
	ring_free(ring);
}

static void a_file_is_written_over_when_it_is_replaced(void **state)
{
	const char *path = tempdir_path(dir, "team.ring");
	struct ring *ring = rings_make();
	struct ring *read = NULL;
	struct stat st;
	char bytes[64];
	FILE *old;

	(void)state;
	assert_int_equal(ring_save(ring, path, false), TL_OK);
	assert_int_equal(ring_save(ring, path, false), TL_EEXIST);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	old = fopen(path, "rb"); /* keeps the old file's bytes in reach */
	assert_non_null(old);
	assert_int_equal(ring_destroy(ring, 0, 777), TL_OK);
	assert_int_equal(ring_save(ring, path, true), TL_OK);
	while (fread(bytes, 1, 1, old) == 1) {
		assert_int_equal(bytes[0], 0);
	}
	(void)fclose(old);
	assert_int_equal(ring_load(path, &read), TL_OK);
	assert_int_equal(ring_epoch(read, 0)->destroyed_s, 777);
	ring_free(read);
	read = NULL;
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(ring_load(path, &read), TL_EPERM);
	assert_null(read);
	ring_free(ring);
}

static void an_envelope_is_opened_by_the_epoch_that_it_names(void **state)
{
	struct ring *ring = rings_make();
	struct ring *stranger = rings_make();
	struct opened opened = { 0 };
	struct sealer *sealer = NULL;
	uint8_t sign[KEY_SIGN_BYTES], verify[1][KEY_BYTES];
	uint8_t both[2][32];
	uint8_t id[16] = { 1 };
	const struct seal_content help = { .report = bytes_str("help") };
	struct bytes envelope;
	struct buf sealed;

	(void)state;
	/* rings_public is the second ring's now */
	keyfile_new_pair(sign, verify[0]);
	memcpy(both[0], ring_epoch(ring, 1)->public_key, 32);
	memcpy(both[1], rings_public[2], 32);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])both, 2, sign, &sealer), TL_OK);
	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(sealer, id, &help, &sealed), TL_OK);
	envelope = bytes_of(sealed.data, sealed.len);
	assert_int_equal(envelope_open_ring(ring, (const uint8_t(*)[32])verify,
			     1, envelope, &opened),
	    ENVELOPE_FINE);
	assert_memory_equal(opened.report, "help", 4);
	opened_free(&opened);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	/* one team's epoch goes, the other team can still read */
	assert_int_equal(ring_destroy(ring, 1, 777), TL_OK);
	assert_int_equal(envelope_open_ring(ring, NULL, 0, envelope, &opened),
	    ENVELOPE_DESTROYED);
	assert_int_equal(envelope_fault_err(ENVELOPE_DESTROYED), TL_ESTALE);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	/* from now on to another epoch of the first team only */
	assert_int_equal(
	    sealer_change(sealer, (const uint8_t(*)[32])both, 0), TL_EINVAL);
	memcpy(both[0], ring_epoch(ring, 2)->public_key, 32);
	assert_int_equal(
	    sealer_change(sealer, (const uint8_t(*)[32])both, 1), TL_OK);
	buf_reset(&sealed);
	assert_int_equal(sealer_seal(sealer, id, &help, &sealed), TL_OK);
	envelope = bytes_of(sealed.data, sealed.len);
	assert_int_equal(envelope_open_ring(ring, NULL, 0, envelope, &opened),
	    ENVELOPE_FINE);
	opened_free(&opened);
	assert_int_equal(
	    envelope_open_ring(stranger, NULL, 0, envelope, &opened),
	    ENVELOPE_STRANGER);
	sealer_free(sealer);
	buf_free(&sealed);
	ring_free(ring);
	ring_free(stranger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_passphrase_alone_opens_every_epoch),
		cmocka_unit_test(epochs_come_one_after_the_other),
		cmocka_unit_test(a_full_ring_forgets_what_is_destroyed),
		cmocka_unit_test(a_destroyed_epoch_is_gone_and_on_record),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_refused),
		cmocka_unit_test(a_secret_does_not_open_in_another_place),
		cmocka_unit_test(the_ring_key_alone_opens_its_own_ring),
		cmocka_unit_test(a_file_is_written_over_when_it_is_replaced),
		cmocka_unit_test(
		    an_envelope_is_opened_by_the_epoch_that_it_names),
	};

	return cmocka_run_group_tests_name(
	    "crypto/ring", tests, set_up, tear_down);
}
