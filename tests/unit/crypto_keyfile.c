/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/keyfile, crypto/pwhash: a key that loads is whole,
 * of its kind, and was nobody else's to read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/keyfile.h"
#include "crypto/pwhash.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

static char *dir;
static uint8_t keys[KEY_KINDS][KEY_MAX_BYTES];

static int set_up(void **state)
{
	uint8_t sign[KEY_SIGN_BYTES];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	dir = tempdir_make();
	random_bytes(keys[KEY_PEPPER], 32);
	random_bytes(keys[KEY_DEDUP], 32);
	keyfile_new_pair(sign, keys[KEY_TEAM_IDENTITY]);
	keyfile_new_pair(keys[KEY_INTAKE_SIGN], keys[KEY_INTAKE_VERIFY]);
	keyfile_new_pair(keys[KEY_RECEIPT_SIGN], keys[KEY_RECEIPT_VERIFY]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static enum key_kind kind_of(size_t i)
{
	return (enum key_kind)i;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void write_file(
    const char *path, const void *bytes, size_t len, mode_t mode)
{
	FILE *file;

	(void)unlink(path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void every_kind_is_saved_and_loaded(void **state)
{
	(void)state;
	(void)umask(077);
	for (size_t i = 0; i < KEY_KINDS; i++) {
		const char *path = tempdir_path(dir, "kind");
		uint8_t got[KEY_MAX_BYTES] = { 0 };
		size_t len = keyfile_key_bytes(kind_of(i));

		assert_int_equal(
		    keyfile_save(path, kind_of(i), keys[i]), TL_OK);
		assert_int_equal(
		    mode_of(path), keyfile_is_secret(kind_of(i)) ? 0600 : 0644);
		assert_int_equal(keyfile_load(path, kind_of(i), got), TL_OK);
		assert_memory_equal(got, keys[i], len);
		assert_int_equal(unlink(path), 0);
	}
}

/* A public half that somebody sent by mail. */
static void line_ends_of_a_mail_program_are_taken(void **state)
{
	const char *path = tempdir_path(dir, "mail");
	uint8_t mailed[2 * KEYFILE_MAX_BYTES], got[KEY_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < KEY_KINDS; i++) {
		struct buf text;
		size_t n = 0;

		buf_init(&text, KEYFILE_MAX_BYTES);
		keyfile_print(&text, kind_of(i), keys[i]);
		for (size_t j = 0; j < text.len; j++) {
			if (text.data[j] == '\n') {
				mailed[n++] = '\r';
			}
			mailed[n++] = text.data[j];
		}
		buf_free(&text);
		write_file(path, mailed, n, 0600);
		assert_int_equal(keyfile_load(path, kind_of(i), got), TL_OK);
		assert_memory_equal(
		    got, keys[i], keyfile_key_bytes(kind_of(i)));
		mailed[n - 2] = '\n'; /* two line ends are one too many */
		write_file(path, mailed, n, 0600);
		assert_int_equal(
		    keyfile_load(path, kind_of(i), got), TL_EFORMAT);
		mailed[3] = '\r'; /* and a return elsewhere is none */
		mailed[n - 2] = '\r';
		write_file(path, mailed, n, 0600);
		assert_int_equal(
		    keyfile_load(path, kind_of(i), got), TL_EFORMAT);
	}
}

static void what_is_there_is_never_overwritten(void **state)
{
	const char *path = tempdir_path(dir, "twice");
	uint8_t got[32];

	(void)state;
	assert_int_equal(
	    keyfile_save(path, KEY_PEPPER, keys[KEY_PEPPER]), TL_OK);
	assert_int_equal(
	    keyfile_save(path, KEY_PEPPER, keys[KEY_DEDUP]), TL_EEXIST);
	assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_OK);
	assert_memory_equal(got, keys[KEY_PEPPER], 32);
}

static void one_kind_is_not_taken_for_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_KINDS; i++) {
		struct buf text;

		buf_init(&text, KEYFILE_MAX_BYTES);
		keyfile_print(&text, kind_of(i), keys[i]);
		for (size_t j = 0; j < KEY_KINDS; j++) {
			uint8_t got[KEY_MAX_BYTES];

			assert_int_equal(
			    keyfile_parse(
				bytes_of(text.data, text.len), kind_of(j), got),
			    i == j ? TL_OK : TL_EINVAL);
		}
		buf_free(&text);
	}
}

static void secret_files_that_others_may_read_are_refused(void **state)
{
	static const mode_t good[] = { 0600, 0400, 0440 };
	static const mode_t bad[] = { 0644, 0640, 0604, 0660, 0602, 0700, 0444,
		04600 };
	const char *path = tempdir_path(dir, "modes");
	uint8_t got[32] = { 7 };

	(void)state;
	assert_int_equal(
	    keyfile_save(path, KEY_PEPPER, keys[KEY_PEPPER]), TL_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_EPERM);
		assert_int_equal(got[0], 7);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(chmod(path, good[i]), 0);
		assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_OK);
	}
}

static void a_public_file_that_anybody_may_write_is_refused(void **state)
{
	const char *path = tempdir_path(dir, "writable");
	uint8_t got[32];

	(void)state;
	assert_int_equal(
	    keyfile_save(path, KEY_TEAM_IDENTITY, keys[KEY_TEAM_IDENTITY]),
	    TL_OK);
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(keyfile_load(path, KEY_TEAM_IDENTITY, got), TL_EPERM);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(keyfile_load(path, KEY_TEAM_IDENTITY, got), TL_OK);
}

static void what_is_no_file_has_its_own_error(void **state)
{
	const char *path = tempdir_path(dir, "pipe");
	uint8_t got[32];

	(void)state;
	assert_int_equal(
	    keyfile_load(tempdir_path(dir, "none"), KEY_PEPPER, got),
	    TL_ENOENT);
	assert_int_equal(keyfile_load(dir, KEY_PEPPER, got), TL_EFORMAT);
	/* a pipe nobody writes to must not hold us up */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_EFORMAT);
	assert_int_equal(keyfile_save(tempdir_path(dir, "none/x"), KEY_PEPPER,
			     keys[KEY_PEPPER]),
	    TL_ENOENT);
}

/* Every flipped bit, every cut, one byte more: refused, output untouched. */
static void assert_every_damage_refused(
    const struct buf *text, enum key_kind kind)
{
	for (size_t bit = 0; bit < text->len * 8; bit++) {
		uint8_t got[KEY_MAX_BYTES] = { 7 };

		text->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_int_equal(
		    keyfile_parse(bytes_of(text->data, text->len), kind, got),
		    TL_EFORMAT);
		assert_int_equal(got[0], 7);
		text->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t len = 0; len < text->len; len++) {
		uint8_t *cut = malloc(len + (len == 0));
		uint8_t got[KEY_MAX_BYTES];

		assert_non_null(cut);
		memcpy(cut, text->data, len);
		assert_int_equal(
		    keyfile_parse(bytes_of(cut, len), kind, got), TL_EFORMAT);
		free(cut);
	}
}

static void every_damage_of_a_key_file_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEY_KINDS; i++) {
		uint8_t got[KEY_MAX_BYTES];
		struct buf text;

		buf_init(&text, KEYFILE_MAX_BYTES);
		keyfile_print(&text, kind_of(i), keys[i]);
		assert_every_damage_refused(&text, kind_of(i));
		buf_put_u8(&text, '\n');
		assert_int_equal(keyfile_parse(bytes_of(text.data, text.len),
				     kind_of(i), got),
		    TL_EFORMAT);
		buf_free(&text);
	}
}

static void a_giant_file_is_refused(void **state)
{
	const char *path = tempdir_path(dir, "giant");
	uint8_t *giant = calloc(1, 1 << 20);
	uint8_t got[32];

	(void)state;
	assert_non_null(giant);
	write_file(path, giant, 1 << 20, 0600);
	assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_EFORMAT);
	write_file(path, giant, 0, 0600);
	assert_int_equal(keyfile_load(path, KEY_PEPPER, got), TL_EFORMAT);
	free(giant);
}

static void a_key_that_is_none_is_neither_saved_nor_loaded(void **state)
{
	static const uint8_t zero[KEY_MAX_BYTES];
	uint8_t mixed[KEY_SIGN_BYTES];
	uint8_t got[KEY_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < KEY_KINDS; i++) {
		struct buf text;

		assert_int_equal(
		    keyfile_save(tempdir_path(dir, "zero"), kind_of(i), zero),
		    TL_EINVAL);
		buf_init(&text, KEYFILE_MAX_BYTES);
		keyfile_print(&text, kind_of(i), zero);
		assert_int_equal(keyfile_parse(bytes_of(text.data, text.len),
				     kind_of(i), got),
		    TL_EFORMAT);
		buf_free(&text);
	}
	assert_int_not_equal(access(tempdir_path(dir, "zero"), F_OK), 0);
	/* the seed of one pair with the public half of another */
	memcpy(mixed, keys[KEY_INTAKE_SIGN], 32);
	memcpy(mixed + 32, keys[KEY_RECEIPT_VERIFY], 32);
	assert_int_equal(
	    keyfile_save(tempdir_path(dir, "mixed"), KEY_INTAKE_SIGN, mixed),
	    TL_EINVAL);
}

static void a_cost_out_of_bounds_is_never_paid(void **state)
{
	static const struct pwhash_cost bad[] = { { 0, 8 }, { 17, 8 }, { 1, 7 },
		{ 1, 1024 * 1024 + 1 }, { UINT32_MAX, UINT32_MAX } };
	uint8_t key[PWHASH_KEY_BYTES];
	const uint8_t salt[PWHASH_SALT_BYTES] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(pwhash_cost_ok(bad[i]));
		assert_int_equal(
		    pwhash_derive(key, bytes_str("x"), salt, bad[i]),
		    TL_EINVAL);
	}
	assert_true(pwhash_cost_ok(pwhash_moderate));
	assert_true(pwhash_cost_ok(pwhash_least));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_saved_and_loaded),
		cmocka_unit_test(line_ends_of_a_mail_program_are_taken),
		cmocka_unit_test(what_is_there_is_never_overwritten),
		cmocka_unit_test(one_kind_is_not_taken_for_another),
		cmocka_unit_test(secret_files_that_others_may_read_are_refused),
		cmocka_unit_test(
		    a_public_file_that_anybody_may_write_is_refused),
		cmocka_unit_test(what_is_no_file_has_its_own_error),
		cmocka_unit_test(every_damage_of_a_key_file_is_seen),
		cmocka_unit_test(a_giant_file_is_refused),
		cmocka_unit_test(
		    a_key_that_is_none_is_neither_saved_nor_loaded),
		cmocka_unit_test(a_cost_out_of_bounds_is_never_paid),
	};

	return cmocka_run_group_tests_name(
	    "crypto/keyfile", tests, set_up, tear_down);
}
